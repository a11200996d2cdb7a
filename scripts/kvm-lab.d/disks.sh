disks_dir() { echo $CACHE/disks/x; }
disks_ready() { :; }

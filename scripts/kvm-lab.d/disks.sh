# Disks: package trees become partitioned images here, and self-booting ones in the builder. Cached as qcow2.

# The key is what the disks are made of: the trees and these scripts. A lab that stands keeps to the disks it was made
# from, whatever was edited since.
disks_dir() {
  local key
  key=$(recorded disks || true)
  if [[ -d $key ]]; then
    printf '%s' "$key"
    return 0
  fi
  key=$({ tree_dir source; tree_dir golden; cat "$parts"/{machines,disks,builder-init,world}.sh; cat "$CACHE/keys/lab.pub" 2>/dev/null; } | sha256sum | cut -c1-12)
  printf '%s/disks/%s' "$CACHE" "$key"
}

DISK_NAMES=(golden web1 files1 files1-data db1)
MACHINES=(web1 files1 db1 golden)

disks_ready() {
  local accel=$1 done_dir build=$LAB/build at=$SECONDS name log pids=() failed=''
  done_dir=$(disks_dir)
  if [[ -d $done_dir ]]; then
    record disks "$done_dir"
    return 0
  fi
  say 'disks: package trees of each machine (about 1 minute)'
  # Disks of an older lab; nothing of this one exists yet.
  rm -rf --one-file-system "$build" "$CACHE/disks"
  mkdir -p "$build/trees" "$done_dir.part"
  FILES1_SWAP=$(uuidgen) FILES1_SRV=$(uuidgen) FILES1_ARCHIVE=$(uuidgen)
  for name in "${MACHINES[@]}"; do
    log=$build/$name.log
    make_machine "$name" "$build" >"$log" 2>&1 &
    pids+=($!)
  done
  for name in "${!pids[@]}"; do
    wait "${pids[$name]}" || { failed=${MACHINES[$name]}; tail -n 8 "$build/$failed.log" >&2; }
  done
  [[ -z $failed ]] || fail "the disk of $failed could not be made" "$build/$failed.log" 'read the end of that log' 'scripts/kvm-lab up'
  say "disks: boot loaders and LVM, inside an emulated builder (about 2 minutes; $(took "$at") so far)"
  run_builder "$accel" "$build"
  for name in "${DISK_NAMES[@]}"; do
    qemu-img convert -f raw -O qcow2 "$build/$name.raw" "$done_dir.part/$name.qcow2"
    rm -f "$build/$name.raw"
  done
  for name in "${SOURCES[@]}"; do cp "$build/$name".ssh_host_*.pub "$done_dir.part/"; done
  cp "$build/builder.log" "$done_dir.part/"
  mv "$done_dir.part" "$done_dir"
  record disks "$done_dir"
  rm -rf --one-file-system "$build"
  say "disks are built ($(took "$at"))"
}

make_machine() {
  # Called with "||" and "&" above it: set -e would not be at work by itself.
  (
    set -euo pipefail
    local name=$1 build=$2 kind=source uuid tree
    tree=$build/trees/$name
    [[ $name != golden ]] || kind=golden
    uuid=$(uuidgen)
    cp -a --reflink=auto "$(tree_dir "$kind")" "$tree"
    "machine_$name" "$tree" "$uuid"
    finish_tree "$tree"
    if [[ $name != golden ]]; then
      local key
      for key in "$tree"/etc/ssh/ssh_host_*.pub; do cp "$key" "$build/$name.${key##*/}"; done
    fi
    case $name in
      web1) gpt_disk "$build/web1.raw" 3 "$uuid" "$tree" ;;
      db1) gpt_disk "$build/db1.raw" 4 "$uuid" "$tree" ;;
      golden) gpt_disk "$build/golden.raw" 2 "$uuid" "$tree" ;;
      files1) files1_disks "$build" "$uuid" "$tree" ;;
    esac
    rm -rf --one-file-system "$tree"
  )
}

# BIOS boot partition of 1 MiB, then ext4 to the end.
gpt_disk() { # FILE GIB UUID TREE
  local file=$1 sectors=$(($2 * 2097152))
  truncate -s "$2G" "$file"
  sgdisk -a 2048 -n 1:2048:4095 -t 1:ef02 -n "2:4096:$((sectors - 2049))" -t 2:8300 "$file"
  fill_partition "$file" 4096 $((sectors - 4096 - 2048)) "$3" "$4"
}

files1_disks() { # BUILD UUID TREE
  local file=$1/files1.raw root=5242880
  truncate -s 3G "$file"
  sfdisk -q "$file" <<LAYOUT
label: dos
start=2048, size=$root, type=83, bootable
start=$((2048 + root)), type=82
LAYOUT
  fill_partition "$file" 2048 "$root" "$2" "$3"
  truncate -s 2G "$1/files1-data.raw"
  sgdisk -a 2048 -n 1:2048:0 -t 1:8e00 "$1/files1-data.raw"
}

# Puts an ext4 file system with a tree in it at a sector of an image: no mount, no loop device.
fill_partition() { # FILE FIRST-SECTOR SECTORS UUID TREE
  mke2fs -q -F -t ext4 -U "$4" -E "offset=$(($2 * 512)),lazy_itable_init=0" -d "$5" "$1" "$(($3 / 2))k"
}

run_builder() {
  local accel=$1 build=$2 script=$2/builder.sh serial=$2/builder.log pid name drives=()
  {
    printf 'FILES1_SWAP=%s\nFILES1_SRV=%s\nFILES1_ARCHIVE=%s\n' "$FILES1_SWAP" "$FILES1_SRV" "$FILES1_ARCHIVE"
    cat "$parts/builder-init.sh"
  } >"$script"
  truncate -s %4096 "$script" "$build/seed.tar"
  for name in "${DISK_NAMES[@]}"; do drives+=(-drive "file=$build/$name.raw,format=raw,if=virtio,cache=unsafe"); done
  drives+=(-drive "file=$build/seed.tar,format=raw,if=virtio,readonly=on" -drive "file=$script,format=raw,if=virtio,readonly=on")
  local cpu=max
  [[ $accel == kvm ]] && cpu=host
  : >"$serial"
  qemu-system-x86_64 -machine q35 -accel "$accel" -cpu "$cpu" -smp 2 -m 1536 -nodefaults -display none -no-reboot \
    -object rng-random,id=rng,filename=/dev/urandom -device virtio-rng-pci,rng=rng \
    -kernel "$(guest_kernel)" -initrd "$(guest_initrd)" -serial "file:$serial" "${drives[@]}" \
    -append 'root=/dev/vda2 rw console=ttyS0 quiet panic=-1 init=/bin/bash -- /dev/vdg' >"$build/qemu.log" 2>&1 </dev/null 9>&- &
  pid=$!
  record_process builder "$pid"
  local end=$((SECONDS + 600))
  while living builder >/dev/null; do
    ((SECONDS < end)) || break
    sleep 0.5
  done
  end_process builder
  wait "$pid" 2>/dev/null || true
  grep -aq '^LAB-BUILT' "$serial" || {
    tail -n 15 "$serial" >&2
    fail 'the builder did not finish the disks' "$serial" 'read the end of that log' 'scripts/kvm-lab up'
  }
}

# A site: one hypervisor with its own libvirtd, sshd, hostname, machine id, /run, /tmp, /root and image directory.

site_up() {
  local site=$1 dir host
  dir=$(site_dir "$site")
  host=$(site_host "$site")
  living "site-$site" >/dev/null && return 0
  site_files "$site"
  rm -f "$dir/ready"
  setsid ip netns exec "$(site_namespace "$site")" unshare --mount --uts --pid --fork --mount-proc --kill-child \
    bash "$parts/site-init.sh" "$host" "$dir" >"$dir/log/init.log" 2>&1 </dev/null 9>&- &
  record_process "site-$site" $!
  disown
  until_true 30 test -e "$dir/ready" ||
    fail "the hypervisor $host did not come up within 30 s" "$dir/log/init.log" "read that file; then: scripts/kvm-lab down, scripts/kvm-lab up"
}

site_files() {
  local site=$1 dir key
  dir=$(site_dir "$site")
  mkdir -p "$dir"/{etc,lib,cache,log,ssh,root/.ssh,var-tmp}
  chmod 700 "$dir/root" "$dir/root/.ssh" "$dir/ssh"
  if [[ ! -e $dir/etc/libvirtd.conf ]]; then
    cp -r /etc/libvirt/. "$dir/etc/"
    # The machine may have guests and networks of its own; a site starts with none.
    rm -rf "$dir/etc/qemu" "$dir/etc/storage"
    mkdir -p "$dir/etc/qemu" "$dir/etc/storage"
  fi
  printf '%s\n' 'security_driver = "none"' 'user = "root"' 'group = "root"' 'cgroup_controllers = []' \
    'stdio_handler = "file"' 'namespaces = []' 'dynamic_ownership = 0' >"$dir/etc/qemu.conf"
  printf '%s\n' 'auth_unix_rw = "none"' 'unix_sock_rw_perms = "0700"' >"$dir/etc/libvirtd.conf"
  [[ -s $dir/machine-id ]] || uuidgen | tr -d - >"$dir/machine-id"
  site_host "$site" >"$dir/hostname"
  # Root of a site logs in by key only, and the machine's own password is nobody's business there.
  printf 'root:*:19000:0:99999:7:::\n' >"$dir/shadow"
  chmod 600 "$dir/shadow"
  cp "$CACHE/keys/lab.pub" "$dir/root/.ssh/authorized_keys"
  for key in ed25519 rsa; do
    [[ -e $dir/ssh/host_$key ]] || ssh-keygen -q -t "$key" -N '' -C "$(site_host "$site")" -f "$dir/ssh/host_$key"
  done
  cat >"$dir/ssh/sshd_config" <<CONFIG
Port 22
ListenAddress $(site_net "$site").1
HostKey /run/lab-site/ssh/host_ed25519
HostKey /run/lab-site/ssh/host_rsa
PidFile /run/sshd.pid
AuthorizedKeysFile /root/.ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
MaxSessions 64
MaxStartups 64
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
CONFIG
  if [[ $site == dallas && ! -e $dir/images.ext4 ]]; then
    truncate -s "$DALLAS_POOL_SIZE" "$dir/images.ext4.new"
    mke2fs -q -t ext4 -m 0 -E lazy_itable_init=1,lazy_journal_init=1 "$dir/images.ext4.new"
    mv "$dir/images.ext4.new" "$dir/images.ext4"
  fi
}

# The site's own pid 1, seen from outside: the only child of the recorded process.
site_pid() {
  local outer child
  outer=$(living "site-$1") || return 1
  read -r child _ <"/proc/$outer/task/$outer/children" || true
  [[ -n $child ]] || return 1
  printf '%s' "$child"
}

# in_site SITE COMMAND...: in all of the site's namespaces; paths have to be absolute.
in_site() {
  local pid
  pid=$(site_pid "$1") || fail "the hypervisor $(site_host "$1") does not run" "$(site_dir "$1")" 'scripts/kvm-lab up'
  shift
  nsenter --target "$pid" --mount --uts --net --pid --wd=/ -- "$@" 9>&-
}

virsh_in() { local site=$1; shift; in_site "$site" virsh -q -c qemu:///system "$@"; }

site_down() {
  local image
  end_process "site-$1"
  image=$(site_dir "$1")/images.ext4
  # The loop device clears itself a moment after the last mount of it is gone.
  [[ ! -e $image ]] || until_true 20 no_loop_of "$image" ||
    fail "a loop device still holds the Dallas images" "$image" "losetup -j $image" 'scripts/kvm-lab down'
}

no_loop_of() { [[ -z $(losetup -j "$1") ]]; }

# Debian packages the machine needs, by the command or file that each brings.

wanted_packages() {
  local have
  while read -r have package; do
    [[ -e $have ]] || echo "$package"
  done <<'LIST'
/usr/bin/qemu-system-x86_64 qemu-system-x86
/usr/bin/qemu-img qemu-utils
/usr/sbin/libvirtd libvirt-daemon-system
/usr/bin/virsh libvirt-clients
/usr/sbin/debootstrap debootstrap
/usr/sbin/sshd openssh-server
/usr/bin/ssh openssh-client
/usr/bin/rsync rsync
/usr/sbin/ip iproute2
/usr/sbin/sgdisk gdisk
/usr/sbin/sfdisk fdisk
/usr/sbin/mke2fs e2fsprogs
/usr/bin/uuidgen uuid-runtime
/usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
LIST
}

install_packages() {
  local missing
  mapfile -t missing < <(wanted_packages)
  ((${#missing[@]} > 0)) || return 0
  command -v apt-get >/dev/null || refuse 3 "missing: ${missing[*]}" 'this machine has no apt-get' 'use Debian or Ubuntu' 'or install these packages by hand'
  say "installing with apt: ${missing[*]}"
  local log=$LAB/apt.log
  # A package must not start a libvirtd or an sshd on the machine itself: the lab brings its own.
  local policy=/usr/sbin/policy-rc.d ours=''
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    ours=yes
  fi
  if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    [[ -z $ours ]] || rm -f "$policy"
    tail -n 5 "$log" >&2
    fail "apt could not install: ${missing[*]}" "$log" "apt-get install ${missing[*]}"
  fi
  [[ -z $ours ]] || rm -f "$policy"
}

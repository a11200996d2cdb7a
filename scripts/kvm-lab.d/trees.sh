# Package trees: two independent debootstrap runs, one for the sources and one for the golden image in Dallas, and the
# lab's key. Cached; a tree is complete when its directory has its final name.

COMMON_PACKAGES=systemd-sysv,udev,dbus,iproute2,iputils-ping,openssh-server,rsync,qemu-guest-agent,linux-image-cloud-amd64,initramfs-tools,zstd,grub-pc-bin,grub2-common,kmod,e2fsprogs,fdisk,procps
SOURCE_PACKAGES=$COMMON_PACKAGES,netbase
GOLDEN_PACKAGES=$COMMON_PACKAGES,lvm2,gdisk,xfsprogs,dosfstools

tree_dir() {
  local packages=$SOURCE_PACKAGES
  [[ $1 == golden ]] && packages=$GOLDEN_PACKAGES
  printf '%s/trees/%s-%s' "$CACHE" "$1" "$(printf '%s %s' "$SUITE" "$packages" | sha256sum | cut -c1-12)"
}

guest_kernel() { printf '%s' "$(tree_dir golden)"/boot/vmlinuz-*; }
guest_initrd() { printf '%s' "$(tree_dir golden)"/boot/initrd.img-*; }

keys_ready() {
  mkdir -p "$CACHE/keys"
  chmod 700 "$CACHE/keys"
  [[ -s $CACHE/keys/lab ]] || ssh-keygen -q -t ed25519 -N '' -C 'kvm-lab' -f "$CACHE/keys/lab"
}

trees_ready() {
  local kind jobs=() at=$SECONDS failed=''
  mkdir -p "$CACHE/trees"
  for kind in source golden; do
    [[ -d $(tree_dir "$kind") ]] || jobs+=("$kind")
  done
  ((${#jobs[@]} > 0)) || return 0
  local mirror
  mirror=$(debian_mirror)
  say "packages of ${jobs[*]} from ${mirror:-the mirror that debootstrap prefers} (about 2 minutes)"
  local pids=()
  for kind in "${jobs[@]}"; do
    make_tree "$kind" "$mirror" &
    pids+=($!)
  done
  for kind in "${!pids[@]}"; do wait "${pids[$kind]}" || failed=yes; done
  [[ -z $failed ]] || fail 'debootstrap could not fetch or unpack Debian' "$CACHE/trees/*.log" \
    'read the end of that log' 'LANDFALL_KVM_MIRROR=URL scripts/kvm-lab up, if this machine has a mirror of its own'
  say "packages are there ($(took "$at"))"
}

# Where this machine itself has its Debian from; nothing where it has none, and debootstrap takes its own then.
debian_mirror() {
  if [[ -n ${LANDFALL_KVM_MIRROR:-} ]]; then
    printf '%s' "$LANDFALL_KVM_MIRROR"
    return
  fi
  # shellcheck disable=SC2016
  { apt-get indextargets --format '$(REPO_URI)|$(RELEASE)' 2>/dev/null || true; } |
    awk -F'|' -v suite="$SUITE" '$2 == suite && $1 ~ /\/debian\/?$/ && found == "" { found = $1 } END { printf "%s", found }'
}

make_tree() {
  local kind=$1 mirror=$2 packages=$SOURCE_PACKAGES tree
  [[ $kind == golden ]] && packages=$GOLDEN_PACKAGES
  tree=$(tree_dir "$kind")
  rm -rf --one-file-system "$tree.part"
  # In its own mount namespace: an interrupted run leaves no /proc mounted in the tree.
  unshare --mount debootstrap --variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
    --include="$packages" "$SUITE" "$tree.part" ${mirror:+"$mirror"} >"$tree.log" 2>&1 </dev/null 9>&- || return 1
  in_tree "$tree.part" apt-get update -qq >>"$tree.log" 2>&1 || return 1
  rm -rf "$tree.part"/var/cache/apt/archives/*.deb
  mv "$tree.part" "$tree"
}

# in_tree TREE COMMAND...: as in a running system, with a /proc that vanishes with the command and no service started.
in_tree() {
  local tree=$1
  shift
  printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
  chmod +x "$tree/usr/sbin/policy-rc.d"
  rm -f "$tree/etc/resolv.conf"
  cat /etc/resolv.conf >"$tree/etc/resolv.conf" 2>/dev/null || true
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child sh -c 'tree=$1; shift; mount -t proc proc "$tree/proc" && exec chroot "$tree" "$@"' \
    sh "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive \
    http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" "$@" </dev/null 9>&-
}

add_packages() {
  local tree=$1
  shift
  in_tree "$tree" apt-get -qq -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install "$@"
}

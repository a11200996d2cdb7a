#!/usr/bin/env bash
# The first process of a site, already inside its namespaces: site-init.sh HOSTNAME DIRECTORY.
# It ends only by force, and then the kernel ends everything in the site.
set -euo pipefail
host=$1 dir=$2

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/sshd /run/libvirt /run/lock /run/lab-site
# The lab may stand below /root or /tmp, which are about to be others.
mount --bind "$dir" /run/lab-site
dir=/run/lab-site
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount --bind "$dir/etc" /etc/libvirt
mount --bind "$dir/lib" /var/lib/libvirt
# Where landfall keeps its copy of plan and journal at the target: below a mount of the site, gone with it.
mkdir -p "$dir/landfall" /var/lib/landfall
mount --bind "$dir/landfall" /var/lib/landfall
mount --bind "$dir/cache" /var/cache/libvirt
mount --bind "$dir/log" /var/log/libvirt
mount --bind "$dir/root" /root
mount --bind "$dir/var-tmp" /var/tmp
[[ -e /etc/machine-id ]] || : >/etc/machine-id
mount --bind "$dir/machine-id" /etc/machine-id
mount --bind "$dir/shadow" /etc/shadow
[[ ! -e /etc/hostname ]] || mount --bind "$dir/hostname" /etc/hostname
mkdir -p /var/lib/libvirt/{qemu,images,dnsmasq,boot,network} /var/log/libvirt/qemu /var/cache/libvirt/qemu
if [[ -e $dir/images.ext4 ]]; then
  mount -o loop,discard "$dir/images.ext4" /var/lib/libvirt/images
  rmdir /var/lib/libvirt/images/lost+found 2>/dev/null || true
fi
hostname "$host"
export HOME=/root
cd /

/usr/sbin/libvirtd -d
/usr/sbin/sshd -f "$dir/ssh/sshd_config" -E "$dir/log/sshd.log"
for _ in {1..100}; do
  virsh -q -c qemu:///system list >/dev/null 2>&1 && break
  sleep 0.2
done
virsh -q -c qemu:///system list >/dev/null
: >"$dir/ready"

# bash as pid 1 reaps what its site leaves behind.
while :; do
  sleep infinity &
  wait $! || true
done

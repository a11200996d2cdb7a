# Runs as the first process of the builder guest, from a drive; FILES1_* are set above. What wants real block devices is
# done here: boot loaders, LVM, swap. Drives: vda golden (the root here), vdb web1, vdc files1, vdd files1-data, vde db1,
# vdf the data of files1 as a tar, vdg this script.
set -u
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root
exec >/dev/console 2>&1 </dev/null

finish() {
  umount -a -t ext4 2>/dev/null
  mount -o remount,ro / && sync
  echo "$1"
  sleep 1
  echo o >/proc/sysrq-trigger
  sleep 60
}
stop() { echo "builder: $1 failed"; finish "LAB-FAILED $1"; }

mountpoint -q /proc || mount -t proc proc /proc
mountpoint -q /sys || mount -t sysfs sysfs /sys
mountpoint -q /run || mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add && udevadm settle --timeout=60

boot_loader() { # NAME DISK ROOT-PARTITION
  root=/tmp/$1
  mkdir -p "$root"
  mount "$3" "$root" || return 1
  for place in dev proc sys; do mount --bind "/$place" "$root/$place" || return 1; done
  chroot "$root" grub-install --target=i386-pc --no-floppy "$2" || return 1
  chroot "$root" grub-mkconfig -o /boot/grub/grub.cfg || return 1
  for place in sys proc dev; do umount "$root/$place" || return 1; done
  umount "$root"
}

files1_volumes() {
  mkswap -q -U "$FILES1_SWAP" /dev/vdc2 &&
    pvcreate -q /dev/vdd1 && vgcreate -q vg_data /dev/vdd1 &&
    lvcreate -q -y -L 1G -n srv vg_data && lvcreate -q -y -L 512M -n archive vg_data &&
    udevadm settle --timeout=60 &&
    mkfs.ext4 -q -U "$FILES1_SRV" /dev/vg_data/srv && mkfs.ext4 -q -U "$FILES1_ARCHIVE" /dev/vg_data/archive &&
    mkdir -p /tmp/data && mount /dev/vg_data/srv /tmp/data && mkdir /tmp/data/archive &&
    mount /dev/vg_data/archive /tmp/data/archive &&
    tar --sparse --numeric-owner -xf /dev/vdf -C /tmp/data &&
    umount /tmp/data/archive || return 1
  mkdir -p /tmp/tools && mount /dev/vdc1 /tmp/tools && mount --bind /tmp/data /tmp/tools/mnt || return 1
  chroot /tmp/tools setfacl -m u:www-data:rwX /mnt/hall-3 /mnt/hall-3/drawing-1.dxf || return 1
  chroot /tmp/tools setfattr -n user.author -v 'Dana Reyes' /mnt/hall-4/drawing-1.dxf || return 1
  umount /tmp/tools/mnt && umount /tmp/tools && umount /tmp/data && vgchange -q -an vg_data
}

(boot_loader web1 /dev/vdb /dev/vdb2 && boot_loader db1 /dev/vde /dev/vde2) &
first=$!
(files1_volumes && boot_loader files1 /dev/vdc /dev/vdc1) &
second=$!
wait "$first" || stop 'boot loader of web1 or db1'
wait "$second" || stop 'volumes or boot loader of files1'
grub-install --target=i386-pc --no-floppy /dev/vda || stop 'boot loader of the golden image'
grub-mkconfig -o /boot/grub/grub.cfg || stop 'boot menu of the golden image'
rm -rf /tmp/* /var/lib/systemd/random-seed
finish LAB-BUILT
exit 0

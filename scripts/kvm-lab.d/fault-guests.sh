# Faults inside source guests. Nothing is reloaded or restarted there: each waits for the next boot, as in life.

save_file() { # SAVED MACHINE PATH: kept outside of the guest, so that no copy of it travels
  local kept=$1/${3//\//%}
  [[ -e $kept ]] || { jump_ssh "$2" "cat '$3'" >"$kept.part" && mv "$kept.part" "$kept"; }
}

restore_files() { # SAVED MACHINE: writes back what save_file kept; owner and mode are those of the file that is there
  local kept path
  for kept in "$1"/%*; do
    [[ -e $kept && $kept != *.part ]] || continue
    path=${kept##*/}
    jump_ssh "$2" "cat >'${path//%//}'" <"$kept"
  done
}

make_fstab_uuid() {
  save_file "$1" "$2" /etc/fstab
  # shellcheck disable=SC2016
  jump_ssh "$2" "mkdir -p /srv/backup && echo 'UUID=$(uuidgen) /srv/backup ext4 defaults 0 2' >>/etc/fstab"
}
undo_fstab_uuid() { restore_files "$1" "$2" && jump_ssh "$2" 'rmdir /srv/backup 2>/dev/null || true'; }

make_nic_renamed() {
  local file
  for file in $(jump_ssh "$2" 'grep -rlw enp1s0 /etc/systemd/network /etc/network/interfaces /etc/netplan 2>/dev/null || true'); do
    save_file "$1" "$2" "$file"
    jump_ssh "$2" "sed -i 's/\\benp1s0\\b/ens3/g' '$file'"
  done
}
undo_nic_renamed() { restore_files "$1" "$2"; }

# The list of drivers that somebody once wrote for another hypervisor.
make_initramfs_no_virtio() {
  local image
  image=$(jump_ssh "$2" 'echo /boot/initrd.img-$(uname -r)')
  save_file "$1" "$2" "$image"
  say "$2 makes an initramfs without virtio (about a minute when emulated)"
  jump_ssh "$2" 'set -e
    printf "MODULES=list\n" >/etc/initramfs-tools/conf.d/zz-drivers
    cp /etc/initramfs-tools/modules /etc/initramfs-tools/modules.before
    printf "ext4\nahci\nsd_mod\n" >>/etc/initramfs-tools/modules
    update-initramfs -u -k "$(uname -r)" >/dev/null
    ! lsinitramfs "/boot/initrd.img-$(uname -r)" | grep -q /virtio_blk.ko'
}
undo_initramfs_no_virtio() {
  restore_files "$1" "$2"
  jump_ssh "$2" 'cd /etc/initramfs-tools && rm -f conf.d/zz-drivers && { [ ! -e modules.before ] || mv modules.before modules; }'
}

GRUB_PLACES='usr/lib/grub usr/lib/grub-legacy usr/sbin/grub-* usr/sbin/update-grub usr/bin/grub-* etc/default/grub etc/grub.d boot/grub'

make_no_grub() {
  local saved=$1 machine=$2 disk first count
  read -r disk first count <<<"$(grub_core "$machine")"
  jump_ssh "$machine" 'dd if=/dev/vda bs=440 count=1 status=none' >"$saved/boot-code"
  jump_ssh "$machine" "dd if=$disk bs=512 skip=$first count=$count status=none" >"$saved/core"
  jump_ssh "$machine" "cd / && tar -czf - \$(ls -d $GRUB_PLACES 2>/dev/null)" >"$saved/tools.tar.gz.part"
  mv "$saved/tools.tar.gz.part" "$saved/tools.tar.gz"
  jump_ssh "$machine" "set -e; cd /; rm -rf $GRUB_PLACES
    dd if=/dev/zero of=/dev/vda bs=440 count=1 conv=notrunc,fsync status=none
    dd if=/dev/zero of=$disk bs=512 seek=$first count=$count conv=notrunc,fsync status=none; sync"
}
undo_no_grub() {
  local saved=$1 machine=$2 disk first count
  [[ -s $saved/tools.tar.gz ]] || return 0
  read -r disk first count <<<"$(grub_core "$machine")"
  jump_ssh "$machine" 'tar -C / -xzf -' <"$saved/tools.tar.gz"
  jump_ssh "$machine" "dd of=$disk bs=512 seek=$first count=$count iflag=fullblock conv=notrunc,fsync status=none" <"$saved/core"
  jump_ssh "$machine" 'dd of=/dev/vda bs=440 count=1 iflag=fullblock conv=notrunc,fsync status=none' <"$saved/boot-code"
}

# Where the second part of GRUB is, as DEVICE FIRST-SECTOR SECTORS: the BIOS boot partition, or the gap behind the MBR.
grub_core() {
  if [[ $1 == files1 ]]; then echo '/dev/vda 1 2047'; else echo '/dev/vda1 0 2048'; fi
}

import type { Group } from './group.ts';

/** Who the machine is, and the small files that tell what it is made of. */

/**
 * Of fstab no comment, because options of network file systems may hold a password even there, and no such option; of
 * crypttab not the field that names a key; of host keys no comment, which names people. The kernel's own name for a
 * mapped device is what /proc/swaps tells.
 */
const PARTS = `
root=$1
kernel() { if [ -n "$release" ]; then printf '%s\\n' "$release"; else uname -r; fi; }
part os-release cat "$root/etc/os-release"
part machine-id cat "$root/etc/machine-id"
part product-uuid cat "$root/sys/class/dmi/id/product_uuid"
part kernel kernel
part architecture uname -m
part hostname hostname || part hostname uname -n
part efi test -d "$root/sys/firmware/efi"
part boot-id cat "$root/proc/sys/kernel/random/boot_id"
part cmdline cat "$root/proc/cmdline"
part swaps cat "$root/proc/swaps"
part fstab sed -e 's/^#.*//' -e 's/\\([Pp][Aa][Ss][Ss][A-Za-z]*\\)=[^,[:space:]]*/\\1=withheld/g' "$root/etc/fstab"
part crypttab awk '/^[ \\t]*(#|$)/ { print ""; next } { print $1, $2, "-", $4 }' "$root/etc/crypttab"
mapped() {
  find "$root/sys/block/" -maxdepth 1 -name 'dm-*' 2>/dev/null | while IFS= read -r place; do
    printf '%s ' "\${place##*/}"
    cat "$place/dm/name"
  done
}
part mapped mapped
part host-keys find "$root/etc/ssh" -maxdepth 1 -name 'ssh_host_*_key.pub' -exec awk 'NF > 1 { print $1, $2 }' {} +
part selinux getenforce || part selinux-config sed -n 's/^SELINUX=//p' "$root/etc/selinux/config"
part cloud-init test -e "$root/usr/bin/cloud-init"
part cloud-init-off test -e "$root/etc/cloud/cloud-init.disabled"
part rsync rsync --version
`;

export const SYSTEM: Group = { name: 'system', parts: PARTS };

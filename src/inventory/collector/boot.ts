import { quote } from '../../remote/quote.ts';

/** What starts the machine: kernels, their initramfs, the loader and the tools that make them. All of it is read. */

const FIND_FILES = `
for place in "$1/boot" "$1/efi"; do
  find "$place" -maxdepth 4 \\( -name 'vmlinu[xz]*' -o -name 'initr*' -o -name linux -o -name grub.cfg -o -name menu.lst \\
    -o -name loader.conf -o -name extlinux.conf -o -name syslinux.cfg -o -iname '*.efi' \\) 2>/dev/null
done
true
`;

const FIND_TOOLS = `
for tool in grub-install grub2-install grub-mkconfig grub2-mkconfig update-grub update-initramfs mkinitramfs dracut mkinitrd \\
  mkinitcpio mkinitfs kernel-install bootctl extlinux grubby sdbootutil update-bootloader efibootmgr; do
  command -v "$tool" >/dev/null 2>&1 && printf '%s\\n' "$tool"
done
true
`;

/** The file first, then its virtio lines: a kernel without such lines is one whose drivers are modules. */
const FIND_BUILTIN = `
find "$1/lib/modules/" -maxdepth 2 -name modules.builtin -print -exec grep -h virtio {} \\; 2>/dev/null
true
`;

/**
 * The virtio modules of one initramfs, and how many names it holds at all: none means that it could not be listed.
 * dracut's own tool unpacks into a temporary directory, which it removes; that has to lie in memory.
 */
const LIST_INITRAMFS = `
list() {
  if command -v lsinitramfs >/dev/null 2>&1; then lsinitramfs "$1"
  elif command -v lsinitrd >/dev/null 2>&1; then TMPDIR=/run lsinitrd "$1"
  elif command -v lsinitcpio >/dev/null 2>&1; then lsinitcpio "$1"
  else
    case $(od -An -tx1 -N4 "$1" | tr -d ' \\n') in
      1f8b*) gzip -dc "$1" ;;
      28b52ffd) zstd -dc "$1" ;;
      fd377a58) xz -dc "$1" ;;
      02214c18|04224d18) lz4 -dc "$1" ;;
      425a*) bzip2 -dc "$1" ;;
      *) cat "$1" ;;
    esac | cpio -t
  fi 2>/dev/null
}
list "$1" | awk '
  { names++ }
  match($0, /virtio[-_][a-z0-9_-]+\\.ko/) { print substr($0, RSTART, RLENGTH - 3) }
  END { print "names " names + 0 }'
`;

/** At most this many are unpacked: the one that runs and the newest others. */
const INITRAMFS_LIMIT = 4;

export const BOOT_PART = `
probe cmdline cat "$root/proc/cmdline"
probe boot-id cat "$root/proc/sys/kernel/random/boot_id"
probe boot-files sh -c ${quote(FIND_FILES)} sh "$root"
probe boot-tools sh -c ${quote(FIND_TOOLS)}
probe modules-builtin sh -c ${quote(FIND_BUILTIN)} sh "$root"
running=$(uname -r 2>/dev/null)
images=$($guard find "$root/boot" -maxdepth 3 -type f -name 'initr*' 2>/dev/null </dev/null |
  grep -v -i -e kdump -e rescue -e '\\.old' -e '\\.bak' -e '\\.dpkg' | sort -r)
{ printf '%s\\n' "$images" | grep -F -e "\${running:-.}"; printf '%s\\n' "$images" | grep -v -F -e "\${running:-.}"; } 2>/dev/null |
  head -n ${INITRAMFS_LIMIT} | while read -r image; do
  case $image in ''|*[!A-Za-z0-9/_.+~-]*) continue ;; esac
  probe "initramfs:$image" sh -c ${quote(LIST_INITRAMFS)} sh "$image"
done
`;

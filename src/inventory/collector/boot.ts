import type { Group } from './group.ts';

/** What starts the machine: kernels, their initramfs, the loader and the tools that make them. All of it is read. */

/** Of `modules.builtin` the file first, then its virtio lines: no line means that the drivers are modules. */
const PARTS = `
root=$1
files() {
  find "$1" -maxdepth 4 \\( -name 'vmlinu[xz]*' -o -name 'initr*' -o -name linux -o -name grub.cfg \\
    -o -name menu.lst -o -name loader.conf -o -name extlinux.conf -o -name syslinux.cfg -o -iname '*.efi' \\) 2>/dev/null
}
both() { files "$root/efi"; files "$root/boot"; }
tools() {
  for tool in grub-install grub2-install grub-mkconfig grub2-mkconfig update-grub update-initramfs mkinitramfs dracut \\
    mkinitrd mkinitcpio mkinitfs kernel-install bootctl extlinux grubby sdbootutil update-bootloader efibootmgr; do
    command -v "$tool" >/dev/null 2>&1 && printf '%s\\n' "$tool"
  done
  true
}
part boot-files both
part boot-tools tools
part modules-builtin find "$root/lib/modules/" -maxdepth 2 -name modules.builtin \\
  -exec awk 'FNR == 1 { print FILENAME } /virtio/' {} +
`;

/**
 * The virtio modules of one initramfs, and how many names it holds at all: none means that it could not be listed. One
 * that is compressed as a whole is listed directly, which costs least; one with microcode in front needs the tool that
 * made it. dracut's unpacks into a temporary directory, which it removes; that has to lie in memory.
 */
const LIST_INITRAMFS = `
list() {
  case $(od -An -tx1 -N4 "$1" | tr -d ' \\n') in
    1f8b*) packer=gzip ;;
    28b52ffd) packer=zstd ;;
    fd377a58) packer=xz ;;
    02214c18|04224d18) packer=lz4 ;;
    425a*) packer=bzip2 ;;
    *) packer= ;;
  esac
  if [ -n "$packer" ] && command -v "$packer" >/dev/null 2>&1 && command -v cpio >/dev/null 2>&1; then
    # In blocks of 512 bytes, as it reads without a word, it takes longer than the unpacking; small ones know no blocks.
    "$packer" -dc "$1" | { cpio -t -C 65536 || cpio -t; }
  elif command -v lsinitramfs >/dev/null 2>&1; then lsinitramfs "$1"
  elif command -v lsinitrd >/dev/null 2>&1; then TMPDIR=/run lsinitrd "$1"
  elif command -v lsinitcpio >/dev/null 2>&1; then lsinitcpio "$1"
  else cpio -t <"$1"
  fi 2>/dev/null
}
listed() {
  list "$1" | awk '
    { names++ }
    match($0, /virtio[-_][a-z0-9_-]+\\.ko/) { print substr($0, RSTART, RLENGTH - 3) }
    END { print "names " names + 0 }'
}
`;

export const BOOT: Group = { name: 'boot', parts: PARTS };

const IMAGES = `
root=$1
${LIST_INITRAMFS}
images=$(find "$root/boot" -maxdepth 3 -type f -name 'initr*' | sort -r)
printf '%s\\n' "$images" | {
  running= newest=
  while IFS= read -r image; do
    case $image in ''|*[!A-Za-z0-9/_.+~-]*) continue ;; esac
    case $image in *[Kk][Dd][Uu][Mm][Pp]*|*[Rr][Ee][Ss][Cc][Uu][Ee]*|*.[Oo][Ll][Dd]*|*.[Bb][Aa][Kk]*|*.dpkg*) continue ;; esac
    case $image in
      *"\${release:-.}"*) if [ -z "$running" ]; then running=$image; continue; fi ;;
    esac
    [ -n "$newest" ] || newest=$image
  done
  for image in $running $newest; do part "initramfs:$image" listed "$image"; done
}
`;

/** Only what may start next is unpacked: the kernel that runs, and the newest. */
export const INITRAMFS: Group = { name: 'initramfs', parts: IMAGES };

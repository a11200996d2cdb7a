import { INSIDE_SH } from './inside.ts';

/** Longer files are not what fix-ups edit. */
export const LARGEST_FILE = 262_144;

/** Files whose text fix-ups look at, as patterns of the shell below the copy's root. */
const CONTENTS: readonly string[] = [
  'etc/fstab etc/crypttab etc/hosts etc/resolv.conf etc/selinux/config',
  'etc/lvm/devices/system.devices',
  'etc/udev/rules.d/*net*.rules etc/systemd/network/*.network etc/systemd/network/*.link',
  'etc/network/interfaces etc/network/interfaces.d/* etc/netplan/*.yaml etc/netplan/*.yml',
  'etc/NetworkManager/system-connections/*',
  'etc/sysconfig/network-scripts/ifcfg-* etc/sysconfig/network-scripts/route-*',
  'etc/sysconfig/network etc/sysconfig/network/ifcfg-* etc/sysconfig/network/ifroute-*',
  'etc/sysconfig/network/routes',
  'etc/cloud/cloud-init.disabled etc/cloud/cloud.cfg.d/99-landfall.cfg',
  'etc/initramfs-tools/modules etc/dracut.conf.d/99-landfall.conf',
  'boot/grub/grub.cfg boot/grub2/grub.cfg boot/efi/EFI/*/grub.cfg',
  'boot/loader/entries/*.conf boot/efi/loader/entries/*.conf efi/loader/entries/*.conf',
  'boot/extlinux/extlinux.conf',
  'etc/landfall/proof.sh etc/systemd/system/landfall-*.service',
  'etc/systemd/system/*.wants/landfall-*.service',
].flatMap(line => line.split(' '));

/** Paths of which only kind and mode are of interest. */
const PRESENCES: readonly string[] = [
  'proc sys dev run tmp mnt media var/tmp .autorelabel',
  'etc/cloud/cloud.cfg etc/blkid.tab etc/blkid/blkid.tab etc/lvm/cache/.cache',
  'etc/systemd/system/*.service etc/systemd/system/*.timer etc/systemd/system/*.socket',
  'etc/systemd/system/*.path etc/systemd/system/*.target etc/systemd/system/*mount',
  'etc/systemd/system/*.swap etc/systemd/system/*.slice etc/systemd/system/*.scope etc/systemd/system/*.device',
  'usr/lib/systemd/systemd lib/systemd/systemd',
  'usr/lib/grub/i386-pc usr/lib/grub/x86_64-efi usr/lib/grub2/i386-pc usr/share/grub2/i386-pc',
  'usr/lib/grub/arm64-efi boot/grub boot/grub2',
  'boot/efi/EFI/*/*.[eE][fF][iI] efi/EFI/*/*.[eE][fF][iI] boot/EFI/*/*.[eE][fF][iI]',
  'etc/landfall etc/dracut.conf.d etc/systemd/system/sysinit.target.wants',
  'etc/selinux/*/contexts/files/file_contexts',
].flatMap(line => line.split(' '));

/** Programs of the copy that fix-ups run in it, or whose absence they tell. */
const PROGRAMS =
  'grub-install grub2-install update-initramfs dracut mkinitrd mkinitcpio setfiles bootctl systemctl update-grub';

const glob = (patterns: readonly string[]): string => patterns.map(each => `"$root"/${each}`).join(' \\\n  ');

/**
 * Reads a copied system: POSIX sh, read-only, one line of JSON for each path that is there. Names and contents are
 * base64, because a copy may hold any bytes. A pattern may lead through a link of the copy to the host's own names;
 * what is read is always the copy's.
 */
export const TREE_SCRIPT = `root=\${1%/}
LC_ALL=C; export LC_ALL
${INSIDE_SH}
# Usual names go as they are behind a sign that begins no base64: a process less for each, where each takes long.
encoded() {
  case $1 in
    *[!A-Za-z0-9/._@+-]*) printf %s "$1" | base64 | tr -d '\\n' ;;
    *) printf '=%s' "$1" ;;
  esac
}
record() {
  path=\${2#"$root"/}
  parent=\${path%/*}
  [ "$parent" != "$path" ] || parent=
  inside "$parent" || return 0
  own=$root$place/\${path##*/} stands= kind=other mode=777
  if [ -L "$own" ]; then stands=$(readlink "$own"); elif [ ! -e "$own" ]; then return 0; fi
  inside "$path" || return 0
  at=$root$place
  if [ -e "$at" ]; then
    mode=$(stat -c %a -- "$at") || return 0
    if [ -d "$at" ]; then kind=directory; elif [ -f "$at" ]; then kind=file; fi
  fi
  printf '{"path":"%s","real":"%s","kind":"%s","mode":"%s"' "$(encoded "$path")" "$(encoded "$place")" "$kind" "$mode"
  [ -z "$stands" ] || printf ',"link":"%s"' "$(encoded "$stands")"
  if [ "$1" = content ] && [ "$kind" = file ]; then
    printf ',"data":"'
    head -c ${LARGEST_FILE + 1} "$at" | base64 | tr -d '\\n'
    printf '"'
  fi
  printf '}\\n'
}
for each in ${glob(CONTENTS)}
do record content "$each"; done
for each in ${glob(PRESENCES)}
do record presence "$each"; done
for program in ${PROGRAMS}; do
  for directory in usr/local/sbin usr/sbin usr/bin sbin bin; do
    if inside "$directory/$program" && [ -x "$root$place" ]; then
      printf '{"program":"%s"}\\n' "$program"
      break
    fi
  done
done
printf '{"end":true}\\n'
`;

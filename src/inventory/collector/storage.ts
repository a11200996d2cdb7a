import { quote } from '../../remote/quote.ts';

/** Tables of what is mounted and unlocked at boot, and LVM. */

/** Options of network file systems may hold a password, and crypttab names key files: neither leaves the host. */
const FSTAB = 's/^#.*//; s/\\([Pp][Aa][Ss][Ss][A-Za-z]*\\)=[^,[:space:]]*/\\1=withheld/g';
const CRYPTTAB = `
awk '/^[ \\t]*(#|$)/ { print ""; next } { print $1, $2, "-", $4 }' "$1"
`;

/** One form of report for all versions of LVM; \`--readonly\` takes no lock and writes nothing. */
const REPORT = "--readonly --noheadings --nosuffix --units b --separator '|'";

/**
 * The metadata from which a volume group is made again. LVM keeps a copy of it in a file at every change; where that
 * file is missing or old, the disk itself is read, and by an LVM that cannot print what it reads, a copy in memory.
 */
const METADATA = `
root=$1 group=$2 seqno=$3 device=$4
file=$root/etc/lvm/backup/$group
if [ "$(sed -n 's/^[[:space:]]*seqno = \\([0-9]*\\).*/\\1/p' "$file" 2>/dev/null | head -n 1)" = "$seqno" ]; then
  exec cat "$file"
fi
text=$(pvck --dump metadata "$device" 2>/dev/null | tr -d '\\000' | sed '1,/^ *---$/d')
case $text in *"seqno = $seqno"*) printf '%s\\n' "$text"; exit 0 ;; esac
[ -z "$root" ] || exit 1
copy=/run/landfall/vg.$$
mkdir -p /run/landfall && trap 'rm -f "$copy"; rmdir /run/landfall 2>/dev/null' EXIT
vgcfgbackup -f "$copy" "$group" >/dev/null 2>&1 && cat "$copy"
`;

/** The kernel's own name for a mapped device, which /proc/swaps tells, and the name that everybody else uses. */
const MAPPED = `
find "$1/sys/block/" -maxdepth 1 -name 'dm-*' 2>/dev/null | while IFS= read -r place; do
  printf '%s ' "\${place##*/}"
  cat "$place/dm/name"
done
true
`;

export const STORAGE_PART = `
probe mapped sh -c ${quote(MAPPED)} sh "$root"
probe fstab sed -e ${quote(FSTAB)} "$root/etc/fstab"
probe crypttab sh -c ${quote(CRYPTTAB)} sh "$root/etc/crypttab"
probe lvm-pvs pvs ${REPORT} -o pv_name,vg_name,pv_uuid,pv_size
probe lvm-lvs lvs -a ${REPORT} -o vg_name,lv_name,lv_uuid,lv_size,segtype,lv_attr
if probe lvm-vgs vgs ${REPORT} -o vg_name,vg_uuid,vg_seqno; then
  physical=$($guard pvs ${REPORT} -o vg_name,pv_name </dev/null 2>/dev/null | tr -d ' ')
  $guard vgs ${REPORT} -o vg_name,vg_seqno </dev/null 2>/dev/null | tr -d ' ' |
    while IFS='|' read -r group seqno; do
      case $group$seqno in ''|*[!A-Za-z0-9_.+-]*) continue ;; esac
      device=$(printf '%s\\n' "$physical" | sed -n "s/^$group|\\(\\/dev\\/.*\\)/\\1/p" | head -n 1)
      probe "lvm-metadata:$group" sh -c ${quote(METADATA)} sh "$root" "$group" "$seqno" "$device"
    done
fi
`;

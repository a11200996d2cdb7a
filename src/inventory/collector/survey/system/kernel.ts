import type { Group } from '../../group.ts';

/**
 * What the kernel knows of itself. The disks' counters come first: they are read again at the very end, and the time
 * between is what a rate is made of. Of modules only those with a mark (`(OE)`), and the names of those that stand
 * beside the kernel's own tree.
 */
const PARTS = `
diskstats() { cat /proc/uptime /proc/diskstats; }
beside() {
  set --
  for tree in updates extra weak-updates; do
    tree=/lib/modules/$release/$tree
    [ ! -d "$tree" ] || set -- "$@" "$tree"
  done
  [ "$#" -eq 0 ] || find "$@" -name '*.ko*' 2>/dev/null | head -n 2000
}
part survey-user id -u
part diskstats-first diskstats
part block-devices ls -l /sys/block
part loadavg cat /proc/loadavg
part cpus awk '/^cpu[0-9]/ { n++ } END { print n + 0 }' /proc/stat
part meminfo awk '/^(MemTotal|MemFree|MemAvailable|Buffers|Cached):/' /proc/meminfo
part modules awk '{ print $1, $NF ~ /[(]/ ? $NF : "" }' /proc/modules || part modules-none find /proc/modules -maxdepth 0
part modules-beside beside
`;

export const KERNEL: Group = { name: 'survey-kernel', parts: PARTS };

/** The same counters again, at the end. */
export const LAST_COUNTERS: Group = {
  name: 'survey-counters',
  parts: 'part diskstats-last cat /proc/uptime /proc/diskstats\n',
};

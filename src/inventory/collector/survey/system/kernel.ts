import { group } from '../../group.ts';

/**
 * What the kernel knows of itself. The disks' counters come first: they are read again at the very end, and the time
 * between is what a rate is made of. Of modules only those with a mark (`(OE)`), and the names of those that stand
 * beside the kernel's own tree.
 */
const PARTS = `
diskstats() { cat /proc/uptime /proc/diskstats; }
beside() {
  tree=/lib/modules/$(uname -r)
  find "$tree/updates" "$tree/extra" "$tree/weak-updates" -name '*.ko*' 2>/dev/null | head -n 2000
  true
}
part diskstats-first diskstats
part block-devices ls -l /sys/block
part loadavg cat /proc/loadavg
part cpus awk '/^cpu[0-9]/ { n++ } END { print n + 0 }' /proc/stat
part meminfo awk '/^(MemTotal|MemFree|MemAvailable|Buffers|Cached):/' /proc/meminfo
part modules awk '{ print $1, $NF ~ /[(]/ ? $NF : "" }' /proc/modules || part modules-none find /proc/modules -maxdepth 0
part modules-beside beside
`;

export const KERNEL_PART = group('survey-kernel', PARTS);

/** The last question but one: the same counters again. */
export const LAST_COUNTERS = 'probe diskstats-last cat /proc/uptime /proc/diskstats\n';

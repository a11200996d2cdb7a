import type { Group } from '../../group.ts';

/**
 * Routes and interfaces that are made of others. An ip without JSON prints plain text or refuses; busybox knows no
 * details, and then /sys and /proc tell them. Names that stand in /etc/hosts come without their comments.
 */
const LINKS = `
below() {
  find -L /sys/class/net/ -maxdepth 2 -name 'lower_*' -print -o -name uevent -exec awk '/^DEVTYPE=/ { print FILENAME " " $1 }' {} + 2>/dev/null
  [ ! -d /proc/net/bonding ] || find /proc/net/bonding/ -type f -exec awk '/^Slave Interface:/ { print FILENAME " " $3 }' {} + 2>/dev/null
  [ ! -r /proc/net/vlan/config ] || awk -F '|' 'NR > 2 { print "vlan " $1 " " $3 }' /proc/net/vlan/config 2>/dev/null
  true
}
part links ip -j -d link show
part links-kernel below
`;

/** Last in a group of its own: where a table is huge, it alone is cut off. */
const ROUTES = `
part routes ip -j route show table all || part routes ip route show table all || part routes ip route show
part routes-kernel cat /proc/net/route
`;

export const LINKS_GROUPS: readonly Group[] = [
  { name: 'survey-links', parts: LINKS },
  { name: 'survey-routes', parts: ROUTES },
];

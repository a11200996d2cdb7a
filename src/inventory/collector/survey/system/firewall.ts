import type { Group } from '../../group.ts';

/**
 * Rules of packet filters. A filter whose module is neither loaded nor built in has no rules, and asking it would load
 * the module: it is not asked, and that is told. Rules without the elements of sets first: where sets are huge, they
 * alone are cut off. A kernel without modules cannot load one.
 */
const PARTS = `
modules=$(awk '{ sub(/^.*\\//, "", $1) } $1 ~ /^(nf_tables|iptable_|ip6table_)/ { print " " $1 }' \\
  /proc/modules "/lib/modules/$release/modules.builtin" 2>/dev/null)
there() {
  { true </proc/modules; } 2>/dev/null || return 0
  case $modules in *" $1"*) return 0 ;; esac
  return 1
}
legacy() {
  if command -v "$1-legacy-save" >/dev/null 2>&1; then rooted "$1-legacy-save"; return; fi
  # The newer tool of that name asks the newer filter, and would load it.
  if ! there nf_tables && "$1-save" -V 2>/dev/null </dev/null | grep -q nf_tables; then return 127; fi
  rooted "$1-save"
}
ufw() { awk '/^ENABLED=/ { print tolower($1) }' /etc/ufw/ufw.conf; }
firewalld() { find /run/firewalld.pid /var/run/firewalld.pid -maxdepth 0 2>/dev/null | head -n 1; }
part ufw ufw
part firewalld firewalld
there nf_tables && part nf-tables true
there iptable_ && part ip-tables true
there ip6table_ && part ip6-tables true
part netfilter true
there iptable_ && part iptables legacy iptables
there ip6table_ && part ip6tables legacy ip6tables
there nf_tables || exit 0
part nft rooted nft -j -t list ruleset || part nft rooted nft -j list ruleset || part nft rooted nft list ruleset ||
  part nft-iptables rooted iptables-save
part nft-sets rooted nft -j list sets
`;

export const FIREWALL: Group = { name: 'survey-firewall', parts: PARTS };

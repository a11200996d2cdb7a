import type { Group } from './group.ts';

/**
 * How interfaces are configured, by whatever manager. Such files hold Wi-Fi and VPN secrets: of each file only the lines
 * with a key that is known to be harmless leave the host. Each file begins with a line \`@@ PATH\`. In YAML everything
 * below a key that was left out is left out with it.
 */
const PARTS = `
root=$1
files() {
  find "$root/etc/network" "$root/etc/netplan" "$root/lib/netplan" "$root/run/netplan" \\
    "$root/etc/NetworkManager/system-connections" "$root/run/NetworkManager/system-connections" \\
    "$root/etc/systemd/network" "$root/etc/sysconfig/network-scripts" "$root/etc/sysconfig/network" -maxdepth 2 \\
    \\( -type f -o -type l \\) \\( -path '*/network/interfaces' -o -path '*/interfaces.d/*' -o -name '*.yaml' \\
    -o -path '*/system-connections/*' -o -name '*.network' -o -name 'ifcfg-*' -o -name routes \\) -exec awk '
  FNR == 1 {
    file = FILENAME
    match(file, /\\/(etc\\/network|etc\\/netplan|lib\\/netplan|run\\/netplan|etc\\/NetworkManager|run\\/NetworkManager|etc\\/systemd\\/network|etc\\/sysconfig)\\//)
    file = substr(file, RSTART)
    kind = file ~ /\\.yaml$/ ? "yaml" : file ~ /NetworkManager|\\.network$/ ? "ini" : file ~ /ifcfg-/ ? "shell" : "words"
    skipped = ""
    print "@@ " file
  }
  kind == "ini" && (/^[ \\t]*\\[[A-Za-z0-9 _.-]*\\][ \\t]*$/ ||
    /^[ \\t]*(id|type|interface-name|mac-address|cloned-mac-address|method|address[0-9]*|addresses|gateway|Name|MACAddress|PermanentMACAddress|DHCP|Address|Gateway)[ \\t]*=/)
  kind == "words" && /^[ \\t]*(iface|auto|allow-[a-z]+|address|netmask|gateway|hwaddress|default)[ \\t]/
  kind == "shell" && /^[ \\t]*(DEVICE|NAME|TYPE|HWADDR|MACADDR|LLADDR|ONBOOT|STARTMODE|BOOTPROTO|IPADDR[0-9_]*|PREFIX[0-9]*|PREFIXLEN[0-9_]*|NETMASK[0-9]*|GATEWAY[0-9]*|IPV6ADDR|IPV6_DEFAULTGW|DHCPV6C)[ \\t]*=/
  kind != "yaml" { next }
  { line = tolower($0); match(line, /^ */); depth = RLENGTH }
  line ~ /^ *(#.*)?$/ { next }
  skipped != "" && depth > skipped { next }
  { skipped = "" }
  line ~ /psk|passw|secret|token|auth|private|[^a-z]keys?[^a-z]/ { skipped = depth; next }
  line ~ /^ *["\\047]?(wifis|modems|tunnels|nm-devices|openvswitch)["\\047]? *:/ { skipped = depth; next }
  line ~ /^ *(- *)?["\\047]?(network|version|renderer|ethernets|bonds|bridges|vlans|vrfs|match|macaddress|set-name|name|addresses|gateway4|gateway6|dhcp4|dhcp6|routes|to|via|interfaces|id|link|nameservers|search|metric|optional)["\\047]? *:/ { print; next }
  line ~ /^ *["\\047]?[a-z0-9_.@*-]+["\\047]? *: *(\\{.*\\})? *(#.*)?$/ { print; next }
  line ~ /^ *- *["\\047]?([0-9a-f.:\\/]+|[a-z][a-z0-9_.]*)["\\047]? *(#.*)?$/ { print; next }
  { skipped = depth }
  ' {} + 2>/dev/null
  true
}
part ip ip -j addr || { part ip-addresses ip -o addr; part ip-links ip -o link; }
part network-files files
`;

export const NETWORK: Group = { name: 'network', parts: PARTS };

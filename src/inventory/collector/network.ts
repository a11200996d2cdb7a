import { quote } from '../../remote/quote.ts';

/**
 * How interfaces are configured, by whatever manager. Such files hold Wi-Fi and VPN secrets: of each file only the lines
 * with a key that is known to be harmless leave the host. Each file begins with a line \`@@ PATH\`.
 */
const FILES = `
root=$1
each() {
  find "$root$1" -maxdepth 1 \\( -type f -o -type l \\) -name "$2" 2>/dev/null | sed "s|^.*$1/|$1/|" | sort | head -n 100 |
    while IFS= read -r file; do
      printf '@@ %s\\n' "$file"
      awk "$3" "$root$file" 2>/dev/null
    done
}
ini='/^[ \\t]*\\[[A-Za-z0-9 _.-]*\\][ \\t]*$/
  /^[ \\t]*(id|type|interface-name|mac-address|cloned-mac-address|method|address[0-9]*|addresses|gateway|Name|MACAddress|PermanentMACAddress|DHCP|Address|Gateway)[ \\t]*=/'
words='/^[ \\t]*(iface|auto|allow-[a-z]+|address|netmask|gateway|hwaddress)[ \\t]/'
shell='/^[ \\t]*(DEVICE|NAME|TYPE|HWADDR|MACADDR|LLADDR|ONBOOT|STARTMODE|BOOTPROTO|IPADDR[0-9_]*|PREFIX[0-9]*|PREFIXLEN[0-9_]*|NETMASK[0-9]*|GATEWAY[0-9]*|IPV6ADDR|IPV6_DEFAULTGW|DHCPV6C)[ \\t]*=/'
yaml='{ line = tolower($0); match(line, /^ */); depth = RLENGTH }
  line ~ /^ *(#.*)?$/ { next }
  skipped != "" && depth > skipped { next }
  { skipped = "" }
  line ~ /psk|passw|secret|token|auth|private|[^a-z]keys?[^a-z]/ { skipped = depth; next }
  line ~ /^ *["\\047]?(wifis|modems|tunnels|nm-devices|openvswitch)["\\047]? *:/ { skipped = depth; next }
  line ~ /^ *(- *)?["\\047]?(network|version|renderer|ethernets|bonds|bridges|vlans|vrfs|match|macaddress|set-name|name|addresses|gateway4|gateway6|dhcp4|dhcp6|routes|to|via|interfaces|id|link|nameservers|search|metric|optional)["\\047]? *:/ { print; next }
  line ~ /^ *["\\047]?[a-z0-9_.@*-]+["\\047]? *: *(\\{.*\\})? *(#.*)?$/ { print; next }
  line ~ /^ *- *["\\047]?([0-9a-f.:\\/]+|[a-z][a-z0-9_.]*)["\\047]? *(#.*)?$/ { print; next }
  { skipped = depth }'
each /etc/network interfaces "$words"
each /etc/network/interfaces.d '*' "$words"
each /etc/netplan '*.yaml' "$yaml"
each /lib/netplan '*.yaml' "$yaml"
each /run/netplan '*.yaml' "$yaml"
each /etc/NetworkManager/system-connections '*' "$ini"
each /run/NetworkManager/system-connections '*' "$ini"
each /etc/systemd/network '*.network' "$ini"
each /etc/sysconfig/network-scripts 'ifcfg-*' "$shell"
each /etc/sysconfig/network 'ifcfg-*' "$shell"
each /etc/sysconfig/network routes '/^[ \\t]*default[ \\t]/'
true
`;

export const NETWORK_PART = `
probe ip ip -j addr || { probe ip-addresses ip -o addr; probe ip-links ip -o link; }
probe network-files sh -c ${quote(FILES)} sh "$root"
`;

import { AGENTS, CONFIGURED, SETTING_KEYS } from '../../../survey/system/identity-table.ts';
import type { Group } from '../../group.ts';
import { LOCAL_PLACES } from '../../places.ts';

/** Makes the arguments of a function those of these directories that can be walked, for one search in all of them. */
const among = (places: readonly string[]): string => `IFS=$newline
  set -f
  set -- $(local_places ${places.join(' ')})
  unset IFS
  set +f
  [ "$#" -gt 0 ] || return 0`;

/**
 * What is bound to this very machine. Files are named, never printed: of those that are read, only the values of the
 * keys of the table leave the host, and of keytabs the names of the principals. Nothing on a mount of another server is touched.
 */
const PARTS = `
${LOCAL_PLACES}
settings() {
  ${among(CONFIGURED)}
  find "$@" -maxdepth 2 -type f \\( -name '*.conf' -o -name '*.cfg' -o -name '*.yaml' -o -name '*.yml' -o -name '*.rb' \\
    -o -name '*.cnf' -o -name '*.sys' -o -name '*.info' -o -name '*.iscsi' -o -name minion -o -name minion_id \\
    -o -name instance-id -o -name previous-instance-id -o -name datasource -o -name cloud-id \\) 2>/dev/null | head -n 200 | tr '\\n' '\\000' | xargs -0 awk '
    FNR == 1 { block = ""; words = 0 }
    FNR > 4000 || words > 60 { next }
    FNR == 1 && FILENAME ~ /(minion_id|instance-id|datasource|cloud-id)$/ { print FILENAME "\\t=\\t" substr($0, 1, 120); next }
    /^[ \\t]*[#;]/ { next }
    FILENAME ~ /keepalived/ && /virtual_ipaddress/ { block = "vip"; next }
    FILENAME ~ /keepalived/ && /}/ { block = "" }
    block == "vip" && $1 ~ /^[0-9a-fA-F.:]+(\\/[0-9]+)?$/ { print FILENAME "\\tvip\\t" $1; next }
    FILENAME ~ /sssd/ && /^\\[domain\\/[A-Za-z0-9._-]+\\]/ { print FILENAME "\\tdomain\\t" substr($1, 9, length($1) - 9); next }
    FILENAME ~ /ipsec/ && $1 == "conn" { print FILENAME "\\tconn\\t" $2; next }
    {
      line = tolower($0)
      if (!match(line, /^[ \\t]*(const[ \\t]+)?["\\047]?(${SETTING_KEYS.join('|')})["\\047]?[ \\t]*([:=]|[ \\t])[ \\t]*/)) next
      key = substr(line, RSTART, RLENGTH)
      gsub(/^[ \\t]*(const[ \\t]+)?|["\\047:= \\t]+/, "", key)
      value = substr($0, RSTART + RLENGTH, 120)
      sub(/[ \\t;#{].*$/, "", value)
      gsub(/["\\047,]/, "", value)
      if (value != "") print FILENAME "\\t" key "\\t" value
      words++
    }' 2>/dev/null
  true
}
agents() {
  ${among(AGENTS.map(({ place }) => place))}
  find "$@" -maxdepth 0 2>/dev/null
  true
}
keytabs() {
  ${among(['/etc', '/var/lib/samba', '/opt'])}
  { local_places /etc/krb5.keytab; find "$@" -maxdepth 4 -xdev -type f -name '*.keytab' 2>/dev/null; } | sort -u | head -n 40 | while IFS= read -r file; do
    [ -h "$file" ] || [ -e "$file" ] || continue
    printf '@@ %s\\n' "$file"
    case $file in
      /etc/krb5.keytab) rooted klist -k "$file" ;;
      *) klist -k "$file" ;;
    esac 2>/dev/null | awk '$1 ~ /^[0-9]+$/ { print $2 }' | sort -u | head -n 20
  done
  true
}
names() {
  local_places /etc/wireguard /etc/openvpn /etc/swanctl /etc/ipsec.d | while IFS= read -r place; do
    [ -h "$place" ] || [ -e "$place" ] || continue
    find "$place" -maxdepth 3 \\( -name '*.conf' -o -name '*.ovpn' \\) 2>/dev/null || printf '! %s\\n' "$place"
  done | head -n 100
  true
}
licences() {
  ${among(['/opt', '/usr/local', '/usr/share/flexlm', '/var/flexlm', '/etc', '/srv'])}
  find "$@" -maxdepth 6 -xdev -type f -size -64k \\( -name '*.lic' -o -name 'license.dat' \\) 2>/dev/null | head -n 40 | tr '\\n' '\\000' | xargs -0 awk '
    FNR == 1 { found = 0; print "@@ " FILENAME }
    found < 8 && toupper($1) == "SERVER" && $3 ~ /^[A-Za-z_]*=?[0-9A-Fa-f:.-]+$/ { found++; print $3 }
    found < 8 && match($0, /HOSTID=[A-Za-z_]*=?[0-9A-Za-z:.-]+/) { found++; print substr($0, RSTART + 7, RLENGTH - 7) }
    ' 2>/dev/null
  true
}
part host-id od -An -tx4 -N4 /etc/hostid
part bus-machine-id head -c 64 /var/lib/dbus/machine-id
part settings settings
part agents agents
part keytabs keytabs
part vpn-names names
part ubuntu-pro grep -o '"attached": *[a-z]*' /var/lib/ubuntu-advantage/status.json
part licences licences
`;

export const IDENTITY: Group = { name: 'survey-identity', parts: PARTS };

import { REMOTE_TYPES } from './shares.ts';

/**
 * Addresses that stand in configuration in so many figures. Bounded: files with the name of a configuration, text, at
 * most 256 KiB each, 3000 of them, 2000 addresses; only FILE, LINE, ADDRESS and the name of the setting leave the host.
 * What describes the machine's own network is read elsewhere, and so are names, mounts and resolvers.
 *
 * \`find\` asks the kernel about every directory that it meets, also about one that it is to leave out. So no search
 * begins above a file system of another server: directories above one are taken apart by their names alone.
 * Links are passed over, because they may lead there. A name with a line break would be two words of the search, and the
 * second one may be `-delete`: whoever may make a file chooses it.
 */
const SEARCH = `
set -f
remote=$(awk -v remote='${REMOTE_TYPES}' '
  { for (at = 7; at <= NF && $at != "-"; at++); if ($(at + 1) ~ remote && $5 != "/") print $5 }' \\
  "$root/proc/self/mountinfo" 2>/dev/null)
remote=$(printf '%b' "$remote")
newline='
'
remote="$newline$remote$newline"
set +f
list=
apart() {
  case $1 in *"$newline"*) return 0 ;; esac
  place=\${1#"$root"}
  case $remote in *"$newline$place$newline"*) return 0 ;; esac
  case $remote in
    *"$newline$place/"*) for child in "$1"/* "$1"/.[!.]*; do apart "$child"; done ;;
    *) [ ! -h "$1" ] && [ -e "$1" ] && list="$list$1$newline" ;;
  esac
  return 0
}
for place in "$root/etc" "$root/opt" "$root/srv" "$root/usr/local/etc" "$root/var/www" "$root/home"; do apart "$place"; done
set -f
IFS=$newline
set -- $list
unset IFS
set +f
[ "$#" -gt 0 ] || exit 0
`;

/** In /etc everything may be configuration; elsewhere its name says so. */
const FIND = String.raw`
find "$@" -xdev -maxdepth 7 -type d \( -name .git -o -name node_modules -o -name ssl -o -name pki -o -name ca-certificates \
  -o -name alternatives -o -name selinux -o -name fonts -o -name X11 -o -name terminfo -o -name backup -o -name backups \
  -o -name vendor -o -name .cache -o -name .local -o -name .ssh -o -name .gnupg -o -name docs -o -name examples \
  -o -path '*/etc/network' -o -path '*/etc/netplan' -o -path '*/etc/NetworkManager' -o -path '*/etc/systemd/network' \
  -o -path '*/etc/sysconfig/network-scripts' -o -path '*/etc/sysconfig/network' -o -path '*/etc/cloud' \
  -o -path '*/etc/lvm' -o -path '*/etc/iscsi' \) -prune \
  -o -type f -size -513 \( -path "$root/etc/*" -o -name '*.conf' -o -name '*.cfg' -o -name '*.cnf' -o -name '*.ini' \
  -o -name '*.yaml' -o -name '*.yml' -o -name '*.json' -o -name '*.xml' -o -name '*.properties' -o -name '*.env' \
  -o -name '.env' -o -name '*.toml' -o -name '*.config' -o -name '*.cf' -o -name '*.service' -o -name '*.sh' \
  -o -name 'config.php' -o -name 'settings.py' -o -name 'wp-config.php' -o -name '*.hcl' -o -name '*rc' \) \
  ! -path '*/etc/hosts' ! -path '*/etc/resolv.conf' ! -path '*/etc/fstab' ! -path '*/etc/mtab' ! -path '*/etc/services' \
  ! -path '*/etc/protocols' ! -path '*/etc/networks' ! -path '*/etc/sysconfig/network' ! -name '*shadow*' \
  ! -name '*.dpkg-*' ! -name '*.rpm*' ! -name '*.ucf-*' ! -name '*.bak' ! -name '*.orig' ! -name '*.old' ! -name '*~' \
  ! -name '*.lock' ! -name 'package*.json' ! -name 'composer.json' ! -name '*.pem' ! -name '*.key' ! -name '*.crt' \
  ! -name '*secret*' ! -name '*passwd*' ! -name 'mime.types' ! -name 'magic' -exec awk -v root="$root" '
`;

const READ = String.raw`
function tell(address, before, after) {
  if (before ~ /[0-9A-Za-z_.:@\/-]$/ && before !~ /(:\/\/|@|\/\/|[=:"(])$/) return
  if (before ~ /([Vv]ersion|[Rr]elease|VERSION|OID|oid)[^=:]*[=: "\047]*$/) return
  if (after ~ /^(\.?[0-9]|[A-Za-z_]|-[0-9A-Za-z])/) return
  if (after ~ /^\/[0-9]+/ && after !~ /^\/(32|128)([^0-9]|$)/) return
  print file "\t" FNR "\t" address "\t" setting
  if (++told >= 2000) exit
}
FNR == 1 {
  if (++files > 3000) exit
  file = substr(FILENAME, length(root) + 1)
  if (match(file, /\/(etc|opt|srv|usr|var|home)\//)) file = substr(file, RSTART)
  gsub(/[\t\n\r]/, "?", file)
}
length($0) > 2000 { next }
!/[0-9]\.[0-9]/ && !/:[0-9a-fA-F]*:/ { next }
/^[ \t]*(#|;|\/\/|<!--|\*|--|")/ && !/^[ \t]*"[^"]*"[ \t]*[:,]/ { next }
{
  line = $0
  sub(/[ \t]#.*$/, "", line)
  setting = ""
  if (match(line, /^[ \t]*(export[ \t]+|set[ \t]+)?["\047<]?[A-Za-z][A-Za-z0-9_.-]*["\047]?[ \t]*([=:>][^\/]|[ \t])/)) {
    setting = substr(line, RSTART, RLENGTH)
    sub(/^[ \t]*(export[ \t]+|set[ \t]+)?["\047<]?/, "", setting)
    match(setting, /^[A-Za-z0-9_.-]+/); setting = substr(setting, 1, RLENGTH)
    if (length(setting) > 60 || setting ~ /^[0-9.]+$/) setting = ""
  }
  rest = line; before = ""
  while (match(rest, /[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+/)) {
    found = substr(rest, RSTART, RLENGTH)
    before = before substr(rest, 1, RSTART - 1)
    rest = substr(rest, RSTART + RLENGTH)
    split(found, part, ".")
    if (part[1] > 0 && part[1] < 224 && part[1] != 127 && part[2] < 256 && part[3] < 256 && part[4] < 256) tell(found, before, rest)
    before = before found
  }
  rest = line; before = ""
  while (match(rest, /[23fF][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]:[0-9a-fA-F:]*:[0-9a-fA-F:]*/)) {
    found = substr(rest, RSTART, RLENGTH)
    before = before substr(rest, 1, RSTART - 1)
    rest = substr(rest, RSTART + RLENGTH)
    if (tolower(found) ~ /^([23]|f[cd])/ && before !~ /[0-9A-Za-z_.:]$/) tell(found, before, rest)
    before = before found
  }
}
`;

/** A program of its own: its functions share names with nothing else in the group. */
export const HARD_ADDRESSES_FUNCTIONS = `
hard_addresses() { (${SEARCH}${FIND.trim()}${READ}' {} + 2>/dev/null | head -n 2000) }
`;

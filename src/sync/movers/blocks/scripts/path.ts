import { rsyncServerScript } from '../../../path/rsync-server.ts';

/** The shell side of the path between two hypervisors. */

/**
 * From which addresses this host comes; loopback only where there is nothing else. One a line, without prefix lengths.
 */
export const ADDRESSES_SCRIPT = `LC_ALL=C
export LC_ALL
all=$(ip -o address show 2>&- | sed -n 's/.* inet6\\{0,1\\} \\([0-9A-Fa-f.:]*\\)[/ ].*/\\1/p')
[ -n "$all" ] || all=$(hostname -I 2>&- | tr ' ' '\\n')
outside=$(printf '%s\\n' "$all" | sed '/^127\\./d;/^::1$/d;/^[Ff][Ee]80:/d;/^$/d')
[ -n "$outside" ] || outside=$(printf '%s\\n' "$all" 127.0.0.1)
printf '%s\\n' "$outside"
case $1 in
*:*) ;;
*[!0-9.]*) found=$(getent hosts "$1" 2>&-) || printf 'unknown %s\\n' "$1" ;;
esac`;

/** Who logs in here, at which of its addresses and ports landfall came in (not told through sudo), its public host keys. */
export const DOOR_SCRIPT = `LC_ALL=C
export LC_ALL
printf 'login %s\\n' "\${SUDO_USER:-$(id -un)}"
set -- \${SSH_CONNECTION:-}
[ $# -ne 4 ] || printf 'server %s %s\\n' "$3" "$4"
for file in /etc/ssh/ssh_host_*_key.pub; do
  [ ! -r "$file" ] || sed 's/^/key /' "$file"
done`;

/**
 * The forced command on the target's hypervisor: plain files may arrive in the one directory that is its argument.
 * Links, devices, owners, deletion and reading are not among the options.
 */
export const RECV_SCRIPT = rsyncServerScript({
  lets: 'lets pieces of disks arrive in one directory and does nothing else.',
  letters: 'vtSzW',
  options: [],
  numbers: [],
  before: 'into=$1',
  place: `[ "$given" = "$into/" ] || refuse 'another directory'
[ -d "$into" ] && [ ! -L "$into" ] || refuse 'no such directory'`,
});

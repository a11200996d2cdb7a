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

const HOME = `login=\${SUDO_USER:-}
home=$HOME
if [ -n "$login" ]; then home=$(getent passwd "$login" | cut -d: -f6) || exit 1; fi
file=$home/.ssh/authorized_keys
new=$file.landfall.$$`;

/**
 * Several machines open their paths to one hypervisor at once: each writes a file of its own, so that no line of anybody's is
 * ever lost, and they wait for one another, so that none of landfall's is. It is the directory that is locked: nothing stays.
 */
const LOCK = `[ -z "$(command -v flock)" ] || { exec 9< "$home/.ssh" && flock -w 30 9; } || exit 1
trap 'rm -f -- "$new"' EXIT`;

/**
 * Makes the directory where pieces arrive, and puts landfall's line into authorized_keys, in place of an older one with
 * the same comment. Arguments: comment, expiry in epoch seconds, addresses, forced-command script, directory, public key.
 */
export const AUTHORIZE_SCRIPT = `umask 077
${HOME}
mkdir -p -- "$home/.ssh" || exit 1
umask 022
mkdir -p -- "$5" || exit 1
chmod 700 -- "$5" || exit 1
umask 077
if [ -n "$login" ]; then
  chown -- "$login" "$5" "$home/.ssh" || exit 1
  # The forced command runs as this user, who must be able to reach its script.
  script=\${4%/*}
  chmod 711 -- "$script" "\${script%/*}" || exit 1
fi
${LOCK}
[ -e "$file" ] || : > "$file" || exit 1
until=$(date -d "@$2" +%Y%m%d%H%M%S) || exit 1
grep -v -- " $1\\$" "$file" > "$new"
[ "$?" -le 1 ] || exit 1
printf 'restrict,from="%s",expiry-time="%s",command="sh %s %s" %s %s\\n' "$3" "$until" "$4" "$5" "$6" "$1" >> "$new" || exit 1
[ -z "$login" ] || chown -- "$login" "$new" || exit 1
mv -f -- "$new" "$file"
`;

/** Takes landfall's line out again. Argument: comment. */
export const REVOKE_SCRIPT = `umask 077
${HOME}
[ -e "$file" ] || exit 0
${LOCK}
grep -v -- " $1\\$" "$file" > "$new"
[ "$?" -le 1 ] || exit 1
[ -z "$login" ] || chown -- "$login" "$new" || exit 1
mv -f -- "$new" "$file"
`;

/** Succeeds where landfall's line with this key is in place. Arguments: comment, public key (type and data). */
export const AUTHORIZED_SCRIPT = `${HOME}
grep -q -F -- "$2 $1" "$file"`;

/** Succeeds where no line bears the comment. Argument: comment. */
export const REVOKED_SCRIPT = `${HOME}
! grep -q -- " $1\\$" "$file" 2>&-`;

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';

/** Exit code of a refusal; rsync hands it on as its own. */
export const RECV_NOT_ALLOWED = 97;

/**
 * The forced command on the target's hypervisor: the only thing that the source hypervisor's key can do there. It lets
 * through an rsync server that writes plain files into the one directory that is its argument. Links, devices, owners,
 * deletion and reading are not among the options; what was asked is split into words with globbing off and never evaluated.
 */
export const RECV_SCRIPT = `#!/bin/sh
# landfall: lets pieces of disks arrive in one directory and does nothing else.
LC_ALL=C
export LC_ALL
set -f
refuse() {
  printf 'landfall-recv: refused: %s\\n' "$1" >&2
  exit ${RECV_NOT_ALLOWED}
}
into=$1
case \${SSH_ORIGINAL_COMMAND-} in
  '') refuse 'no command' ;;
  *[!${LETTERS}${DIGITS}._/@+,=%\\ -]*) refuse 'a character that has no place here' ;;
esac
IFS=' '
# shellcheck disable=SC2086
set -- $SSH_ORIGINAL_COMMAND
[ "$#" -ge 5 ] && [ "$1" = rsync ] && [ "$2" = --server ] || refuse 'not an rsync server'
shift 2
left=$#
set -- "$@" rsync --server
value=
while [ "$left" -gt 2 ]; do
  word=$1
  shift
  left=$((left - 1))
  if [ -n "$value" ]; then
    [ "$word" = "$value" ] || refuse "the value $word"
    value=
  else
    case $word in
      --stats | --info=STATS2 | --partial-dir=.rsync-partial | --log-format=%i | --out-format=%i) ;;
      --partial-dir) value=.rsync-partial ;;
      --timeout=* | --bwlimit=*)
        case \${word#*=} in '' | *[!${DIGITS}]*) refuse "the option $word" ;; esac ;;
      --*) refuse "the option $word" ;;
      -*e*)
        # What follows the e are the abilities of the other side, never a command.
        case \${word%%e*} in -*[!vtSzW]*) refuse "the option $word" ;; esac
        case \${word#*e} in *[!${LETTERS}${DIGITS}.]*) refuse "the option $word" ;; esac ;;
      -[vtSzW]*)
        case \${word#-} in *[!vtSzW]*) refuse "the option $word" ;; esac ;;
      *) refuse "the word $word" ;;
    esac
  fi
  set -- "$@" "$word"
done
[ -z "$value" ] && [ "$1" = . ] || refuse 'not a transfer to one directory'
[ "$2" = "$into/" ] || refuse 'another directory'
[ -d "$into" ] && [ ! -L "$into" ] || refuse 'no such directory'
shift 2
exec "$@" . "$into/"
`;

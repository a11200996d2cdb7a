/**
 * The ephemeral key of a data path, in shell: made where the bytes come from, let in where they go to, for one exact
 * command, from known addresses, until it expires.
 */

/**
 * Makes the ephemeral key of a path in the source's tmpfs, or keeps the one that is there, and prints its public
 * half. A torn pair (made while the host went down) is made anew.
 * Arguments: directory, comment.
 */
export const KEY_SCRIPT = `umask 077
mkdir -p -- "$1" || exit 1
if ! ssh-keygen -y -f "$1/key" >/dev/null 2>&1 || ! [ -s "$1/key.pub" ]; then
  rm -f -- "$1/key" "$1/key.pub"
  ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1/key" </dev/null || exit 1
fi
cat "$1/key.pub"
`;

export interface KeyScripts {
  /**
   * Puts landfall's line into authorized_keys, in place of an older one with the same comment.
   * Arguments: comment, expiry in epoch seconds, addresses, public key (type and data), forced-command script, and the
   * one directory that is its argument, where it has one: that is made, too.
   */
  readonly authorize: string;
  /** Takes landfall's line out again. Argument: comment. */
  readonly revoke: string;
  /** Succeeds where landfall's line with this key is in place. Arguments: comment, public key (type and data). */
  readonly authorized: string;
  /** Succeeds where no line bears the comment. Argument: comment. */
  readonly revoked: string;
}

/**
 * Several machines open their paths to one host at once: each writes a file of its own, so that no line of anybody's is
 * ever lost, and they wait for one another, so that none of landfall's is. It is the directory that is locked: nothing stays.
 */
const LOCK = `[ -z "$(command -v flock)" ] || { exec 9< "$home/.ssh" && flock -w 30 9; } || exit 1
trap 'rm -f -- "$new"' EXIT`;

/**
 * sshd reads an expiry time without a zone in its own local time; the suffix Z for UTC is understood only from
 * OpenSSH 9.1 on, and an older sshd would refuse the whole line. So the host itself turns the instant into its local
 * time. One before 7.7 knows no expiry at all: better said here than as a login that fails.
 */
const OLD_SSHD = `case $(ssh -V 2>&1) in OpenSSH_[1-6].* | OpenSSH_7.[0-6] | OpenSSH_7.[0-6][!0-9]*)
  printf 'its sshd is older than OpenSSH 7.7: it would refuse a key that expires\\n' >&2
  exit 1 ;;
esac`;

function keyScripts(whose: string): KeyScripts {
  const file = `${whose}
file=$home/.ssh/authorized_keys new=$home/.ssh/authorized_keys.landfall.$$`;
  const others = `grep -v -- " $1\\$" "$file" > "$new"
[ "$?" -le 1 ] || exit 1`;
  const replace = `[ -z "$login" ] || chown -- "$login" "$new" || exit 1
mv -f -- "$new" "$file"
`;
  return {
    authorize: `umask 077
${OLD_SSHD}
${file}
mkdir -p -- "$home/.ssh" || exit 1
if [ -n "\${6-}" ]; then
  umask 022
  mkdir -p -- "$6" || exit 1
  chmod 700 -- "$6" || exit 1
  umask 077
fi
if [ -n "$login" ]; then
  chown -- "$login" "$home/.ssh" || exit 1
  [ -z "\${6-}" ] || chown -- "$login" "$6" || exit 1
  # The forced command runs as this user, who must be able to reach its script.
  script=\${5%/*}
  chmod 711 -- "$script" "\${script%/*}" || exit 1
fi
${LOCK}
[ -e "$file" ] || : > "$file" || exit 1
until=$(date -d "@$2" +%Y%m%d%H%M%S) || exit 1
${others}
printf 'restrict,from="%s",expiry-time="%s",command="sh %s" %s %s\\n' "$3" "$until" "$5\${6:+ $6}" "$4" "$1" >> "$new" || exit 1
${replace}`,
    revoke: `umask 077
${file}
[ -e "$file" ] || exit 0
${LOCK}
${others}
${replace}`,
    authorized: `${file}
grep -q -F -- "$2 $1" "$file"`,
    revoked: `${file}
! grep -q -- " $1\\$" "$file" 2>/dev/null`,
  };
}

/** On a receiver, where the passes log in as root: the keys of whoever runs the script. */
export const RECEIVER_KEYS = keyScripts('login= home=$HOME');

/** On a hypervisor, which is nobody's own: the keys of the user who logs in there, with or without sudo. */
export const HYPERVISOR_KEYS = keyScripts(`login=\${SUDO_USER:-}
home=$HOME
if [ -n "$login" ]; then home=$(getent passwd "$login" | cut -d: -f6) || exit 1; fi`);

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
  /** Succeeds where exactly the line that `authorize` would write is in place. The same arguments. */
  readonly authorized: string;
  /** Succeeds where no line bears the comment. Argument: comment. */
  readonly revoked: string;
}

/**
 * Several machines open their paths to one host at once: each writes a file of its own, so that no line of anybody's is
 * ever lost, and they wait for one another, so that none of landfall's is. It is the directory that is locked: nothing
 * stays. Whoever has the lock takes away what one before has left that was killed.
 */
const LOCK = `[ -z "$(command -v flock)" ] || {
  exec 9< "$home/.ssh" && flock -w 30 9 && rm -f -- "$file".landfall.[0-9]*
} || exit 1
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

const LINE = `until=$(date -d "@$2" +%Y%m%d%H%M%S) || exit 1
line="restrict,from=\\"$3\\",expiry-time=\\"$until\\",command=\\"sh $5\${6:+ $6}\\" $4 $1"`;

function keyScripts(whose: string): KeyScripts {
  // A link is followed: what it leads to is somebody's own arrangement.
  const file = `LC_ALL=C
export LC_ALL
${whose}
file=$home/.ssh/authorized_keys
[ ! -L "$file" ] || file=$(readlink -f -- "$file") || exit 1
new=$file.landfall.$$`;
  // Not with grep: a byte that is no character of the locale, or a NUL, makes it drop lines that are not ours.
  const others = `sed "/ $1\\$/d" "$file" > "$new" || exit 1`;
  // Whose the file is and who may read it stays as it was. On disk before it takes the place of the other: a host that
  // loses power must not come back with a file that is empty, and a sync that knows no single files is not used.
  const replace = `[ "$(id -u)" != 0 ] || chown -- "$(stat -c %u:%g -- "$file")" "$new" || exit 1
chmod -- "$(stat -c %a -- "$file")" "$new" || exit 1
sync -d -- "$new" 2>&- || :
mv -f -- "$new" "$file" || exit 1
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
  [ "$(find "$home/.ssh" | wc -l)" -gt 1 ] || chown -- "$login" "$home/.ssh" || exit 1
  [ -z "\${6-}" ] || chown -- "$login" "$6" || exit 1
  # The forced command runs as this user, who must be able to reach its script.
  script=\${5%/*}
  chmod 711 -- "$script" "\${script%/*}" || exit 1
fi
${LINE}
${LOCK}
if [ ! -e "$file" ]; then
  : > "$new" || exit 1
  [ -z "$login" ] || chown -- "$login" "$new" || exit 1
  mv -f -- "$new" "$file" || exit 1
fi
${others}
# A last line that nobody has ended stays a line of its own.
[ -z "$(tail -c 1 -- "$new")" ] || printf '\\n' >> "$new" || exit 1
printf '%s\\n' "$line" >> "$new" || exit 1
${replace}`,
    revoke: `umask 077
${file}
[ -e "$file" ] || exit 0
${LOCK}
${others}
${replace}`,
    authorized: `${file}
${LINE}
grep -q -x -F -- "$line" "$file"`,
    revoked: `${file}
[ -e "$file" ] || exit 0
grep -q -- " $1\\$" "$file"
[ "$?" -eq 1 ]`,
  };
}

/** On a receiver, where the passes log in as root: the keys of whoever runs the script. */
export const RECEIVER_KEYS = keyScripts('login= home=$HOME');

/** On a hypervisor, which is nobody's own: the keys of the user who logs in there, with or without sudo. */
export const HYPERVISOR_KEYS = keyScripts(`login=\${SUDO_USER:-}
home=$HOME
[ -z "$login" ] || home=$(getent passwd "$login" | cut -d: -f6)
if [ -z "$home" ]; then
  printf 'nobody here knows the home of %s\\n' "$login" >&2
  exit 1
fi`);

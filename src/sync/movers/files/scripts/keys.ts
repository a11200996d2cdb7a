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

/**
 * Puts landfall's line into authorized_keys of the receiver, in place of an older one with the same comment.
 * Arguments: comment, expiry in epoch seconds, addresses, forced-command script, public key (type and data).
 *
 * sshd reads an expiry time without a zone in its own local time; the suffix Z for UTC is understood only from
 * OpenSSH 9.1 on, and an older sshd would refuse the whole line. So the receiver itself turns the instant into its
 * local time. One before 7.7 knows no expiry at all: better said here than as a login that fails.
 */
export const AUTHORIZE_SCRIPT = `umask 077
case $(ssh -V 2>&1) in OpenSSH_[1-6].* | OpenSSH_7.[0-6] | OpenSSH_7.[0-6][!0-9]*)
  printf 'its sshd is older than OpenSSH 7.7: it would refuse a key that expires\\n' >&2
  exit 1 ;;
esac
mkdir -p -- "$HOME/.ssh" || exit 1
file=$HOME/.ssh/authorized_keys new=$HOME/.ssh/authorized_keys.landfall.$$
[ -e "$file" ] || : > "$file" || exit 1
until=$(date -d "@$2" +%Y%m%d%H%M%S) || exit 1
grep -v -- " $1\\$" "$file" > "$new"
[ "$?" -le 1 ] || exit 1
printf 'restrict,from="%s",expiry-time="%s",command="sh %s" %s %s\\n' "$3" "$until" "$4" "$5" "$1" >> "$new" || exit 1
mv -f -- "$new" "$file"
`;

/** Takes landfall's line out of authorized_keys again. Argument: comment. */
export const REVOKE_SCRIPT = `umask 077
file=$HOME/.ssh/authorized_keys new=$HOME/.ssh/authorized_keys.landfall.$$
[ -e "$file" ] || exit 0
grep -v -- " $1\\$" "$file" > "$new"
[ "$?" -le 1 ] || exit 1
mv -f -- "$new" "$file"
`;

/** Succeeds where no line of authorized_keys bears the comment. Argument: comment. */
export const REVOKED_SCRIPT = `! grep -q -- " $1\\$" "$HOME/.ssh/authorized_keys" 2>/dev/null`;

/** Succeeds where landfall's line with this key is in place. Arguments: comment, public key (type and data). */
export const AUTHORIZED_SCRIPT = `grep -q -F -- "$2 $1" "$HOME/.ssh/authorized_keys"`;

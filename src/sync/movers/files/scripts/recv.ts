import { ECHO_COMMAND } from './survey.ts';

/**
 * The forced command on the receiver: the only thing that the source's key can do there. It reads what the source
 * asked for, lets through an rsync server that writes into a mounted replica, and nothing else. (What comes back line by
 * line, to tell how far away the receiver is, is what the source itself has sent.)
 *
 * How it is safe: the command is refused unless every character is on a list without quotes, blanks other than the
 * space, wildcards, `$`, `;` or line ends; it is split into words with globbing off; every option is on a list; and
 * the words are executed as words. Nothing is ever evaluated. Character ranges depend on the locale in some shells:
 * the lists are spelled out.
 */

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';

/** Characters of a destination that every version of rsync passes on unchanged. */
const PATH_CHARACTERS = `${LETTERS}${DIGITS}._/@+,-`;

/** Single-letter options that landfall's passes lead to: archive, links, ACLs, xattrs, sparse, checksum, dry run. */
const FLAG_LETTERS = 'vlHogDtpAXrxScnWz';

/** Exit codes of a refusal; rsync hands them on as its own. */
export const RECV_NOT_ALLOWED = 97;
export const RECV_NOT_MOUNTED = 98;

export const RECV_SCRIPT = `#!/bin/sh
# landfall: lets the source write into the mounted replica and do nothing else.
LC_ALL=C
export LC_ALL
set -f
refuse() {
  printf 'landfall-recv: refused: %s\\n' "$1" >&2
  exit ${RECV_NOT_ALLOWED}
}
# How far the source is: each line goes back, a few of them.
if [ "\${SSH_ORIGINAL_COMMAND-}" = '${ECHO_COMMAND}' ]; then
  for number in 1 2 3 4 5 6; do
    IFS= read -r line || exit 0
    printf '%s\\n' "$line"
  done
  exit 0
fi
case \${SSH_ORIGINAL_COMMAND-} in
  '') refuse 'no command' ;;
  *[!${PATH_CHARACTERS}=%\\ ]*) refuse 'a character that has no place here' ;;
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
      -@-1 | -@1 | --modify-window=1) ;;
      --numeric-ids | --delete | --delete-delay | --delete-after | --open-noatime | --stats | --info=STATS2) ;;
      --compress-choice=zstd | --compress-choice=lz4 | --checksum-choice=xxh128 | --log-format=%i | --out-format=%i) ;;
      --partial-dir=.rsync-partial) ;;
      --partial-dir) value=.rsync-partial ;;
      --timeout=* | --bwlimit=* | --max-delete=* | --compress-level=*)
        case \${word#*=} in '' | *[!${DIGITS}]*) refuse "the option $word" ;; esac ;;
      --*) refuse "the option $word" ;;
      -*e*)
        # What follows the e are the abilities of the other side, never a command.
        case \${word%%e*} in -*[!${FLAG_LETTERS}]*) refuse "the option $word" ;; esac
        case \${word#*e} in *[!${LETTERS}${DIGITS}.]*) refuse "the option $word" ;; esac ;;
      -[${FLAG_LETTERS}]*)
        case \${word#-} in *[!${FLAG_LETTERS}]*) refuse "the option $word" ;; esac ;;
      *) refuse "the word $word" ;;
    esac
  fi
  set -- "$@" "$word"
done
[ -z "$value" ] && [ "$1" = . ] || refuse 'not a transfer to one directory'
given=$2
shift 2
case $given in
  *[!${PATH_CHARACTERS}]*) refuse 'a destination with such characters' ;;
  *//* | */./* | */../* | */.. | */. | -*) refuse 'a destination that leads elsewhere' ;;
esac
case $given in
  /mnt/t/ | /mnt/t/*/) ;;
  *) refuse 'a destination outside the replica' ;;
esac
if ! mountpoint -q "\${given%/}"; then
  printf 'landfall-recv: not mounted: %s\\n' "\${given%/}" >&2
  exit ${RECV_NOT_MOUNTED}
fi
# The source can put a link into its replica; followed, it would lead to the receiver's own root.
part=/mnt/t rest=\${given#/mnt/t/}
while [ -n "$rest" ]; do
  part=$part/\${rest%%/*} rest=\${rest#*/}
  link=$(find "$part" -prune -type l) && [ -z "$link" ] || refuse 'a destination that leads elsewhere'
done
exec "$@" . "$given"
`;

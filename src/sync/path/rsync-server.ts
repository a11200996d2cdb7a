/**
 * The forced command at the end of a data path: all that its key can do there. It reads what the other side asked for,
 * lets through an rsync server that writes into one place, and nothing else.
 *
 * How it is safe: the command is refused unless every character is on a list without quotes, blanks other than the
 * space, wildcards, `$`, `;` or line ends; it is split into words with globbing off; every option is on a list; and
 * the words are executed as words. Nothing is ever evaluated. Character ranges depend on the locale in some shells:
 * the lists are spelled out. A `-` between two of their characters would make a range of them: it stands last.
 */

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';
const PLACE_CHARACTERS = `${LETTERS}${DIGITS}._/@+,`;

/** Characters of a destination that every version of rsync passes on unchanged, as the inside of a shell's `[...]`. */
export const PATH_CHARACTERS = `${PLACE_CHARACTERS}-`;

/** Exit code of a refusal; rsync hands it on as its own. */
export const RECV_NOT_ALLOWED = 97;

/** What one door lets through. All of it is shell, written here: nothing of it may come from a plan or a host. */
export interface Door {
  /** What the script says of itself in its second line. */
  readonly lets: string;
  /** Single-letter options. */
  readonly letters: string;
  /** Long options, and others that are no letters, exactly as they are. */
  readonly options: readonly string[];
  /** Long options with a number behind `=`. */
  readonly numbers: readonly string[];
  /** Runs before the command is looked at; `refuse WORDS` ends it. */
  readonly before: string;
  /** Judges `$given`, the one place that is asked for; whatever does not refuse is let in. */
  readonly place: string;
}

/** In the words of all doors: where parts of files wait, and how rsync tells what it did. */
const ALWAYS = [
  '--stats',
  '--info=STATS2',
  '--partial-dir=.rsync-partial',
  '--log-format=%i',
  '--out-format=%i',
];
const ALWAYS_NUMBERS = ['--timeout', '--bwlimit'];

export function rsyncServerScript({ lets, letters, options, numbers, before, place }: Door): string {
  return `#!/bin/sh
# landfall: ${lets}
LC_ALL=C
export LC_ALL
set -f
refuse() {
  printf 'landfall-recv: refused: %s\\n' "$1" >&2
  exit ${RECV_NOT_ALLOWED}
}
${before}
case \${SSH_ORIGINAL_COMMAND-} in
  '') refuse 'no command' ;;
  *[!${PLACE_CHARACTERS}=%\\ -]*) refuse 'a character that has no place here' ;;
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
      ${[...ALWAYS, ...options].join(' | ')}) ;;
      --partial-dir) value=.rsync-partial ;;
      ${[...ALWAYS_NUMBERS, ...numbers].map(name => `${name}=*`).join(' | ')})
        case \${word#*=} in '' | *[!${DIGITS}]*) refuse "the option $word" ;; esac ;;
      --*) refuse "the option $word" ;;
      -*e*)
        # What follows the e are the abilities of the other side, never a command. Left empty it would swallow the next word.
        case \${word%%e*} in -*[!${letters}]*) refuse "the option $word" ;; esac
        case \${word#*e} in [!${DIGITS}.]* | '' | *[!${LETTERS}${DIGITS}.]*) refuse "the option $word" ;; esac ;;
      -[${letters}]*)
        case \${word#-} in *[!${letters}]*) refuse "the option $word" ;; esac ;;
      *) refuse "the word $word" ;;
    esac
  fi
  set -- "$@" "$word"
done
[ -z "$value" ] && [ "$1" = . ] || refuse 'not a transfer to one directory'
given=$2
shift 2
${place}
exec "$@" . "$given"
`;
}

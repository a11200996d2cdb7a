import { quote } from '../../remote/quote.ts';

/**
 * Questions about one thing, in the collector's own language. `part NAME COMMAND…` is a question; a group that is cut
 * off keeps the parts that were answered. Its `$1` is what all paths begin with. `rooted COMMAND…` asks through sudo
 * where the login may do so (`as_root` of the collector), under a limit of its own, because nobody but root can end what
 * runs as root. `seam` is what the collector has drawn by lot for this one look: names and contents of files, which
 * anybody on the host may choose, cannot hold it and so make no part.
 */
export interface Group {
  readonly name: string;
  readonly parts: string;
}

/**
 * Several groups in one go. What a look costs on a busy machine is starting programs: the guard, the bound and the
 * encoding are started once for all of a round. Each group is in a subshell of its own, so that nothing of it reaches
 * the next. Where a round is cut off, each of its groups that had not come to its end is asked again alone, so that what
 * hangs in one of them takes nothing from the others.
 */
export const round = (name: string, groups: readonly Group[]): string =>
  `round ${name} ${groups.map(each => `${each.name} ${quote(each.parts)}`).join(' ')}\n`;

const PRELUDE = `
part() {
  printf '\\n@@@%s %s\\n' "$seam" "$1"
  shift
  "$@"
  rc=$?
  printf '\\n@@@%s =%s\\n' "$seam" "$rc"
  return "$rc"
}
rooted() {
  [ -n "$as_root" ] || { "$@"; return; }
  tool=$(command -v "$1") || return 127
  shift
  sudo -n -- /usr/bin/timeout 20 "$tool" "$@"
}
`;

/** Groups that may take longer than the rest where they are asked alone: their programs have much to read. */
const PATIENT = ' services initramfs packages ';

/**
 * `probe NAME COMMAND…` is one question and one line of the answer; `round` is what `round()` above says. A round tells
 * which of its groups ended through the same way as its exit code, which its programs do not have.
 */
export const ASKING = `prelude=${quote(PRELUDE)}
newline='
'
limit=1048576
probe() {
  printf '{"section":"%s","data":"' "$1"
  shift
  told=$( { { $guard "$@" </dev/null 2>/dev/null 4>&-; echo "$?" >&3; } | head -c "$limit" | $encode >&4; } 3>&1 )
  rc=\${told##*"$newline"}
  printf '","rc":%s}\\n' "\${rc:-255}"
  return "\${rc:-255}"
}
round() {
  whole=$prelude label=round:$1 name=
  shift
  for word do
    if [ -z "$name" ]; then name=$word; continue; fi
    whole="$whole
printf '\\n@@@%s +%s\\n' \\"\\$seam\\" '$name'
(
$word
) 3>&-
printf '\\n@@@%s -%s %s\\n' \\"\\$seam\\" '$name' \\"\\$?\\"
echo '$name' >&3"
    name=
  done
  usual_guard=$guard guard=$unhurried limit=4194304
  probe "$label" sh -c "$whole" sh "$root"
  cut=$?
  guard=$usual_guard limit=1048576
  [ "$cut" -ge 124 ] || return 0
  ended=$newline$told$newline
  for word do
    if [ -z "$name" ]; then name=$word; continue; fi
    case $ended in *"$newline$name$newline"*) ;; *)
      case '${PATIENT}' in *" $name "*) guard=$patient ;; esac
      probe "group:$name" sh -c "$prelude$word" sh "$root"
      guard=$usual_guard ;;
    esac
    name=
  done
}
`;

/** What stands between the parts of this answer: the first line of it comes before anything from the host. */
const seamOf = (text: string): string => /\n@@@[0-9a-f]* /.exec(text)?.[0] ?? '\n@@@ ';

const headOf = (piece: string): string => piece.split('\n', 1)[0] ?? '';
/** The same where the line came whole. */
const wholeHead = (piece: string): string => (piece.includes('\n') ? headOf(piece) : '');

/** A part of a group: the text between its name and its exit code, which is absent where it was cut off. */
export function partsOf(
  text: string,
): { readonly name: string; readonly rc: number; readonly text: string }[] {
  const found: { name: string; rc: number; text: string }[] = [];
  let open: { name: string; text: string } | undefined;
  for (const piece of text.split(seamOf(text)).slice(1)) {
    const head = headOf(piece);
    const rc = /^=(\d{1,3})$/.exec(head)?.[1];
    if (rc === undefined) {
      open = MARK.test(head) ? undefined : { name: head, text: piece.slice(head.length + 1) };
    } else if (open !== undefined) {
      found.push({ ...open, rc: Number(rc) });
      open = undefined;
    }
  }
  return found;
}

/** The beginning or the end of a group in a round. */
const MARK = /^[+-]/;

/** A group of a round with its own exit code; with that of the whole round where it was cut off. */
export function groupsOf(
  text: string,
  rc: number,
): { readonly name: string; readonly rc: number; readonly text: string }[] {
  const seam = seamOf(text);
  const found: { name: string; rc: number; text: string }[] = [];
  let open: { name: string; rc: number; text: string } | undefined;
  for (const piece of text.split(seam).slice(1)) {
    const [, begun] = /^\+(.+)$/.exec(wholeHead(piece)) ?? [];
    const [, ended, code] = /^-(.+) (\d{1,3})$/.exec(wholeHead(piece)) ?? [];
    if (begun !== undefined) {
      if (open !== undefined) found.push(open);
      open = { name: begun, rc, text: '' };
    } else if (open !== undefined && ended === open.name) {
      found.push({ ...open, rc: Number(code) });
      open = undefined;
    } else if (open !== undefined) open.text += seam + piece;
  }
  if (open !== undefined) found.push(open);
  return found;
}

/** The question in which a group was cut off; undefined where it was not, or between two questions. */
export function openPart(text: string): string | undefined {
  const heads = text.split(seamOf(text));
  const last = heads.length > 1 ? headOf(heads.at(-1) ?? '') : undefined;
  return last === undefined || last === '' || last.startsWith('=') ? undefined : last;
}

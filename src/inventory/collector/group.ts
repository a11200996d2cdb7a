import { quote } from '../../remote/quote.ts';

/**
 * Several questions in one go. What a question costs on a busy machine is starting programs: the guard, the bound and
 * the encoding are started once for all of a group. `part NAME COMMAND…` is a question inside it; a group that is cut
 * off keeps the parts that were answered. Arguments of the group are its `$1`, `$2` … `rooted COMMAND…` inside it asks
 * through sudo where the login may do so (`as_root` of the collector), under a limit of its own, because nobody but
 * root can end what runs as root. `seam` is what the collector has drawn by lot for this one look: names and contents of
 * files, which anybody on the host may choose, cannot hold it and so make no part.
 */
export const group = (name: string, parts: string, ...words: readonly string[]): string =>
  `probe group:${name} sh -c ${quote(PRELUDE + parts)} sh ${words.join(' ')}\n`;

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

/** What stands between the parts of this group: the first line of it comes before anything from the host. */
const seamOf = (text: string): string => /\n@@@[0-9a-f]* /.exec(text)?.[0] ?? '\n@@@ ';

/** A part of a group: the text between its name and its exit code, which is absent where it was cut off. */
export function partsOf(
  text: string,
): { readonly name: string; readonly rc: number; readonly text: string }[] {
  const found: { name: string; rc: number; text: string }[] = [];
  let open: { name: string; text: string } | undefined;
  for (const piece of text.split(seamOf(text)).slice(1)) {
    const end = piece.indexOf('\n');
    const head = end < 0 ? piece : piece.slice(0, end);
    const rc = /^=(\d{1,3})$/.exec(head)?.[1];
    if (rc === undefined) open = { name: head, text: end < 0 ? '' : piece.slice(end + 1) };
    else if (open !== undefined) {
      found.push({ ...open, rc: Number(rc) });
      open = undefined;
    }
  }
  return found;
}

/** The question in which a group was cut off; undefined where it was not, or between two questions. */
export function openPart(text: string): string | undefined {
  const heads = text.split(seamOf(text));
  const last = heads.length > 1 ? heads.at(-1)?.split('\n', 1)[0] : undefined;
  return last === undefined || last === '' || last.startsWith('=') ? undefined : last;
}

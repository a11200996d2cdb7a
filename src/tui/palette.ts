import { type Binding, bindingsOn, type IntentId } from './keys.ts';
import type { ScreenId } from './screen.ts';

export interface PaletteEntry {
  readonly id: IntentId;
  readonly verb: string;
  readonly help: string;
}

/** The commands that a screen knows, best match first: beginnings, then parts, then letters in order. */
export function matches(typed: string, screen: ScreenId): PaletteEntry[] {
  const wanted = typed.trim().toLowerCase();
  return bindingsOn(screen)
    .flatMap((each): Array<PaletteEntry & { rank: number }> => {
      const { verb, help }: Binding = each;
      if (verb === undefined) return [];
      const rank = rankOf(wanted, verb);
      return rank === undefined ? [] : [{ id: each.id, verb, help, rank }];
    })
    .sort((a, b) => a.rank - b.rank || (a.verb < b.verb ? -1 : 1));
}

function rankOf(wanted: string, verb: string): number | undefined {
  if (verb === wanted) return 0;
  if (verb.startsWith(wanted)) return 1;
  if (verb.includes(wanted)) return 2;
  let at = 0;
  for (const letter of wanted) {
    at = verb.indexOf(letter, at) + 1;
    if (at === 0) return undefined;
  }
  return 3;
}

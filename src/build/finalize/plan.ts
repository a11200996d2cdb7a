import type { Fixup } from '../../journal/proof-facts.ts';
import type { Tree } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

/** One fix-up: pure, and undefined where there is nothing to do and nothing to say. */
type MakeFixup = (tree: Tree, wish: FinalizeWish) => Fixup | undefined;

const FIXUPS: readonly MakeFixup[] = [];

/** Everything that the copied system needs to come up at the target, in the order in which it is done. */
export function planFixups(tree: Tree, wish: FinalizeWish): Fixup[] {
  return FIXUPS.flatMap(make => make(tree, wish) ?? []);
}

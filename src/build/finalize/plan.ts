import type { Fixup } from '../../journal/proof-facts.ts';
import { bootLoaderFixup } from './boot-loader.ts';
import { consoleFixup } from './console.ts';
import { crypttabFixup } from './crypttab.ts';
import { fstabFixup } from './fstab.ts';
import { holdFixup } from './hold.ts';
import { initramfsFixup } from './initramfs.ts';
import { networkFixup } from './network/network.ts';
import { nicNamesFixup } from './nic-names.ts';
import { proofUnitsFixup } from './proof-units.ts';
import { withoutSecrets } from './secrets.ts';
import { labelsFixup } from './selinux.ts';
import { cachesFixup, cloudInitFixup, emptyDirsFixup, lvmDevicesFixup, relabelFixup } from './small.ts';
import type { Tree } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

/** One fix-up: pure, and undefined where there is nothing to do and nothing to say. */
type MakeFixup = (tree: Tree, wish: FinalizeWish) => Fixup | undefined;

const FIXUPS: readonly MakeFixup[] = [
  emptyDirsFixup,
  fstabFixup,
  crypttabFixup,
  lvmDevicesFixup,
  nicNamesFixup,
  networkFixup,
  cloudInitFixup,
  cachesFixup,
  consoleFixup,
  holdFixup,
  proofUnitsFixup,
  initramfsFixup,
  bootLoaderFixup,
  relabelFixup,
];

/** Everything that the copied system needs to come up at the target, in the order in which it is done. */
export function planFixups(tree: Tree, wish: FinalizeWish): Fixup[] {
  const fixups = FIXUPS.flatMap(make => make(tree, wish) ?? []).map(withoutSecrets);
  const labels = labelsFixup(tree, wish, fixups);
  return labels === undefined ? fixups : [...fixups, labels];
}

import type { Fixup } from '../../journal/proof-facts.ts';
import { fixupOf } from './edit.ts';
import { judgeSpec } from './specs.ts';
import { type Tree, textAt } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

const PATH = '/etc/crypttab';

/** An encrypted volume whose device is gone is only told: a guess would encrypt the wrong one. */
export function crypttabFixup(tree: Tree, wish: FinalizeWish): Fixup | undefined {
  const warnings = (textAt(tree, PATH) ?? '').split('\n').flatMap((line, at) => {
    const [, name, device, , options = ''] =
      /^\s*([^\s#]\S*)\s+(\S+)(?:\s+(\S+)(?:\s+(\S+))?)?/.exec(line) ?? [];
    if (name === undefined || device === undefined || /(?:^|,)(?:noauto|nofail)(?:,|$)/.test(options))
      return [];
    const verdict = judgeSpec(device, undefined, wish);
    if (verdict.is !== 'unknown') return [];
    return [`${PATH}, line ${at + 1} (${name}): ${verdict.why}; the boot waits for it, at the source too.`];
  });
  return fixupOf(
    {
      id: 'crypttab',
      title: 'open what is on the disks of the target',
      why: 'A volume that crypttab names and no disk has holds up the boot.',
    },
    { warnings },
  );
}

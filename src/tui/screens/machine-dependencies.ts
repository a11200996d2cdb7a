import { dependenciesOf } from '../../estate/dependencies/dependencies.ts';
import type { Endpoint } from '../../estate/dependencies/shape.ts';
import { harmless } from '../../foundation/text.ts';
import type { View } from '../screen.ts';

/** Ends that are told of one machine; all of them are a command away. */
const MOST = 8;

/** What was seen of a machine's dependencies, out and in; what the plan says of them stands beside. Empty before a look. */
export function seenDependencies(
  view: View,
  name: string,
): { readonly uses: readonly string[]; readonly usedBy: readonly string[] } {
  if (view.snapshot === undefined) return { uses: [], usedBy: [] };
  const { edges } = dependenciesOf(view.snapshot, view.now);
  const seen = edges.filter(({ via }) => via !== 'plan');
  const uses = seen
    .filter(({ from }) => from === name)
    .map(({ to, port }) => `${whoOf(to)}${port === undefined ? '' : ` port ${port}`}`);
  const usedBy = seen
    .filter(({ to }) => to.kind === 'machine' && to.name === name)
    .map(({ from, port }) => `${from}${port === undefined ? '' : ` port ${port}`}`);
  return { uses: shortened(uses), usedBy: shortened(usedBy) };
}

function whoOf(to: Endpoint): string {
  if (to.kind === 'unknown')
    return `${harmless(to.address)} (${to.atSource ? 'unknown, at the source site' : 'unknown'})`;
  return to.kind === 'external' ? `${to.name} (external)` : to.name;
}

function shortened(all: readonly string[]): string[] {
  const once = [...new Set(all)];
  const rest = once.length - MOST;
  return rest > 0 ? [...once.slice(0, MOST), `and ${rest} more (landfall dependencies)`] : once;
}

import { listed } from '../../foundation/listing.ts';
import { harmless } from '../../foundation/text.ts';
import { formatBytes } from '../../foundation/units.ts';
import type { MachineState } from '../../journal/state.ts';
import { endedPasses, literalBytes } from '../copy.ts';
import type { Changes } from './machine-work.ts';
import type { Relief } from './work.ts';

/** A path that carries less than this share of a pass is not worth a change of the plan. */
const WORTH = 0.05;
const PATHS = 3;

/** What would make a machine's passes shorter, from what its last delta pass sent most of. */
export function reliefOf(
  evacuation: string,
  name: string,
  machine: MachineState | undefined,
  changes: Changes,
): Relief[] {
  const delta = endedPasses(machine).findLast(({ kind }) => kind === 'delta');
  const literal = delta === undefined ? 0 : literalBytes(delta);
  const hot = (delta?.ended.hot ?? []).filter(({ bytes }) => bytes >= literal * WORTH).slice(0, PATHS);
  if (delta === undefined || literal === 0 || hot.length === 0 || changes.expected === 0) return [];
  const paths = hot.map(({ path }) => harmless(path));
  const part = Math.min(1, hot.reduce((sum, { bytes }) => sum + bytes, 0) / literal);
  const repeated = changes.expected - changes.next;
  return [
    {
      kind: 'exclude',
      bytes: changes.expected * part,
      words: `leaving out ${listed(paths)} of ${name} (${formatBytes(changes.expected * part)} of what is left)`,
      action: `in the plan: machines.${name}.exclude: [${paths.join(', ')}], if it can be made again at the target`,
    },
    ...(repeated > 0
      ? [
          {
            kind: 'stop-writer' as const,
            bytes: repeated,
            words: `stopping what writes ${listed(paths)} on ${name} until it is copied`,
            action: `by hand on ${name}, with its owner; then: landfall sync ${evacuation} ${name}`,
          },
        ]
      : []),
  ];
}

import type { MachineState } from '../journal/state.ts';

/**
 * Bytes written since the checkpoint on which the next delta pass rests, as the hypervisor counted them after the last
 * pass began. Undefined where nobody counted, or where the count belongs to a checkpoint that is the base no more.
 */
export function knownDirty({ dirty, advanced, passes }: MachineState): number | undefined {
  if (dirty === undefined || dirty.checkpoint !== advanced?.checkpoint) return undefined;
  const last = passes.findLast(({ ended }) => ended !== undefined);
  return last === undefined || dirty.at < last.startedAt ? undefined : dirty.bytes;
}

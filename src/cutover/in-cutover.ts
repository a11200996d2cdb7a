import { get } from '../journal/maps.ts';
import type { CutoverMachineState, CutoverState, State } from '../journal/state.ts';

type Known = { readonly state: Pick<State, 'cutover'> };

/**
 * Whether a machine belongs to the cutover now: no other step of landfall may touch its copy. From its last copy on, in
 * the dark from the beginning; after an abort until its part is taken back; for ever once the copy is the machine.
 */
export function isInCutover({ state: { cutover } }: Known, machine: string): boolean {
  if (cutover === undefined) return false;
  if (cutover.ended !== undefined) return cutover.ended.outcome === 'committed';
  const parts = get(cutover.machines, machine) ?? {};
  if (cutover.aborted !== undefined) return isTaken(parts) || isBegun(cutover, machine);
  return cutover.dark || isTaken(parts) || get(cutover.items, `last-copy/${machine}`)?.outcome === 'done';
}

const isTaken = ({ poweredOff, overlaid, started }: CutoverMachineState): boolean =>
  poweredOff !== undefined || overlaid !== undefined || started !== undefined;

/** Done, and not undone yet. */
const isBegun = ({ items }: CutoverState, machine: string): boolean =>
  [`power-off/${machine}`, `bring-up/${machine}`].some(id => get(items, id)?.outcome === 'done');

/** Whether the hand-over of the databases is the cutover's to make, and nobody else's. */
export const isCutoverLive = ({ state: { cutover } }: Known): boolean =>
  cutover !== undefined && cutover.ended === undefined;

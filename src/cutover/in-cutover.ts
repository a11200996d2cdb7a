import { cutoverStepId, type ItemDeed } from '../checklist/index.ts';
import { get } from '../journal/maps.ts';
import type { CutoverMachineState, CutoverState, State } from '../journal/state.ts';

type Known = { readonly state: Pick<State, 'cutover' | 'steps'> };

/**
 * Whether a machine belongs to the cutover now: no other step of landfall may touch its copy. From its last copy on, in
 * the dark from the beginning; after an abort until its part is taken back; for ever once the copy is the machine.
 */
export function isInCutover({ state }: Known, machine: string): boolean {
  const { cutover } = state;
  if (cutover === undefined) return false;
  if (cutover.ended !== undefined) return cutover.ended.outcome === 'committed';
  if (isTaken(get(cutover.machines, machine) ?? {}) || cutover.dark) return true;
  if (cutover.aborted !== undefined) return isOwed(state, cutover, machine);
  return get(cutover.items, `last-copy/${machine}`)?.outcome === 'done';
}

const isTaken = ({ poweredOff, overlaid, started }: CutoverMachineState): boolean =>
  poweredOff !== undefined || overlaid !== undefined || started !== undefined;

/** Whether the abort still has to do something about its source or its copy. */
const isOwed = (state: Known['state'], cutover: CutoverState, machine: string): boolean =>
  isBegun(state, cutover, 'power-off', machine) ||
  isBegun(state, cutover, 'bring-up', machine) ||
  isToPutBack(cutover, machine);

/** Begun in this cutover, whatever came of it, and not undone. */
export function isBegun(
  state: Known['state'],
  cutover: CutoverState,
  deed: ItemDeed,
  subject: string,
): boolean {
  const outcome = get(cutover.items, `${deed}/${subject}`)?.outcome;
  if (outcome === 'undone') return false;
  const begun = get(state.steps, cutoverStepId({ deed, subject }) ?? '')?.startedAt;
  return outcome === 'done' || (begun !== undefined && begun >= cutover.startedAt);
}

/** Its standby is off again, and its replica not yet in its receiver. In the dark no pass will ever ask for it. */
export const isToPutBack = ({ items, dark }: CutoverState, machine: string): boolean =>
  !dark &&
  get(items, `bring-up/${machine}`)?.outcome === 'undone' &&
  get(items, `put-back/${machine}`)?.outcome !== 'done';

/** Nobody answers at the source any more, as an engineer has said with its name typed: nothing waits for it. */
export const isSourceLost = ({ evacuation }: Pick<State, 'evacuation'>): boolean =>
  evacuation?.mode?.mode === 'dark';

const AT_SOURCE: ReadonlySet<ItemDeed> = new Set(['quiet', 'drain', 'power-off']);

/** Whether taking it back asks the source, or production. */
export const isAtSource = (deed: ItemDeed): boolean => AT_SOURCE.has(deed);

/** Whether the hand-over of the databases is the cutover's to make, and nobody else's. */
export const isCutoverLive = ({ state: { cutover } }: Known): boolean =>
  cutover !== undefined && cutover.ended === undefined;

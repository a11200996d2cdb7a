import type { ChecklistItem, ItemDeed } from './types.ts';

/** Steps of the engine by the items that they are of. */

/** Deeds of the desk are no steps: they are done when the order is given. */
const AT_THE_DESK: ReadonlySet<ItemDeed> = new Set(['gates']);

/** `cutover/web1/quiet`; undefined where people do it. */
export const cutoverStepId = ({
  deed,
  subject,
}: Pick<ChecklistItem, 'deed' | 'subject'>): string | undefined =>
  deed === undefined || AT_THE_DESK.has(deed) ? undefined : `cutover/${subject}/${deed}`;

/** `cutover/web1/undo-quiet`. */
export const undoStepId = ({ deed, subject }: Pick<ChecklistItem, 'deed' | 'subject'>): string | undefined =>
  deed === undefined || AT_THE_DESK.has(deed) ? undefined : `cutover/${subject}/undo-${deed}`;

/** After an abort: the replica in its receiver again. */
export const putBackStepId = (machine: string): string => `cutover/${machine}/put-back`;

/** Whether a step of an abort gives the source, or production, back. */
export const isGivingSourceBack = (step: string): boolean =>
  /^cutover\/.*\/undo-(?:quiet|drain|power-off)$/s.test(step);

/** Whether a step belongs to an abort. */
export const isTakingBack = (step: string): boolean =>
  /^cutover\/.*\/(?:undo-[a-z-]+|put-back|rolled-back)$/s.test(step);

import type { CutoverState, State, StepState } from '../journal/state.ts';
import { own } from '../readiness/copy.ts';
import { cutoverStepId, putBackStepId, undoStepId } from './step-ids.ts';
import type { ChecklistItem, ItemProgress } from './types.ts';

/** How far an item is, given what became of those before it. */
export function progressOf(
  item: Pick<ChecklistItem, 'id' | 'deed' | 'subject' | 'needs' | 'typed'>,
  state: State,
  isBehind: (id: string) => boolean,
): ItemProgress {
  const { cutover } = state;
  if (cutover === undefined) return { status: item.needs.length === 0 ? 'open' : 'waiting' };
  const record = own(cutover.items, item.id);
  const undo = stepOf(state, cutover, undoStepId(item));
  const undoing = runningNow(undo);
  if (undoing !== undefined) return { status: 'running', startedAt: undoing, ...recorded(record) };
  if (undo?.status === 'failed' && record?.outcome !== 'undone')
    return { ...failed(undo), ...recorded(record) };
  const back = item.deed === 'bring-up' ? stepOf(state, cutover, putBackStepId(item.subject)) : undefined;
  if (back?.status === 'failed') return { ...failed(back), ...recorded(record) };
  if (record !== undefined)
    return {
      status: record.outcome === 'reopened' ? 'open' : record.outcome,
      ...recorded(record),
      ...(record.startedAt === undefined ? {} : { startedAt: record.startedAt }),
    };
  const isDue = item.needs.every(isBehind);
  if (item.id === 'no-return' && cutover.noReturn !== undefined) return { status: 'done' };
  if (cutover.ended !== undefined) return { status: 'waiting' };
  const step = stepOf(state, cutover, cutoverStepId(item));
  const startedAt = runningNow(step) ?? (isDue ? copyingSince(item, state, cutover) : undefined);
  if (startedAt !== undefined) return { status: 'running', startedAt };
  const failure = step?.status === 'failed' ? step : isDue ? copyFailed(item, state, cutover) : undefined;
  if (failure !== undefined) return failed(failure);
  if (cutover.aborted !== undefined) return { status: 'waiting' };
  if (isOrdered(item, cutover)) return { status: 'ordered' };
  return { status: isDue ? 'open' : 'waiting' };
}

const failed = ({ startedAt, error }: StepState): ItemProgress => ({
  status: 'failed',
  startedAt,
  trouble: { what: error?.what ?? 'it did not end well', next: error?.next ?? [] },
});

const recorded = (record: ItemProgress['record']): Pick<ItemProgress, 'record'> =>
  record === undefined ? {} : { record };

/**
 * Whether landfall is to run it as soon as its turn comes: ordered by itself, or let go with the rest. Where a name has
 * to be typed, going takes it along only when the name of the evacuation was typed with it.
 */
export function isOrdered(
  { id, deed, typed }: Pick<ChecklistItem, 'id' | 'deed' | 'typed'>,
  cutover: CutoverState,
): boolean {
  if (deed === undefined || deed === 'gates') return false;
  if (own(cutover.ordered, id) !== undefined) return true;
  return cutover.going !== undefined && (typed === undefined || cutover.going.confirmed !== undefined);
}

/** A step of this cutover: one of an earlier cutover says nothing of this one. */
function stepOf(state: State, cutover: CutoverState, id: string | undefined): StepState | undefined {
  const step = id === undefined ? undefined : own(state.steps, id);
  return step === undefined || step.startedAt < cutover.startedAt ? undefined : step;
}

const runningNow = (step: StepState | undefined): number | undefined =>
  step?.status === 'running' || step?.status === 'retrying' ? step.startedAt : undefined;

type Copied = Pick<ChecklistItem, 'deed' | 'subject'>;

/** The steps that carry the last copy are those of every other pass; only what began in the quiet counts. */
function copySteps({ deed, subject }: Copied, state: State, cutover: CutoverState): StepState[] {
  const quietAt = own(cutover.machines, subject)?.stopped?.quietAt;
  if (deed !== 'last-copy' || quietAt === undefined) return [];
  return Object.values(state.steps).filter(
    ({ id, startedAt }) => id.startsWith(`sync/${subject}/`) && startedAt >= quietAt,
  );
}

const copyingSince = (item: Copied, state: State, cutover: CutoverState): number | undefined =>
  copySteps(item, state, cutover)
    .map(runningNow)
    .find(at => at !== undefined);

const copyFailed = (item: Copied, state: State, cutover: CutoverState): StepState | undefined =>
  copySteps(item, state, cutover).find(({ status }) => status === 'failed');

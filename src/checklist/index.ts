import type { CutoverState } from '../journal/state.ts';
import type { View } from '../step/step.ts';
import { allowanceOf } from './allowance.ts';
import { expectations, outagesOf } from './clocks.ts';
import type { Draft } from './draft.ts';
import { draftsOf } from './items.ts';
import { progressOf } from './progress.ts';
import type { Checklist, ChecklistItem, ItemCommand, ItemProgress, Timings } from './types.ts';

export { cutoverOrder, type Turn } from '../plan/cutover-order.ts';
export { homeFacts } from './home.ts';
export { isOrdered } from './progress.ts';
export { recordKeys } from './sections/activate.ts';
export { cutoverStepId, isGivingSourceBack, isTakingBack, putBackStepId, undoStepId } from './step-ids.ts';
export { itemKey, mergeTimings, timingsOf } from './timings.ts';
export type * from './types.ts';
export { SECTIONS } from './types.ts';

export interface ChecklistOptions {
  /** Exact commands by item, from the deeds' previews; without them the list has those that names alone can tell. */
  readonly commands?: Readonly<Record<string, readonly ItemCommand[]>>;
  readonly timings?: Timings;
  /** What the list would be if it began now; otherwise as the cutover that has begun says. */
  readonly dark?: boolean;
}

type Item = ChecklistItem & ItemProgress;

/** The cutover of this evacuation as a list, with how far it is. Pure; `now` in epoch ms. */
export function checklistOf(view: View, _now: number, options: ChecklistOptions = {}): Checklist {
  const { plan, state } = view;
  const { cutover, evacuation } = state;
  const phase = phaseOf(cutover);
  const isLive = phase !== 'not-begun';
  const dark = options.dark ?? (isLive ? cutover?.dark === true : evacuation?.mode?.mode === 'dark');
  const items = withProgress(view, draftsOf(view, dark), options);
  const line = items.findIndex(({ id }) => id === 'no-return');
  const outages = outagesOf(view, items);
  const losses = outages.flatMap(({ lostAt }) => lostAt ?? []);
  const rehearse = cutover?.rehearse === true;
  return {
    evacuation: evacuation?.name ?? plan.name,
    marks: [
      ...((evacuation?.lab ?? plan.lab) ? ['LAB'] : []),
      ...(rehearse || (evacuation?.rehearsal ?? plan.rehearsal) ? ['REHEARSAL'] : []),
      ...(dark ? ['DARK'] : []),
    ],
    ...{ dark, rehearse, items, phase, outages },
    noReturnBefore: items[line + 1]?.id,
    ...(cutover === undefined ? {} : { startedAt: cutover.startedAt }),
    ...(cutover?.ended === undefined ? {} : { endedAt: cutover.ended.at }),
    ...(losses.length === 0 ? {} : { outageSince: Math.min(...losses) }),
    turn: turnOf(items, phase),
    ...expectations(items),
    open: cutover?.open ?? [],
  };
}

/** Behind us: done, or skipped with a reason. */
export const isBehind = ({ status }: Pick<ItemProgress, 'status'>): boolean =>
  status === 'done' || status === 'skipped';

function withProgress(view: View, drafts: readonly Draft[], options: ChecklistOptions): Item[] {
  const { commands = {}, timings = {} } = options;
  const behind = new Set<string>();
  return drafts.map(each => {
    const { plannedMs, ...item } = each;
    const exact = Object.hasOwn(commands, item.id) ? commands[item.id] : undefined;
    const progress = progressOf(item, view.state, id => behind.has(id));
    if (isBehind(progress)) behind.add(item.id);
    return {
      ...item,
      ...allowanceOf(each, view, timings),
      ...(exact === undefined || exact.length === 0 ? {} : { commands: exact }),
      ...progress,
    };
  });
}

function phaseOf(cutover: CutoverState | undefined): Checklist['phase'] {
  if (cutover === undefined) return 'not-begun';
  if (cutover.ended !== undefined) return cutover.ended.outcome === 'committed' ? 'committed' : 'rolled-back';
  if (cutover.aborted !== undefined) return 'aborting';
  return cutover.noReturn === undefined ? 'running' : 'final';
}

/** What failed and what runs comes first to mind, but the next thing to do is what waits for somebody. */
function turnOf(items: readonly Item[], phase: Checklist['phase']): string[] {
  if (phase === 'committed' || phase === 'rolled-back' || phase === 'aborting') return [];
  const due = items.filter(({ status }) => status === 'open' || status === 'failed');
  return [
    ...due.filter(({ status }) => status === 'failed'),
    ...due.filter(({ status }) => status === 'open'),
  ].map(({ id }) => id);
}

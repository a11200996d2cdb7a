import { counted } from '../foundation/units.ts';
import { finalPass } from '../pace/final-pass.ts';
import { endedPasses, own } from '../readiness/copy.ts';
import { newestEndedProof } from '../readiness/proofs.ts';
import type { View } from '../step/step.ts';
import type { Draft } from './draft.ts';
import { itemKey } from './timings.ts';
import type { ChecklistItem, Timings } from './types.ts';

type Allowance = Pick<ChecklistItem, 'allowanceMs' | 'allowanceFrom'>;

const REHEARSALS = 3;

/**
 * How long an item may take: the longest of its last rehearsals, else what landfall has seen of that machine, else what
 * the plan says; absent where nothing is known. Only numbers that are durations count.
 */
export function allowanceOf(item: Draft, view: View, timings: Timings): Allowance {
  const rehearsed = (own(timings, itemKey(item.id)) ?? [])
    .filter(({ ms }) => isDuration(ms))
    .sort((a, b) => a.at - b.at)
    .slice(-REHEARSALS);
  if (rehearsed.length > 0)
    return {
      allowanceMs: Math.max(...rehearsed.map(({ ms }) => ms)),
      allowanceFrom: `${counted(rehearsed.length, rehearsed.every(({ rehearsal }) => rehearsal) ? 'rehearsal' : 'run')}${rehearsed.length === 1 ? '' : ', the longest'}`,
    };
  const seen = seenBefore(item, view);
  if (seen !== undefined) return seen;
  return item.plannedMs === undefined ? {} : { allowanceMs: item.plannedMs, allowanceFrom: 'the plan' };
}

function seenBefore({ deed, subject }: Draft, view: View): Allowance | undefined {
  const { state } = view;
  if (deed === 'last-copy') {
    const machine = own(state.machines, subject);
    const pass = endedPasses(machine).findLast(({ kind }) => kind === 'delta')?.ended.ms;
    const verified = machine?.verified?.ms;
    if (pass === undefined || verified === undefined) return undefined;
    // With everything that has been written since; a copy that was left alone for a day is not as quick as its last pass.
    // Not amid a cutover: what it was begun with must not move under the eyes of those who carry it out.
    const isAhead = state.cutover === undefined || state.cutover.ended !== undefined;
    const final = isAhead ? finalPass(view, subject, state.lastAt)?.ms : undefined;
    if (final !== undefined && final > pass)
      return known(final + verified, 'the forecast of a last pass, and its last verification');
    return known(pass + verified, 'its last pass and verification');
  }
  if (deed === 'bring-up')
    return known(newestEndedProof(own(state.machines, subject))?.ended.ms, 'its last boot proof');
  if (deed === 'drain') {
    const validated = own(state.databases, subject)?.validated;
    return known((validated?.exact ?? validated?.live)?.ms, 'its last comparison');
  }
  return undefined;
}

const known = (ms: number | undefined, from: string): Allowance | undefined =>
  ms === undefined || !isDuration(ms) ? undefined : { allowanceMs: ms, allowanceFrom: from };

const isDuration = (ms: number): boolean => Number.isFinite(ms) && ms >= 0;

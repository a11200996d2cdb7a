import { didYouMean } from '../../../foundation/spelling.ts';
import { formatDuration } from '../../../foundation/units.ts';
import { gatesOf } from '../../../readiness/gates.ts';
import { waivable } from '../../../readiness/waivable.ts';
import type { CommandOf } from '../command.ts';
import { type Decision, type Desktop, refuse } from './decision.ts';

/** Accepting gates that do not pass, and taking that back. */

export const LONGEST_WAIVER_MS = 14 * 86_400e3;

export function waive({ gate: id, reason, until }: CommandOf<'waive'>, desk: Desktop): Decision {
  const { plan, state, now, by } = desk;
  const accepted = state.evacuation?.planHash;
  const gates = gatesOf({ plan, state }, now, accepted === undefined ? {} : { planHash: accepted });
  const gate = gates.find(each => each.id === id);
  if (gate === undefined) {
    const hint = didYouMean(
      id,
      gates.filter(each => waivable(each) === true).map(each => each.id),
    );
    throw refuse(`there is no gate called ${id}`, [hint ?? 'look at the gates: landfall status']);
  }
  if (gate.verdict === 'pass') throw refuse(`${id} passes: there is nothing to waive`, ['leave it as it is']);
  const may = waivable(gate);
  if (may !== true) throw refuse(`${id} cannot be waived: ${may}`, [gate.remedy]);
  if (!(until > now))
    throw refuse(`the waiver of ${id} would have ended before it begins`, ['give a time in the future']);
  if (until - now > LONGEST_WAIVER_MS)
    throw refuse(
      `a waiver lasts ${formatDuration(LONGEST_WAIVER_MS)} at most, this one ${formatDuration(until - now)}`,
      ['give an earlier end, and waive it again if it is still so then'],
      'what was accepted is to be looked at again',
    );
  const others = gates.filter(each => each.waiver?.standing === 'in-force' && each.id !== id).length;
  return {
    events: [{ type: 'gate.waived', gate: id, reason, until }],
    said: `${id} is waived by ${by} for ${formatDuration(until - now)}; ${others + 1} ${others === 0 ? 'waiver is' : 'waivers are'} in force.`,
  };
}

export function unwaive({ gate }: CommandOf<'unwaive'>, { state }: Desktop): Decision {
  const waivers = state.evacuation?.waivers ?? {};
  const waiver = Object.hasOwn(waivers, gate) ? waivers[gate] : undefined;
  if (waiver === undefined) {
    const hint = didYouMean(gate, Object.keys(waivers));
    throw refuse(`no waiver of ${gate} is recorded`, [
      hint ?? 'nothing is waived: there is nothing to withdraw',
    ]);
  }
  return {
    events: [{ type: 'gate.waiver-withdrawn', gate }],
    said: `the waiver of ${gate} by ${waiver.by} is withdrawn; ${Object.keys(waivers).length - 1} remain.`,
  };
}

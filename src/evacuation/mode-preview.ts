import { formatDuration } from '../foundation/units.ts';
import type { StormMode } from '../journal/events-cutover.ts';
import { get } from '../journal/maps.ts';
import { endedPasses, passUnderWay, safeCopy } from '../readiness/copy.ts';
import { databaseExposureMs } from '../readiness/database-exposure.ts';
import { type Triage, triageOf } from '../readiness/triage/index.ts';
import type { View } from '../step/step.ts';

/** What a mode means for one machine or database, before it is switched on. */
export interface ModeLine {
  readonly name: string;
  readonly kind: 'machine' | 'database';
  /** `goes-on`: as it was; `last`: once more and then nothing; `held`: nothing new begins; `stopped`: what runs is stopped. */
  readonly effect: 'goes-on' | 'last' | 'held' | 'stopped';
  readonly words: string;
}

export interface ModePreview {
  readonly mode: StormMode;
  readonly lines: readonly ModeLine[];
  /** Of a squeeze: who goes on, in this order. */
  readonly saved: readonly string[];
  /** What the mode is, in one sentence. */
  readonly meaning: string;
}

export const MEANINGS: Readonly<Record<StormMode, string>> = {
  calm: 'everything goes on as the plan says',
  squeeze:
    'only those that triage saves are copied, in its order; copies of others that run come to their end',
  'last-call': 'one last delta of every machine that has a copy, compared, and nothing new after it',
  dark: 'nothing is asked of the source any more; what runs there is stopped if it still answers',
};

/** What switching to a mode would hold and let begin. Pure; `now` in epoch ms. */
export function previewMode(view: View, mode: StormMode, now: number): ModePreview {
  const triage = mode === 'squeeze' ? triageOf(view, now) : undefined;
  const { plan } = view;
  return {
    mode,
    saved: triage?.order ?? [],
    meaning: MEANINGS[mode],
    lines: [
      ...Object.keys(plan.machines).map(name => machineLine(view, mode, triage, name, now)),
      ...Object.keys(plan.databases).map(name => databaseLine(view, mode, triage, name, now)),
    ],
  };
}

function machineLine(
  view: View,
  mode: StormMode,
  triage: Triage | undefined,
  name: string,
  now: number,
): ModeLine {
  const line = (effect: ModeLine['effect'], words: string): ModeLine => ({
    name,
    kind: 'machine',
    effect,
    words,
  });
  const machine = get(view.state.machines, name);
  const open = passUnderWay(machine);
  const running = open === undefined ? '' : `pass ${open.pass} comes to its end; `;
  switch (mode) {
    case 'calm':
      return line('goes-on', 'as the plan says');
    case 'squeeze':
      return squeezed(triage, name, running, line);
    case 'last-call': {
      if (endedPasses(machine).length > 0)
        return line('last', `${running}one last delta, compared; then nothing new`);
      return open === undefined
        ? line('held', 'no first copy begins: it stays behind')
        : line('last', `${running}one last delta, if the time allows; then nothing new`);
    }
    case 'dark': {
      const copy = safeCopy(machine);
      const stopped = open === undefined ? '' : `pass ${open.pass} is stopped; `;
      return line(
        open === undefined ? 'held' : 'stopped',
        copy.kind === 'none'
          ? `${stopped}nothing to start from: ${copy.why}`
          : `${stopped}it starts from pass ${copy.pass}, as of ${formatDuration(Math.max(0, now - copy.since))} ago`,
      );
    }
  }
}

function squeezed(
  triage: Triage | undefined,
  name: string,
  running: string,
  line: (effect: ModeLine['effect'], words: string) => ModeLine,
): ModeLine {
  const row = triage?.rows.find(each => each.name === name);
  if (row?.place !== undefined) return line('goes-on', `place ${row.place}: ${row.why}`);
  return row?.verdict === 'will-make-it'
    ? line('held', `${running}no new pass: it is safe already`)
    : line('held', `${running}no new copy: ${row?.why ?? 'triage does not save it'}`);
}

function databaseLine(
  view: View,
  mode: StormMode,
  triage: Triage | undefined,
  name: string,
  now: number,
): ModeLine {
  const line = (effect: ModeLine['effect'], words: string): ModeLine => ({
    name,
    kind: 'database',
    effect,
    words,
  });
  const database = get(view.state.databases, name);
  const follows = database?.released !== undefined;
  const age = databaseExposureMs(database, now);
  switch (mode) {
    case 'calm':
      return line('goes-on', 'as the plan says');
    case 'squeeze':
      return follows ? line('goes-on', 'its copy goes on following') : squeezed(triage, name, '', line);
    case 'last-call':
      if (follows) return line('goes-on', 'its copy goes on following');
      return database?.captured !== undefined || database?.reconcile !== undefined
        ? line('last', 'the seed that has begun goes on')
        : line('held', 'no seed begins: it stays behind');
    case 'dark':
      return line(
        'held',
        age === undefined
          ? 'nothing is proven to be in its copy'
          : `its copy is proven up to ${formatDuration(age)} ago`,
      );
  }
}

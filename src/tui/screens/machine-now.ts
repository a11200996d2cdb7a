import { counted, formatBytes, formatDuration, formatRate } from '../../foundation/units.ts';
import { comparedWords } from '../../readiness/compared.ts';
import { own } from '../../readiness/copy.ts';
import { money } from '../../reports/render.ts';
import type { MachineRow } from '../../reports/rows.ts';
import { subjectOf } from '../../reports/say.ts';
import type { View } from '../screen.ts';
import { type Line, span, wrap } from '../text/line.ts';
import {
  ageText,
  exposureCell,
  isStalled,
  makesItCell,
  passCell,
  proofCell,
  samplesBySubject,
  sampleWords,
  stateCell,
  triageRow,
  verifiedCell,
} from './cells.ts';
import { freshLines } from './fresh-lines.ts';
import { moverLines } from './mover-lines.ts';
import { troubleLines } from './why.ts';

/** How a machine stands: what is being done, what would be lost, what was proven, what went wrong. */
export function nowLines(view: View, name: string, width: number): Line[] {
  const row = view.rows.find(each => each.name === name);
  if (row === undefined) return [];
  return [
    ...doing(view, row, width),
    ...troubleLines(view, name, width).flat(),
    ...retries(view, name, width),
    ...standing(view, row, width),
    ...freshLines(view, name, width),
    ...moverLines(view, row, width),
    [span('boot proof: ', 'muted'), ...proofCell(view, row), ...proofFacts(row)],
  ];
}

function doing(view: View, row: MachineRow, width: number): Line[] {
  const sample = samplesBySubject(view).get(row.name);
  const state = stateCell(view, row, sample);
  const pass = row.pass === undefined ? [] : [span('   pass '), ...passCell(view, row)];
  const head: Line = [...state, ...pass, span(`   ${row.tier}`, 'muted')];
  if (sample === undefined) return [head];
  const { tookMs, givenUp, predictedMs } = row.pass ?? {};
  const predicted = tookMs === undefined && givenUp !== true ? predictedMs : undefined;
  const forecast =
    predicted === undefined
      ? ''
      : `; forecast ${formatDuration(predicted)} in all, ${ageText(view.now - (row.pass?.startedAt ?? view.now))} gone`;
  return [
    head,
    ...wrap(`${sampleWords(view, sample)}${forecast}`, width, isStalled(view, sample) ? 'warn' : 'busy'),
  ];
}

const RETRIES_SHOWN = 2;

/** What did not succeed at once, newest first: the state forgets it when it succeeds, and only the events know. */
function retries({ snapshot, glyphs, now }: View, name: string, width: number): Line[] {
  const lines: Line[][] = [];
  const events = snapshot?.events ?? [];
  for (let index = events.length - 1; index >= 0 && lines.length < RETRIES_SHOWN; index -= 1) {
    const event = events[index];
    if (event?.type !== 'step.retrying' || subjectOf(event.step) !== name) continue;
    const isWaiting = own(snapshot?.state.steps ?? {}, event.step)?.status === 'retrying';
    const what = `${event.step}, attempt ${event.attempt}, ${ageText(now - event.at)} ago: ${event.error.what}`;
    lines.push(
      isWaiting
        ? wrap(`${glyphs.warn} ${what}; landfall tries again by itself`, width, 'warn')
        : wrap(`${glyphs.dot} ${what}; it was tried again (l: log)`, width, 'muted'),
    );
  }
  return lines.flat();
}

/** Exposure and verification, in one line where it is wide enough, and whether it makes the deadline. */
function standing(view: View, row: MachineRow, width: number): Line[] {
  const rpo = row.exposure.rpoMs === undefined ? '' : ` (${formatDuration(row.exposure.rpoMs)} allowed)`;
  const parts: Line[] = [
    [
      span('would be lost: ', 'muted'),
      ...exposureCell(view, row),
      span(`${costOf(view, row)}${rpo}`, 'muted'),
    ],
    [span('verified: ', 'muted'), ...verifiedCell(view, row), ...verifiedFacts(view, row.name)],
  ];
  const { exposure } = row;
  const why = triageRow(view, row.name)?.why ?? row.makesIt.why;
  return [
    ...(width < 100 ? parts : [parts.flatMap((part, at) => (at === 0 ? part : [span('   '), ...part]))]),
    [span('makes it? ', 'muted'), ...makesItCell(view, row), span(`  ${why}`, 'muted')],
    ...(exposure.bytes === undefined || exposure.dirtyRate === undefined
      ? []
      : wrap(
          exposure.measuredAt === undefined
            ? `${view.glyphs.dot} ≈ ${formatBytes(exposure.bytes)} is an estimate: ${formatRate(exposure.dirtyRate)} was written when it was last measured, in the last delta passes, times ${ageText(exposure.ageMs ?? 0)}; M counts it`
            : `${view.glyphs.dot} ≈ ${formatBytes(exposure.bytes)} was counted ${ageText(view.now - exposure.measuredAt)} ago, with ${formatRate(exposure.dirtyRate)} for what has come since`,
          width,
          'muted',
        )),
    ...(exposure.why === undefined ? [] : wrap(`nothing is safe yet: ${exposure.why}`, width, 'warn')),
  ];
}

/** Hours of work lost times what its tier costs an hour. */
const costOf = ({ snapshot }: View, { exposure }: MachineRow): string =>
  exposure.money === undefined ? '' : `, ${money(exposure.money, snapshot?.plan.currency ?? '')}`;

function proofFacts({ proof: { last, course } }: MachineRow): Line {
  if (last === undefined) return course === undefined ? [span('; b makes one (6 says how)', 'muted')] : [];
  const since = last.passesSince === 0 ? '' : `, ${counted(last.passesSince, 'pass', 'passes')} since`;
  return [span(` (pass ${last.pass}${since}, evidence ${last.passed} of ${last.of})`, 'muted')];
}

function verifiedFacts({ snapshot }: View, name: string): Line {
  const verified = own(snapshot?.state.machines ?? {}, name)?.verified;
  if (verified === undefined) return [];
  return [span(` (pass ${verified.pass}, ${comparedWords(verified)})`, 'muted')];
}

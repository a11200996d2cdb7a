import { formatBytes, formatDuration, formatRate } from '../../foundation/units.ts';
import { own } from '../../readiness/copy.ts';
import type { Triage, TriageRow } from '../../readiness/triage/index.ts';
import { proofStatus } from '../../reports/proof-row.ts';
import type { MachineRow } from '../../reports/rows.ts';
import type { Sample } from '../../step/step.ts';
import type { View } from '../screen.ts';
import { type StatusKind, toneOf } from '../text/glyphs.ts';
import { type Line, line, type Span, span } from '../text/line.ts';
import { dueCell } from './fresh-lines.ts';

/** The cells that several screens show, so that a fact looks the same everywhere. */

/** Without a sample for so long a copy counts as stalled. */
export const STALLED_MS = 15_000;

/**
 * How old something is: `3s`, `9m40s`, `46m`, `1h04m`, `3d 04h`. It ticks in whole seconds, and no longer than seconds
 * matter, so that a column of ages stays narrow and still.
 */
export function ageText(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000)) * 1000;
  if (whole < 60_000) return `${whole / 1000}s`;
  if (whole < 600_000 || whole >= 3_600_000) return formatDuration(whole);
  return `${Math.floor(whole / 60_000)}m`;
}

export const DASH: Line = line(span('-', 'muted'));

/** The newest sample of every subject that has one. One look at all samples, however many machines there are. */
export function samplesBySubject({ snapshot }: View): ReadonlyMap<string, Sample> {
  const found = new Map<string, Sample>();
  for (const sample of Object.values(snapshot?.samples ?? {})) {
    const before = found.get(sample.subject);
    if (before === undefined || sample.at >= before.at) found.set(sample.subject, sample);
  }
  return found;
}

/** True for a sample of something that is measured as it goes: others are told once, when their work begins. */
const isMeasured = (sample: Sample): boolean =>
  sample.bytes !== undefined || sample.bytesPerSecond !== undefined || sample.fraction !== undefined;

/** Silence of a running copy. While the engine itself cannot be heard, silence says nothing about the copy. */
export const isStalled = ({ now, snapshot }: View, sample: Sample | undefined): boolean =>
  sample !== undefined &&
  isMeasured(sample) &&
  snapshot?.connection === 'live' &&
  now - sample.at >= STALLED_MS;

/** How long the step of a sample has been running, milliseconds. */
function runningFor({ now, snapshot }: View, sample: Sample): number {
  return now - (own(snapshot?.state.steps ?? {}, sample.step)?.startedAt ?? sample.at);
}

export function statusSpan({ glyphs }: View, kind: StatusKind, words: string): Span {
  return span(`${glyphs[kind]} ${words}`, toneOf(kind));
}

/** `… copying 61%`; `▲ copying 61% stalled` where nothing has been heard for a while. */
export function stateCell(view: View, row: MachineRow, sample: Sample | undefined): Line {
  const { kind, word } = row.status;
  if (sample === undefined || !row.running || kind === 'bad') return line(statusSpan(view, kind, word));
  if (sample.step.includes('/verify-')) return line(statusSpan(view, 'busy', 'verifying'));
  const share = sample.fraction === undefined ? '' : ` ${Math.floor(sample.fraction * 100)}%`;
  return isStalled(view, sample)
    ? line(statusSpan(view, 'warn', `${word}${share} stalled`))
    : line(statusSpan(view, kind, `${word}${share}`));
}

/** `6 Δ`, `1 F`: the newest pass, under way or ended. */
export function passCell({ glyphs }: View, row: MachineRow): Line {
  if (row.pass === undefined) return DASH;
  return line(span(`${row.pass.pass} ${row.pass.kind === 'full' ? 'F' : glyphs.delta}`));
}

/** What the newest pass has found new, so far where it runs. */
export function literalCell(row: MachineRow, sample: Sample | undefined): Line {
  const bytes = row.pass?.literalBytes;
  if (bytes !== undefined) return line(span(formatBytes(bytes)));
  if (row.pass === undefined || sample?.bytes === undefined) return DASH;
  return line(span(formatBytes(sample.bytes), 'busy'));
}

/** How long the newest pass took, or has been running. */
export function tookCell({ now }: View, row: MachineRow): Line {
  const { pass } = row;
  if (pass === undefined) return DASH;
  if (pass.tookMs !== undefined) return line(span(formatDuration(pass.tookMs)));
  if (pass.givenUp === true) return DASH;
  return row.running ? line(span(ageText(now - pass.startedAt), 'busy')) : DASH;
}

/** What is left of a copy under way, or what comes next. */
export function nextCell(view: View, row: MachineRow, sample: Sample | undefined): Line {
  if (row.paused !== undefined || view.snapshot?.state.evacuation?.paused !== undefined)
    return line(span('paused', 'warn'));
  if (row.running && isStalled(view, sample)) return line(statusSpan(view, 'unknown', 'unknown'));
  if (row.running && sample?.etaMs !== undefined)
    return line(span(`${formatDuration(sample.etaMs)} left`, 'busy'));
  if (row.running)
    return line(span(sample === undefined ? 'at work' : `for ${ageText(runningFor(view, sample))}`, 'busy'));
  if (row.failure !== undefined) return line(span('r tries again', 'muted'));
  if (own(view.snapshot?.state.machines ?? {}, row.name)?.requested !== undefined)
    return line(span('pass asked', 'busy'));
  return row.status.kind === 'busy' ? line(span('waits', 'muted')) : dueCell(view, row.name);
}

/** `9m40s 310 MB`, marked where it is more than the tier allows. */
export function exposureCell({ glyphs }: View, { exposure }: MachineRow): Line {
  if (exposure.ageMs === undefined) return line(span(`${glyphs.bad} none safe`, 'bad'));
  const over = exposure.rpoMs !== undefined && exposure.ageMs > exposure.rpoMs;
  // At the rate last measured: nobody has counted these bytes.
  const bytes = exposure.bytes === undefined ? '' : ` ≈ ${formatBytes(exposure.bytes)}`;
  const text = `${over ? `${glyphs.warn} ` : ''}${ageText(exposure.ageMs)}${bytes}`;
  return line(span(text, over ? 'warn' : 'plain'));
}

/** Whether the copy was compared with its source, and when. */
export function verifiedCell(view: View, { verification }: MachineRow): Line {
  if (verification === undefined) return line(span('not yet', 'muted'));
  const { differ, current, pass, at, sample } = verification;
  if (differ > 0) return line(statusSpan(view, 'bad', `${differ} differ`));
  return current
    ? line(statusSpan(view, 'ok', `${ageText(view.now - at)} ${sample === true ? 'sample' : 'ago'}`))
    : line(statusSpan(view, 'unknown', `only pass ${pass}`));
}

/** `✔ 14m ago`, `✖ no network`, `… booting`, `none yet`: what a boot of the copy has proved. */
export function proofCell(view: View, { proof }: MachineRow): Line {
  const { kind, word } = proofStatus(proof, view.now, ageText);
  return proof.standing === 'none' && proof.course === undefined
    ? line(span(word, 'muted'))
    : line(statusSpan(view, kind, word));
}

const VERDICT: Readonly<Record<TriageRow['verdict'], readonly [StatusKind, string]>> = {
  'will-make-it': ['ok', 'makes it'],
  'at-risk': ['warn', 'at risk'],
  cannot: ['bad', 'cannot'],
  'cannot-say': ['unknown', 'cannot say'],
};

/** `✔ 3d 02h spare`, `▲ at risk`: whether it makes the earliest loss. */
export function triageSpan(view: View, { verdict, spareMs }: Pick<TriageRow, 'verdict' | 'spareMs'>): Span {
  const [kind, word] = VERDICT[verdict];
  const spare =
    verdict === 'will-make-it' && spareMs !== undefined ? `${formatDuration(spareMs)} spare` : word;
  return statusSpan(view, kind, spare);
}

/** By the name of a machine or database, of each triage once. */
const BY_NAME = new WeakMap<Triage, ReadonlyMap<string, TriageRow>>();

export function triageRow({ outlook }: View, name: string): TriageRow | undefined {
  const triage = outlook?.triage();
  if (triage === undefined) return undefined;
  const known = BY_NAME.get(triage) ?? new Map(triage.rows.map(row => [row.name, row]));
  BY_NAME.set(triage, known);
  return known.get(name);
}

export function makesItCell(view: View, { name, verification }: MachineRow): Line {
  // Without an engine nobody copies: only what is there already makes it.
  if (view.snapshot?.connection !== 'live' && verification?.current !== true)
    return line(statusSpan(view, 'unknown', 'cannot say'));
  return line(triageSpan(view, triageRow(view, name) ?? { verdict: 'cannot-say' }));
}

export function rateCell(view: View, sample: Sample | undefined): Line {
  if (sample?.bytesPerSecond === undefined) return DASH;
  return line(span(formatRate(sample.bytesPerSecond), isStalled(view, sample) ? 'muted' : 'busy'));
}

/** The age of what is known about a copy under way. */
export function sampleAgeCell(view: View, sample: Sample | undefined): Line {
  if (sample === undefined || !isMeasured(sample)) return DASH;
  const age = `${ageText(view.now - sample.at)} ago`;
  return isStalled(view, sample) ? line(statusSpan(view, 'warn', age)) : line(span(age, 'muted'));
}

/** Everything a sample says, in one line, with its age: `/: 1.90 GB copied, 42.0 MB/s, 2m10s left, 3s ago`. */
export function sampleWords(view: View, sample: Sample): string {
  if (!isMeasured(sample)) return `${sample.text}, for ${ageText(runningFor(view, sample))}`;
  const parts = [
    sample.text,
    ...(sample.fraction === undefined ? [] : [`${Math.floor(sample.fraction * 100)}%`]),
    ...(sample.bytes === undefined ? [] : [`${formatBytes(sample.bytes)} copied`]),
    ...(sample.bytesPerSecond === undefined ? [] : [formatRate(sample.bytesPerSecond)]),
    ...(sample.etaMs === undefined ? [] : [`${formatDuration(sample.etaMs)} left`]),
    `${isStalled(view, sample) ? 'stalled, last heard ' : ''}${ageText(view.now - sample.at)} ago`,
  ];
  return parts.join(', ');
}

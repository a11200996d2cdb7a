import { formatBitRate, formatBytes, formatDuration } from '../../foundation/units.ts';
import type { MachineRow } from '../../reports/rows.ts';
import type { View } from '../screen.ts';
import { engineWords } from '../screens/engine-words.ts';
import { clip, ends, type Line, type Span, span, textOf, widthOf } from '../text/line.ts';

/** A sample older than this says nothing about the link any more. */
const FRESH_MS = 10_000;

/** Name and marks at the left; the landfall clock, exposure and link at the right, as far as they fit. */
export function headerLine(view: View, width: number): Line {
  const { snapshot, glyphs } = view;
  if (snapshot === undefined) return ends([span(' landfall', 'title')], [], width);
  const { plan, state } = snapshot;
  const isLab = plan.lab || state.evacuation?.lab === true;
  const isRehearsal = plan.rehearsal || state.evacuation?.rehearsal === true;
  // A lab is a rehearsal anyway: where there is little room, the stronger word stays whole.
  const marks = [...(isLab ? ['LAB'] : []), ...(isRehearsal && !(isLab && width < 100) ? ['REHEARSAL'] : [])];
  const wait = connection(view);
  const storm = stormMarks(view);
  const left = (name: string): Line => [
    span(' landfall ', 'muted'),
    span(name, 'title', { bold: true }),
    ...marks.map(mark => span(` ${mark}`, 'accent')),
    ...storm,
    ...wait,
  ];
  // That nothing goes on and the landfall clock are never dropped; of the others what matters least goes first.
  const parts = [clockPart(view), exposurePart(view), expectedPart(view), linkPart(view)].filter(
    part => part.length > 0,
  );
  const needed = widthOf(left(clipped(snapshot.name, NAME_LEAST, glyphs.ellipsis)));
  let right: Line = [];
  for (const part of parts) {
    const longer: Line = right.length === 0 ? part : [...right, { text: '   ' }, ...part];
    if (right.length > 0 && widthOf(longer) + needed + 2 > width) break;
    right = longer;
  }
  const room = width - widthOf(right) - 1;
  const over = widthOf(left(snapshot.name)) - room;
  const name = clipped(
    snapshot.name,
    Math.max(NAME_FEWEST, snapshot.name.length - Math.max(0, over)),
    glyphs.ellipsis,
  );
  const whole = left(name);
  // Where even that is too much the program's own name goes, then the marks.
  const shorter = [whole, whole.slice(1), [...whole.slice(1, 2), ...storm, ...wait]].find(
    each => widthOf(each) <= room,
  );
  return ends(
    clip(shorter ?? [...wait, { text: ' ' }, ...whole.slice(1, 2)], Math.max(12, room), glyphs.ellipsis),
    right,
    width,
    glyphs.ellipsis,
  );
}

/** So much of the name stays before anything at the right goes, and so much of it in any case. */
const NAME_LEAST = 20;
const NAME_FEWEST = 8;

function clipped(name: string, columns: number, ellipsis: string): string {
  return textOf(clip([span(name)], columns, ellipsis));
}

function connection({ snapshot, glyphs }: View): Span[] {
  if (snapshot === undefined) return [];
  const words = engineWords(snapshot);
  if (words !== undefined) return [span(` ${glyphs.bad} ${words}`, 'bad')];
  if (snapshot.connection === 'none') return [span(` ${glyphs.unknown} no engine`, 'unknown')];
  if (snapshot.state.evacuation?.paused !== undefined) return [span(` ${glyphs.warn} paused`, 'warn')];
  return [];
}

/** What changes how everything else is read: a mode other than calm, and a cutover under way. */
function stormMarks({ snapshot, glyphs }: View): Span[] {
  const { evacuation, cutover } = snapshot?.state ?? {};
  const mode = evacuation?.mode?.mode ?? 'calm';
  const isUnderWay = cutover !== undefined && cutover.ended === undefined;
  return [
    ...(mode === 'calm' ? [] : [span(` ${glyphs.warn} ${mode}`, 'warn')]),
    ...(isUnderWay
      ? [span(` ${glyphs.busy} ${cutover.aborted === undefined ? 'cutover' : 'aborting'}`, 'busy')]
      : []),
  ];
}

function clockPart({ snapshot, now, glyphs }: View): Line {
  const earliest = snapshot?.state.evacuation?.deadline.earliest;
  if (earliest === undefined) return [span('no deadline fixed yet', 'unknown')];
  const left = earliest - now;
  return left > 0
    ? [span(`${glyphs.warn} EARLIEST LOSS in ${formatDuration(left)}`, left < 12 * 3600e3 ? 'bad' : 'warn')]
    : [span(`${glyphs.bad} EARLIEST LOSS passed ${formatDuration(-left)} ago`, 'bad')];
}

function expectedPart({ snapshot, now }: View): Line {
  const expected = snapshot?.state.evacuation?.deadline.expected;
  return expected === undefined || expected <= now
    ? []
    : [span(`expected ${formatDuration(expected - now)}`, 'muted')];
}

/** The worst of all machines; `none yet` while any has nothing safe: a maximum over what is known would flatter. */
function exposurePart({ rows, now }: View): Line {
  if (rows.length === 0) return [];
  const unsafe = rows.filter(row => row.exposure.ageMs === undefined).length;
  if (unsafe > 0) return [span(`exposure: ${unsafe} without a safe copy`, 'bad')];
  const worst = rows.reduce<MachineRow | undefined>(
    (a, b) => (a === undefined || (b.exposure.ageMs ?? 0) > (a.exposure.ageMs ?? 0) ? b : a),
    undefined,
  );
  const age = worst?.exposure.ageMs;
  if (age === undefined || !Number.isFinite(now)) return [];
  const bytes = rows.reduce((sum, row) => sum + (row.exposure.bytes ?? 0), 0);
  const over = worst?.exposure.rpoMs !== undefined && age > worst.exposure.rpoMs;
  return [
    span(
      `exposure ${formatDuration(age)}${bytes > 0 ? ` ≈ ${formatBytes(bytes)}` : ''}`,
      over ? 'warn' : 'plain',
    ),
  ];
}

function linkPart({ snapshot, now }: View): Line {
  if (snapshot === undefined || snapshot.connection !== 'live') return [];
  const fresh = Object.values(snapshot.samples).filter(sample => now - sample.at < FRESH_MS);
  const used = fresh.reduce((sum, sample) => sum + (sample.bytesPerSecond ?? 0), 0);
  const limit = snapshot.state.evacuation?.throttle?.bytesPerSecond ?? snapshot.plan.link.limit;
  if (limit === undefined) return [span(`link ${formatBitRate(used)}`, 'muted')];
  return [span(`link ${formatBitRate(used)} of ${formatBitRate(limit)}`, 'muted')];
}

import { formatBytes, formatRate } from '../../foundation/units.ts';
import { fitDirtied } from '../../pace/dirtied.ts';
import { FLOOR_FACTOR } from '../../pace/judge.ts';
import { type Model, series } from '../../pace/model.ts';
import type { Mover } from '../../step/mover.ts';
import type { Held, Writing } from './evidence.ts';
import type { Line } from './line.ts';
import type { MoverSize } from './shape.ts';

/** What each mover would have to do for one machine. Bytes, ms. */

const MOVERS: readonly Mover[] = ['files', 'blocks'];
/** Entries that a scan over a link gets through in a second, both sides warm (facts of the disk, E5: 45 000). */
const ENTRIES_PER_SECOND = 40_000;
/** Asking for a bitmap, a checkpoint, and two logins. */
const BLOCKS_FLOOR_MS = 2000;

export interface Facts {
  readonly held: Held;
  /** What the replica has already and does not travel. */
  readonly seeded: number;
  readonly writing: Writing | undefined;
  /** What the passes so far say, where they were made by the mover that is asked about. */
  readonly model: Model | undefined;
  readonly line: Line | undefined;
  /** `passes.small` and `passes.at_most` of the plan. */
  readonly small: number;
  readonly atMost: number;
}

/** A mover's size, and the bytes of its first copy with all that follows until it converges. */
export interface Course extends MoverSize {
  readonly bytes: number;
}

/** One entry for each mover of which enough is known to tell its first pass. `facts` by mover: passes are of one. */
export const coursesOf = (facts: (mover: Mover) => Facts): Course[] =>
  MOVERS.flatMap(mover => courseOf(mover, facts(mover)) ?? []);

function courseOf(mover: Mover, facts: Facts): Course | undefined {
  const { held, line } = facts;
  const whole = mover === 'files' ? held.used : held.allocated;
  if (whole === undefined) return undefined;
  const fullBytes = Math.max(0, whole - (mover === 'files' ? facts.seeded : 0));
  const base = { mover, fullBytes };
  if (line === undefined)
    return {
      ...base,
      bytes: fullBytes,
      why: 'the line was never measured and has no limit in the plan: nobody can say how long it takes',
    };
  const rate = mover === 'blocks' ? (line.oneStream ?? line.bytesPerSecond) : line.bytesPerSecond;
  const scanMs = mover === 'files' ? ((held.files ?? 0) / ENTRIES_PER_SECOND) * 1000 : BLOCKS_FLOOR_MS;
  const fullMs = Math.max((fullBytes / rate) * 1000, scanMs);
  const curve = curveOf(facts, whole);
  const from = fromWords(line, rate);
  if (curve === undefined)
    return {
      ...{ ...base, fullMs, bytes: fullBytes },
      why: `${from}; nobody has looked twice at what it writes, so nothing is said of later passes`,
    };
  const floorMs = facts.model?.floorMs ?? scanMs;
  const times = series({ firstMs: fullMs, floorMs, rate, dirtied: curve, passes: facts.atMost });
  // What pass k brings was written while the one before it ran.
  const deltas = times.slice(0, -1).map((ms, at) => ({ bytes: curve(ms), ms: times[at + 1] ?? floorMs }));
  const end = deltas.findIndex(each => each.bytes <= facts.small || each.ms <= FLOOR_FACTOR * floorMs);
  const run = end < 0 ? deltas : deltas.slice(0, end + 1);
  return {
    ...{ ...base, fullMs, converges: end >= 0, deltaMs: times.at(-1) ?? fullMs },
    bytes: fullBytes + run.reduce((sum, { bytes }) => sum + bytes, 0),
    why: `${from}; ${writingWords(facts)}${end < 0 ? `, which ${facts.atMost} passes do not catch up with` : ''}`,
  };
}

/** Passes know the hot set; before them every write counts as new, which is the careful end. */
function curveOf({ model, writing }: Facts, size: number): ((ms: number) => number) | undefined {
  if (model !== undefined) return model.dirtied;
  return writing === undefined ? undefined : fitDirtied([{ ms: 1000, bytes: writing.perSecond }], size);
}

const LINE_WORDS: Readonly<Record<Line['from'], string>> = {
  measured: 'the line as it was measured',
  plan: 'the limit of the plan',
  passes: 'what passes got of the line',
};

const fromWords = (line: Line, rate: number): string =>
  rate < line.bytesPerSecond
    ? `one stream of ${formatRate(rate)}`
    : `${LINE_WORDS[line.from]}, ${formatRate(rate)}`;

const WRITING_WORDS: Readonly<Record<Writing['from'], string>> = {
  passes: 'as its passes saw',
  hypervisor: 'as its hypervisor counts writes',
  guest: 'as its own disks count writes',
  'since-boot': 'on average since it booted',
};

const writingWords = ({ writing }: Facts): string =>
  writing === undefined
    ? 'what it writes is known from its passes'
    : `it writes ${formatBytes(writing.perSecond)} a second, ${WRITING_WORDS[writing.from]}`;

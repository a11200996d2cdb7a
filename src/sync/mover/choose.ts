import { listed } from '../../foundation/listing.ts';
import { formatBitRate, formatBytes, formatCount, formatDuration } from '../../foundation/units.ts';
import type { EventOf } from '../../journal/events.ts';
import type { Mover } from '../../step/mover.ts';
import type { MoverCost } from './costs.ts';
import type { Situation } from './situation.ts';

type Decided = EventOf<'mover.chosen'>['decided'];

/** Who moves the machine, and why; one sentence each. */
export interface Choice {
  readonly mover: Mover;
  readonly decided: Decided;
  readonly reasons: readonly string[];
  /** What speaks for the other, why it is impossible, or what would change the choice. */
  readonly against: readonly string[];
}

/** Neither can: what an engineer must mend first. */
export interface NoChoice {
  readonly mover: undefined;
  readonly impossible: Readonly<Record<Mover, readonly string[]>>;
}

const otherThan = (mover: Mover): Mover => (mover === 'files' ? 'blocks' : 'files');

/**
 * Decides for a machine. What an engineer has ordered comes before the plan, the plan before landfall's own judgement; what
 * is impossible is never chosen. A machine that has been copied keeps its mover where nobody says otherwise: a switch costs
 * a full copy, and is suggested, not made.
 */
export function decide(situation: Situation): Choice | NoChoice {
  const { impossible, isLookedAt } = situation;
  const can = (mover: Mover): boolean => impossible[mover].length === 0 && (mover === 'files' || isLookedAt);
  if (!can('files') && !can('blocks')) {
    const blocks = isLookedAt ? impossible.blocks : ['its hypervisor has not been asked yet'];
    return { mover: undefined, impossible: { ...impossible, blocks } };
  }
  const wanted = wantedOf(situation);
  if (wanted !== undefined)
    return can(wanted.mover) ? asWanted(situation, wanted) : instead(situation, wanted);
  const only = can('files') ? (can('blocks') ? undefined : 'files') : 'blocks';
  if (only !== undefined) return onlyOne(situation, only);
  const kept = situation.ordered === undefined ? situation.copiedBy : undefined;
  return kept === undefined ? judged(situation) : asBefore(situation, kept);
}

interface Wanted {
  readonly mover: Mover;
  readonly decided: 'plan' | 'engineer';
}

function wantedOf({ ordered, planned }: Situation): Wanted | undefined {
  if (ordered !== undefined) return ordered === 'auto' ? undefined : { mover: ordered, decided: 'engineer' };
  return planned === 'auto' ? undefined : { mover: planned, decided: 'plan' };
}

const asWanted = (situation: Situation, { mover, decided }: Wanted): Choice => ({
  mover,
  decided,
  reasons: [decided === 'plan' ? 'the plan says so' : 'an engineer asked for it'],
  against: [...inItsWay(situation, otherThan(mover)), ...forIt(situation, otherThan(mover))],
});

/** What was wanted cannot be: the other one, and why is said wherever the mover is shown. */
function instead(situation: Situation, { mover, decided }: Wanted): Choice {
  const who = decided === 'plan' ? 'the plan asks' : 'an engineer asked';
  return {
    mover: otherThan(mover),
    decided: 'fallback',
    reasons: [`${who} for ${mover}, which cannot move it`, ...inItsWay(situation, mover)],
    against: mend(situation, mover),
  };
}

const onlyOne = (situation: Situation, mover: Mover): Choice => ({
  mover,
  decided: 'auto',
  reasons: [`only its ${mover} can be copied`],
  against: [...inItsWay(situation, otherThan(mover)), ...mend(situation, otherThan(mover))],
});

const asBefore = (situation: Situation, mover: Mover): Choice => {
  const other = judged(situation);
  return {
    mover,
    decided: 'auto',
    reasons: [`its copies have travelled by ${mover} so far; another mover costs one full copy`],
    against: other.mover === mover ? other.against : other.reasons,
  };
};

/** Both can: consistency first, then what a pass costs, then what the first copy costs. A tie goes to one instant. */
function judged(situation: Situation): Choice {
  const deciding = deadline(situation) ?? consistency(situation) ?? cheaper(situation);
  const { mover } = deciding;
  return {
    mover,
    decided: 'auto',
    reasons: [deciding.why, ...forIt(situation, mover, deciding.isCost)],
    against: [
      ...forIt(situation, otherThan(mover)),
      ...(deciding.unless === undefined ? [] : [deciding.unless]),
    ],
  };
}

interface Deciding {
  readonly mover: Mover;
  readonly why: string;
  /** It tells already what the first copy costs. */
  readonly isCost?: true;
  /** What would turn the choice round. */
  readonly unless?: string;
}

/** Where the first copy of only one of them is there before the storm, nothing else counts. */
function deadline({ costs, leftMs }: Situation): Deciding | undefined {
  const { files, blocks, rate } = costs;
  if (leftMs === undefined || files.firstMs === undefined || blocks.firstMs === undefined) return undefined;
  const fits = { files: files.firstMs <= leftMs, blocks: blocks.firstMs <= leftMs };
  if (fits.files === fits.blocks) return undefined;
  const mover: Mover = fits.files ? 'files' : 'blocks';
  return {
    mover,
    why: `only by ${mover} is a first copy there before the earliest loss: ${firstCopy(costs[mover])} against ${firstCopy(costs[otherThan(mover)])}, with ${formatDuration(Math.max(0, leftMs))} left`,
    unless: `with more than ${formatBitRate(rate.bytesPerSecond)} the other would be in time, too`,
  };
}

function consistency({ databases, hot, stuck }: Situation): Deciding | undefined {
  if (databases.length > 0)
    return {
      mover: 'blocks',
      why: `${listed(databases, 4)} ${databases.length === 1 ? 'runs' : 'run'} there: files copied while it writes are of many instants and may be worthless; blocks are of one`,
      unless: 'hooks that bring it to rest, or a snapshot, would make its files as good: say so in the plan',
    };
  if (stuck !== undefined)
    return {
      mover: 'blocks',
      why: `its files do not converge (${stuck}); blocks send only what was written`,
    };
  if (hot.length > 0)
    return {
      mover: 'blocks',
      why: `${formatCount(hot.length)} ${hot.length === 1 ? 'file is' : 'files are'} sent anew by every pass, ${hot[0] ?? ''} among them`,
    };
  return undefined;
}

/** A floor beyond this makes a scan dear, whatever the first copy costs. */
const DEAR_FLOOR_MS = 30_000;
/** How many later passes the floor is reckoned for. */
const PASSES_RECKONED = 10;

function cheaper({ costs }: Situation): Deciding {
  const { files, blocks } = costs;
  const filesFloor = files.floorMs ?? 0;
  if (filesFloor > DEAR_FLOOR_MS)
    return {
      mover: 'blocks',
      why: `looking through its files takes ${formatDuration(filesFloor)} in every pass; a bitmap takes ${formatDuration(blocks.floorMs ?? 0)}`,
    };
  const total = ({ firstMs, floorMs }: MoverCost): number | undefined =>
    firstMs === undefined ? undefined : firstMs + PASSES_RECKONED * (floorMs ?? 0);
  const [byFiles, byBlocks] = [total(files), total(blocks)];
  if (byFiles !== undefined && byBlocks !== undefined && byFiles < byBlocks)
    return {
      mover: 'files',
      isCost: true,
      why: `its files are the cheaper copy: ${firstCopy(files)} against ${firstCopy(blocks)}`,
      unless: 'a database on it, or files that do not converge, would make blocks the better one',
    };
  return {
    mover: 'blocks',
    why:
      byFiles === undefined || byBlocks === undefined || byFiles === byBlocks
        ? 'nothing speaks for its files, and blocks are of one instant'
        : `its blocks are the cheaper copy: ${firstCopy(blocks)} against ${firstCopy(files)}`,
  };
}

/** `12 GB in 3m`. */
export const firstCopy = ({ firstBytes, firstMs }: MoverCost): string =>
  firstBytes === undefined || firstMs === undefined
    ? 'a first copy of unknown size'
    : `${formatBytes(firstBytes)} in ${formatDuration(firstMs)}`;

/** What speaks for a mover where it is possible. */
function forIt(situation: Situation, mover: Mover, isCostSaid = false): string[] {
  const { impossible, isLookedAt, costs, canFreeze, copiedBy } = situation;
  if (impossible[mover].length > 0) return [];
  if (mover === 'blocks' && !isLookedAt) return [];
  const cost = costs[mover];
  const other = costs[otherThan(mover)];
  const own = `by ${mover}: first copy ${firstCopy(cost)}, every later pass at least ${formatDuration(cost.floorMs ?? 0)}`;
  const isCheaper = cost.firstMs !== undefined && other.firstMs !== undefined && cost.firstMs < other.firstMs;
  return [
    ...(mover === 'blocks'
      ? [
          `its blocks are of one instant${canFreeze ? ', with file systems at rest' : ': as after a power cut'}`,
        ]
      : []),
    ...(isCostSaid || cost.firstBytes === undefined ? [] : [isCheaper ? `${own}: the cheaper one` : own]),
    ...(copiedBy === undefined || copiedBy === mover
      ? []
      : [`to switch costs one full copy beside the one that is there`]),
  ];
}

const inItsWay = ({ impossible, isLookedAt }: Situation, mover: Mover): string[] =>
  mover === 'blocks' && !isLookedAt && impossible.blocks.length === 0
    ? ['whether its blocks could be copied has not been asked yet']
    : impossible[mover].map(each => `by ${mover}: ${each}`);

/** What would make a mover possible that is not. */
function mend({ machine, impossible }: Situation, mover: Mover): string[] {
  if (impossible[mover].length === 0) return [];
  return mover === 'blocks'
    ? [`once its hypervisor can: landfall mover PLAN ${machine} blocks`]
    : ['its files could be copied once landfall may log in and the layout is one that it builds'];
}

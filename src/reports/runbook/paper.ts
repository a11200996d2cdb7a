import { createHash } from 'node:crypto';
import type { Checklist } from '../../checklist/types.ts';
import { shortHash, staleAt } from '../basis.ts';
import { instant } from '../render.ts';
import type { Report } from '../shape.ts';

/**
 * A printed runbook carries a code: the plan's hash, a digest of the list and the number of the last event. With it anybody
 * can ask whether the paper in their hands still says what landfall would print now.
 */
export function paperCode(report: Report): string {
  const plan = report.evacuation.planHash;
  return [
    plan === undefined ? 'none' : shortHash(plan),
    listDigest(report.checklist),
    String(report.evacuation.lastSeq),
  ].join('.');
}

/** On every page: when not to trust it any more, and how to ask. */
export const paperStale = (report: Report): string =>
  `Stale from ${instant(staleAt(report))}, and as soon as the plan or the list changes; is it still valid? landfall report ${report.evacuation.name} --check ${paperCode(report)}`;

/** What to do, by whom, in which order: not how far it is, nor how long it is expected to take. */
function listDigest(checklist: Checklist | undefined): string {
  const list = checklist?.items.map(each => [
    each.id,
    each.title,
    each.owner ?? '',
    each.commands.map(({ host, line }) => [host, line]),
    each.expected,
    each.rollback,
    each.needs,
    each.typed ?? '',
    each.optional,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([checklist?.dark ?? false, list ?? []]))
    .digest('hex')
    .slice(0, 8);
}

/** What a paper says of itself. */
export interface Paper {
  readonly plan: string;
  readonly list: string;
  readonly seq: number;
  /** Epoch ms; absent where only the code was given. */
  readonly staleAt?: number;
}

const CODE = /(?:--check\s+|^\s*)([a-z0-9]{1,8})\.([0-9a-f]{8})\.(\d{1,15})(?![\w.])/;
const STALE = /Stale from (\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}) UTC/;

/** Finds the code in a runbook of any format, or in the words that were typed off it; undefined where there is none. */
export function readPaper(text: string): Paper | undefined {
  const [, plan, list, seq] = CODE.exec(text) ?? [];
  if (plan === undefined || list === undefined || seq === undefined) return undefined;
  const [, day, time] = STALE.exec(text) ?? [];
  const stale = day === undefined || time === undefined ? Number.NaN : Date.parse(`${day}T${time}:00Z`);
  return { plan, list, seq: Number(seq), ...(Number.isNaN(stale) ? {} : { staleAt: stale }) };
}

export interface PaperVerdict {
  readonly valid: boolean;
  /** One sentence a line; why it is not valid, or what it rests on. */
  readonly words: readonly string[];
}

/** Whether a paper still says what would be printed now. `report` needs its checklist. */
export function checkPaper(paper: Paper, report: Report): PaperVerdict {
  const now = readPaper(paperCode(report));
  const { lastSeq } = report.evacuation;
  const wrong = [
    ...(now === undefined || paper.plan !== now.plan ? ['the plan is another one now'] : []),
    ...(now === undefined || paper.list !== now.list
      ? ['the list has changed: steps, their order, owners or commands']
      : []),
    ...(paper.seq > lastSeq ? ['it was made from a journal that knows more than this one'] : []),
    ...(paper.staleAt !== undefined && report.generatedAt >= paper.staleAt
      ? [`it is stale since ${instant(paper.staleAt)}`]
      : []),
  ];
  if (wrong.length > 0) return { valid: false, words: wrong };
  const since = lastSeq - paper.seq;
  return {
    valid: true,
    words: [
      since === 0
        ? 'nothing has happened since it was written'
        : `${since} events since it was written, none of which changes the plan or the list`,
      paper.staleAt === undefined
        ? 'from when it is stale stands on the paper itself'
        : `it is good until ${instant(paper.staleAt)}`,
    ],
  };
}

import type { Basis } from './document/blocks.ts';
import { instant } from './render.ts';
import type { Report } from './shape.ts';

/** A paper of this age is not to be trusted, whatever it says. */
const MOST_AGE_MS = 12 * 3600e3;

/** What a document rests on, and from when it is stale: every page carries it. */
export function basisOf(report: Report, stale = staleWords(report)): Basis {
  const { evacuation: about, generatedAt } = report;
  const event =
    about.lastEventAt === undefined
      ? 'the journal is empty'
      : `event ${about.lastSeq} of ${instant(about.lastEventAt)}`;
  const plan = about.planHash === undefined ? 'no accepted plan' : `plan ${shortHash(about.planHash)}`;
  return {
    evacuation: about.name,
    marks: about.marks,
    line: `Written ${instant(generatedAt)} · ${event} · ${plan}`,
    stale,
  };
}

export const staleWords = (report: Report): string =>
  `Stale from ${instant(staleAt(report))}, and as soon as the plan or the state changes.`;

/** When something that the document says runs out, or half a day after it was written; epoch ms. */
export function staleAt(report: Report): number {
  const { generatedAt, deadline, waivers = [], placed, machines } = report;
  const ends = [
    deadline.earliestAt,
    ...waivers.filter(each => each.standing === 'in-force').map(each => each.until),
    ...placed.map(each => each.expiresAt),
    ...machines.map(each => each.proof?.goodUntil),
  ].filter(at => at !== undefined && at > generatedAt);
  return Math.min(generatedAt + MOST_AGE_MS, ...ends.filter(at => at !== undefined));
}

/** The first eight digits of a hash, without the name of its method. */
export const shortHash = (hash: string): string => hash.replace(/^[a-z0-9-]+:/, '').slice(0, 8);

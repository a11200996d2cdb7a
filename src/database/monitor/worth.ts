import type { ReplicationSample } from '../../journal/database-facts.ts';
import type { Before } from './exposure.ts';

const MINUTE = 60_000;

/** What makes two samples tell different things: whether anything is proven, troubles, states of agents; not figures. */
const meaning = ({ troubles, hops, proposeDrop, proven }: ReplicationSample): string =>
  JSON.stringify([
    proven === undefined,
    troubles.map(({ code, severity }) => `${severity} ${code}`).sort(),
    hops.map(({ state }) => (state === 'working' || state === 'starting' ? 'idle' : state)),
    proposeDrop,
  ]);

/** A sample is told when it says something else than the last told one, and otherwise once a minute. */
export const isWorthTelling = (before: Before, sample: ReplicationSample, now: number): boolean =>
  before === undefined || now - before.at >= MINUTE || meaning(before.sample) !== meaning(sample);

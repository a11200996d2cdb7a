import { formatBitRate } from '../../foundation/units.ts';
import type { Event } from '../../journal/events.ts';
import { type Away, KEPT } from './session.ts';

/**
 * What happened since an engineer last looked: a fold of its own beside the state, because only the events know. A
 * look is a UI that is attached; an order given from a shell is none.
 */
export interface AwayTally {
  /** UIs of this engineer that are attached now. */
  readonly looking: number;
  /** Counted since the last of them left; absent before the first ever came. */
  readonly since?: Away;
  /** What the newest of them missed; absent where another one was looking all the time. */
  readonly missed?: Away;
  /** When and by whom the last order counted was given: one order about many machines is one line. */
  readonly lastOrder?: string;
  readonly lastAt: number;
}

export const NOBODY_LOOKED: AwayTally = { looking: 0, lastAt: 0 };

/** `dana` of `dana@jump1`; undefined for a process such as `dana@jump1:4711`. */
export function engineerOf(by: string): string | undefined {
  if (/:\d+$/.test(by)) return undefined;
  const at = by.lastIndexOf('@');
  return at === -1 ? by : by.slice(0, at);
}

/** The tally after one more event, for the engineer called `who`. Pure. */
export function tallyAway(tally: AwayTally, event: Event, who: string): AwayTally {
  return { ...change(tally, event, who), lastAt: event.at };
}

/** What to say to a UI that has just attached, whether or not the journal tells of that already. */
export function missedBy(tally: AwayTally, others: number): Away | undefined {
  if (others > 0) return undefined;
  return tally.looking === 0 ? tally.since : tally.missed;
}

function change(tally: AwayTally, event: Event, who: string): AwayTally {
  if (event.type === 'engineer.attached' || event.type === 'engineer.left') {
    if (event.client !== 'ui' || engineerOf(event.by) !== who) return tally;
    return event.type === 'engineer.attached' ? arrived(tally) : left(tally, event.at);
  }
  // An engine that died could not say that its clients left: the look ended with it.
  if (event.type === 'evacuation.started' && tally.looking > 0) {
    return left({ ...tally, looking: 1 }, tally.lastAt);
  }
  if (tally.looking > 0 || tally.since === undefined) return tally;
  return counted(tally, tally.since, event, who);
}

function arrived(tally: AwayTally): AwayTally {
  const { missed, ...rest } = tally;
  const next = { ...rest, looking: tally.looking + 1 };
  return tally.looking === 0 && tally.since !== undefined ? { ...next, missed: tally.since } : next;
}

function left(tally: AwayTally, at: number): AwayTally {
  const looking = Math.max(0, tally.looking - 1);
  if (looking > 0) return { ...tally, looking };
  return { ...tally, looking, since: { since: at, passes: 0, verified: 0, failures: 0, orders: [] } };
}

function counted(tally: AwayTally, since: Away, event: Event, who: string): AwayTally {
  if (event.type === 'pass.ended') return { ...tally, since: { ...since, passes: since.passes + 1 } };
  if (event.type === 'replica.verified')
    return { ...tally, since: { ...since, verified: since.verified + 1 } };
  if (event.type === 'step.failed') return { ...tally, since: { ...since, failures: since.failures + 1 } };
  const engineer = engineerOf(event.by);
  const words = engineer === undefined || engineer === who ? undefined : orderInWords(event);
  if (words === undefined || engineer === undefined) return tally;
  const order = `${event.type} ${event.by} ${event.at}`;
  const earlier = tally.lastOrder === order ? since.orders.slice(0, -1) : since.orders;
  const line =
    tally.lastOrder === order
      ? `${engineer}: ${several(since.orders.at(-1) ?? '', words)}`
      : `${engineer}: ${words}`;
  return {
    ...tally,
    lastOrder: order,
    since: { ...since, orders: [...earlier, line].slice(-KEPT.orders) },
  };
}

/** `one more pass of web1` and again the same of db1: `one more pass of web1 and others`. */
function several(line: string, words: string): string {
  const said = line.slice(line.indexOf(': ') + 2).replace(/ and others$/, '');
  return said === words ? words : `${said} and others`;
}

function orderInWords(event: Event): string | undefined {
  switch (event.type) {
    case 'evacuation.paused':
      return 'paused everything';
    case 'evacuation.resumed':
      return 'resumed everything';
    case 'machine.paused':
      return `paused ${event.machine}`;
    case 'machine.resumed':
      return `resumed ${event.machine}`;
    case 'pass.requested':
      return `one more pass of ${event.machine}`;
    case 'step.retry-requested':
      return `tried ${event.step} again`;
    case 'link.throttled':
      return event.bytesPerSecond === null
        ? 'the limit of the plan again'
        : `limited the link to ${formatBitRate(event.bytesPerSecond)}`;
    case 'gate.waived':
      return `waived ${event.gate}: ${event.reason}`;
    case 'gate.waiver-withdrawn':
      return `withdrew the waiver of ${event.gate}`;
    case 'stage.approved':
      return `approved ${event.phase}`;
    case 'note.added':
      return `noted: ${event.text}`;
    case 'stop.requested':
      return 'stopped the engine';
    default:
      return undefined;
  }
}

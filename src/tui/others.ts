import { engineerOf } from '../evacuation/engine/away.ts';
import type { Snapshot } from '../evacuation/engine/session.ts';
import { harmless } from '../foundation/text.ts';
import type { Event } from '../journal/events.ts';
import { say } from '../reports/say.ts';

/**
 * What another engineer has ordered between two snapshots of the same evacuation, in one sentence; undefined where
 * nobody did. One's own orders are answered where they are given, whichever terminal that was.
 */
export function ordersOfOthers(before: Snapshot, after: Snapshot): string | undefined {
  // After a gap in the connection this is what was missed, and the log tells it better.
  if (before.connection !== 'live' || after.connection !== 'live') return undefined;
  const self = after.clients.find(each => each.self)?.who;
  if (self === undefined || after.state.lastSeq <= before.state.lastSeq) return undefined;
  const told: string[] = [];
  for (let index = after.events.length - 1; index >= 0; index -= 1) {
    const event = after.events[index];
    if (event === undefined || event.seq <= before.state.lastSeq) break;
    const who = engineerOf(event.by);
    const words = who === undefined || who === self ? undefined : inWords(event, who);
    if (words !== undefined) told.push(words);
  }
  const [newest, ...rest] = told;
  if (newest === undefined) return undefined;
  return harmless(rest.length === 0 ? newest : `${newest} (and ${rest.length} more: l)`);
}

function inWords(event: Event, who: string): string | undefined {
  const why = 'reason' in event && event.reason !== undefined ? `: ${event.reason}` : '';
  switch (event.type) {
    case 'machine.paused':
      return `${who} paused ${event.machine}${why}`;
    case 'machine.resumed':
      return `${who} let ${event.machine} go on`;
    case 'pass.requested':
      return `${who} asked for another pass of ${event.machine}`;
    case 'proof.requested':
      return `${who} asked to prove that ${event.machine} boots`;
    case 'note.added':
      return `${who} noted: ${event.text}`;
    case 'cutover.item':
      return event.how === 'ticked' ? say(event)?.text : undefined;
    case 'cutover.begun':
    case 'cutover.ordered':
    case 'cutover.no-return':
    case 'cutover.aborted':
    case 'mode.switched':
    case 'exposure.requested':
    case 'evacuation.paused':
    case 'evacuation.resumed':
    case 'stage.approved':
    case 'link.throttled':
    case 'step.retry-requested':
    case 'gate.waived':
    case 'gate.waiver-withdrawn':
    case 'stop.requested':
    case 'plan.accepted':
      return event.type === 'plan.accepted' ? `${who} accepted a changed plan` : say(event)?.text;
    default:
      return undefined;
  }
}

import { formatBitRate } from '../foundation/units.ts';
import type { Event } from './events.ts';

/** What `notes.md` says of an event; undefined for all that only the log needs. */
export function noteWords(event: Event): string | undefined {
  const who = nameOf(event.by);
  switch (event.type) {
    case 'note.added':
      return `**note** ${who}: ${event.text}`;
    case 'evacuation.created':
      return `**milestone** evacuation ${event.name} begun with plan ${event.planHash.slice(0, 12)}`;
    case 'plan.accepted':
      return `**decision** ${who} accepted a changed plan, ${event.planHash.slice(0, 12)}`;
    case 'lock.taken-over':
      return `**decision** the lock was taken over from ${event.from}: ${event.reason}`;
    case 'stages.held':
      return event.phases.length === 0
        ? undefined
        : `**decision** ${event.phases.join(', ')} wait for approval`;
    case 'stage.approved':
      return `**decision** ${who} approved the stage ${event.phase}`;
    case 'evacuation.paused':
      return `**decision** ${who} paused everything${because(event.reason)}`;
    case 'evacuation.resumed':
      return `**decision** ${who} let everything go on`;
    case 'machine.paused':
      return `**decision** ${who} paused ${event.machine}${because(event.reason)}`;
    case 'machine.resumed':
      return `**decision** ${who} let ${event.machine} go on`;
    case 'link.throttled':
      return `**decision** ${who} ${event.bytesPerSecond === null ? "gave the link its plan's limit again" : `limited the link to ${formatBitRate(event.bytesPerSecond)}`}${because(event.reason)}`;
    case 'gate.waived':
      return `**waiver** ${who} accepted ${event.gate} until ${instant(event.until)}: ${event.reason}`;
    case 'gate.waiver-withdrawn':
      return `**waiver** ${who} withdrew the waiver of ${event.gate}`;
    case 'stop.requested':
      return `**decision** ${who} stopped the engine${because(event.reason)}`;
    case 'mode.switched':
      return `**decision** ${who} switched to ${event.mode}${because(event.reason)}`;
    case 'step.failed':
      return `**trouble** ${event.step} failed [${event.error.code}]: ${event.error.what}`;
    case 'replica.verified':
      return `**milestone** ${event.machine}: copy verified for the first time, pass ${event.pass}`;
    case 'standby.defined':
      return `**milestone** ${event.machine}: standby ${event.domain} defined on ${event.hypervisor}`;
    case 'proof.ended':
      return event.verdict === 'proven'
        ? `**milestone** ${event.machine}: proved to boot, pass ${event.pass}`
        : `**trouble** ${event.machine}: proof ${event.proof} failed`;
    case 'evacuation.recovered':
      return `**milestone** ${who} took the evacuation up again from ${event.from}, as of event ${event.upTo} (${instant(event.lastAt)})`;
    default:
      return databaseWords(event, who) ?? cutoverWords(event, who);
  }
}

function databaseWords(event: Event, who: string): string | undefined {
  switch (event.type) {
    case 'database.lane-chosen':
      return `**decision** ${event.database}: lane ${event.lane}, ${event.reason}`;
    case 'database.ordered':
      return `**decision** ${who} ordered ${event.order} of ${event.database}${because(event.reason)}`;
    case 'database.released':
      return `**milestone** ${event.database}: the copy follows production`;
    case 'handover.drained':
      return `**milestone** ${event.database}: frozen, drained, equal`;
    case 'handover.ended':
      return `**milestone** ${event.database}: handed over; lost: ${event.lost.length === 0 ? 'nothing' : event.lost.join('; ')}`;
    case 'handover.thawed':
      return `**milestone** ${event.database}: hand-over given up, production thawed`;
    case 'database.torn-down':
      return `**milestone** ${event.database}: torn down`;
    default:
      return undefined;
  }
}

function cutoverWords(event: Event, who: string): string | undefined {
  switch (event.type) {
    case 'cutover.begun': {
      const kind = `${event.rehearse ? 'a rehearsal of the cutover' : 'the cutover'}${event.dark ? ', the source is gone' : ''}`;
      const over = event.open.length === 0 ? '' : `, over open gates: ${event.open.join(', ')}`;
      return `**cutover** ${who} began ${kind}${over}${because(event.reason)}`;
    }
    case 'cutover.item':
      return `**cutover** ${event.item} ${event.outcome}${event.how === 'ticked' ? `, by ${who}` : ''}${because(event.reason)}`;
    case 'cutover.no-return':
      return `**cutover** ${who} crossed the point of no return`;
    case 'cutover.aborted':
      return `**cutover** ${who} gave the cutover up: ${event.reason}`;
    case 'cutover.ended':
      return `**cutover** over: ${event.outcome}; lost: ${event.lost.length === 0 ? 'nothing' : event.lost.join('; ')}`;
    default:
      return undefined;
  }
}

const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`);
const instant = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
/** `dana` of `dana@jump1`, `landfall` of `dana@jump1:4711`, which is a process. */
const nameOf = (by: string): string => (/:\d+$/.test(by) ? 'landfall' : by.replace(/@[^@]*$/, ''));

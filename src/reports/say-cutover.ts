import { counted, formatBytes } from '../foundation/units.ts';
import type { Event, EventOf } from '../journal/events.ts';
import type { CutoverEventType } from '../journal/events-cutover.ts';

type CutoverEvent = Event & EventOf<CutoverEventType>;
type Tone = 'good' | 'bad' | 'warn' | 'plain' | 'quiet';
interface Said {
  readonly subject: string;
  readonly tone: Tone;
  readonly text: string;
}

/** What happened in a cutover and around it, in words. `who` is the author of the event without its host. */
export function sayCutover(event: CutoverEvent, who: string): Said {
  const whole = (tone: Tone, text: string): Said => ({ subject: 'cutover', tone, text });
  switch (event.type) {
    case 'cutover.begun':
      return whole(
        'warn',
        `${who} began ${event.rehearse ? 'a rehearsal of the cutover' : 'the cutover'}${event.dark ? ', the source is gone' : ''}${event.open.length === 0 ? '' : `, over ${counted(event.open.length, 'open gate')}`}`,
      );
    case 'cutover.ordered':
      return whole(
        'plain',
        event.act === 'run'
          ? `${who} ordered ${event.item ?? 'an item'}`
          : event.act === 'go'
            ? `${who} lets everything run that landfall can run`
            : `${who} holds the cutover: nothing runs by itself`,
      );
    case 'cutover.item': {
      const verb = event.how === 'ticked' ? `${event.outcome} by ${who}` : event.outcome;
      const why = event.reason === undefined ? '' : `: ${event.reason}`;
      return whole(
        event.outcome === 'done' ? 'good' : event.outcome === 'skipped' ? 'warn' : 'plain',
        `${event.item} ${verb}${why}`,
      );
    }
    case 'cutover.quieting':
      return {
        subject: event.machine,
        tone: 'warn',
        text: `stopping ${counted(event.units.length, 'unit')} on the source`,
      };
    case 'cutover.quiet':
      return { subject: event.machine, tone: 'good', text: 'nothing writes on the source any more' };
    case 'cutover.powering-off':
      return { subject: event.machine, tone: 'warn', text: `the source ${event.domain} is shut down` };
    case 'cutover.powered-off':
      return { subject: event.machine, tone: 'good', text: 'the source is off' };
    case 'cutover.overlaid':
      return {
        subject: event.machine,
        tone: 'plain',
        text: 'the standby has layers of its own over the replica',
      };
    case 'cutover.standby-started':
      return {
        subject: event.machine,
        tone: 'good',
        text: `the standby ${event.domain} runs${event.address === undefined ? '' : ` and answers at ${event.address}`}`,
      };
    case 'cutover.committed':
      return { subject: event.machine, tone: 'good', text: 'the copy is the machine now' };
    case 'cutover.taken-back':
      return { subject: event.machine, tone: 'plain', text: `taken back: ${TAKEN_BACK[event.part]}` };
    case 'cutover.no-return':
      return whole('warn', `${who} crossed the point of no return`);
    case 'cutover.aborted':
      return whole('bad', `${who} aborted the cutover: ${event.reason}`);
    case 'cutover.ended':
      return whole(
        event.outcome === 'committed' ? 'good' : 'warn',
        event.outcome === 'committed'
          ? 'the cutover is complete'
          : event.lost.length === 0
            ? 'everything is back as it was before the cutover'
            : `the cutover is taken back at the target; the source is lost: ${event.lost.join('; ')}`,
      );
    case 'mode.switched':
      return {
        subject: 'landfall',
        tone: 'warn',
        text: `${who} switched to ${event.mode}${event.reason === undefined ? '' : `: ${event.reason}`}`,
      };
    case 'exposure.requested':
      return { subject: event.machine, tone: 'quiet', text: `${who} asked to measure its exposure` };
    case 'exposure.measured':
      return {
        subject: event.machine,
        tone: 'plain',
        text: `exposure measured: ${counted(event.files, 'file')}, ${formatBytes(event.bytes)}`,
      };
    case 'mirror.written':
      return {
        subject: 'landfall',
        tone: 'quiet',
        text: `plan and journal are mirrored to ${event.hypervisor}`,
      };
    case 'mirror.failed':
      return { subject: 'landfall', tone: 'warn', text: `not mirrored to ${event.hypervisor}: ${event.why}` };
    case 'evacuation.recovered':
      return {
        subject: 'landfall',
        tone: 'warn',
        text: `${who} took the evacuation up again from ${event.from}, as of event ${event.upTo}`,
      };
    case 'surroundings.observed':
      return { subject: 'landfall', tone: 'quiet', text: 'looked at names, clocks and credentials' };
  }
}

const TAKEN_BACK = {
  stopped: 'what was stopped on the source runs again',
  poweredOff: 'the source is on again',
  overlaid: 'the layers over the replica are gone',
  started: 'the standby is off again',
} as const;

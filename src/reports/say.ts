import { harmless } from '../foundation/text.ts';
import { counted, formatBitRate, formatBytes, formatDuration } from '../foundation/units.ts';
import type { Event } from '../journal/events.ts';
import { isOf } from '../journal/families.ts';
import { comparedWords } from '../readiness/compared.ts';
import type { Sample } from '../step/step.ts';
import { sayCutover } from './say-cutover.ts';
import { sayDatabase } from './say-database.ts';
import { sayInventory } from './say-inventory.ts';
import { saySync } from './say-sync.ts';

/** How much a line matters: `quiet` ones are for logs, not for a live list. */
export type Tone = 'good' | 'warn' | 'bad' | 'plain' | 'quiet';

export interface Said {
  readonly subject: string;
  readonly text: string;
  readonly tone: Tone;
}

/** One event in one line of plain English; undefined where there is nothing to say to a person. */
export function say(event: Event): Said | undefined {
  const line = (subject: string, tone: Tone, text: string): Said => ({ subject, tone, text: harmless(text) });
  const who = nameOf(event.by);
  if (isOf(event, 'database')) return harmlessly({ subject: event.database, ...sayDatabase(event) });
  if (isOf(event, 'sync')) return harmlessly({ subject: event.machine, ...saySync(event, who) });
  if (isOf(event, 'cutover') || isOf(event, 'around')) return harmlessly(sayCutover(event, who));
  if (isOf(event, 'inventory')) return harmlessly(sayInventory(event));
  switch (event.type) {
    case 'evacuation.created':
      return line(
        event.name,
        'plain',
        `evacuation created: ${counted(event.machines.length, 'machine')}, ${counted(event.databases.length, 'database')}`,
      );
    case 'evacuation.started':
      return line('landfall', 'plain', `started on ${event.host}, process ${event.pid}`);
    case 'evacuation.ended':
      return line('landfall', event.outcome === 'complete' ? 'good' : 'warn', `run ended: ${event.outcome}`);
    case 'plan.accepted':
      return line('landfall', 'plain', 'changed plan accepted');
    case 'lock.taken-over':
      return line('landfall', 'warn', `lock taken over from ${event.from}: ${event.reason}`);
    case 'journal.mended':
      return line(
        'landfall',
        'warn',
        `journal mended: a torn last line of ${event.cutBytes} bytes was cut off and kept aside`,
      );
    case 'step.started':
      return line(
        subjectOf(event.step),
        'quiet',
        `${event.step} started${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`,
      );
    case 'step.done':
      return line(
        subjectOf(event.step),
        'quiet',
        `${event.step} ${event.already ? 'was done already' : `done in ${formatDuration(event.ms)}`}`,
      );
    case 'step.retrying':
      return line(
        subjectOf(event.step),
        'warn',
        `${event.step}: attempt ${event.attempt} failed: ${event.error.what}${evidenceOf(event.error)}; trying again in ${formatDuration(event.inMs)}`,
      );
    case 'step.failed':
      return line(
        subjectOf(event.step),
        'bad',
        `${event.step} failed: ${event.error.what}${evidenceOf(event.error)}`,
      );
    case 'step.cancelled':
      return line(subjectOf(event.step), 'warn', `${event.step} stopped before its end`);
    case 'hypervisor.observed':
      return line(
        event.hypervisor,
        'plain',
        `hypervisor seen: ${event.version}, ${counted(event.cpus, 'CPU')}, ${counted(Object.keys(event.pools).length, 'pool')}`,
      );
    case 'machine.observed': {
      const used = event.guest.fileSystems.reduce((sum, fs) => sum + fs.used, 0);
      return line(
        event.machine,
        'plain',
        `inventory: ${event.guest.os.pretty}, ${counted(event.domain.disks.length, 'disk')}, ${counted(event.guest.fileSystems.length, 'file system')}, ${formatBytes(used)} used`,
      );
    }
    case 'replica.created':
      return line(
        event.machine,
        'plain',
        `replica disks created: ${event.volumes.map(v => v.volume).join(', ')}`,
      );
    case 'receiver.started':
      return line(event.machine, 'plain', 'receiver started from the clone');
    case 'receiver.reachable':
      return line(event.machine, 'plain', 'receiver reachable; host key read through the hypervisor');
    case 'receiver.observed':
      return line(event.machine, 'quiet', 'disks of the receiver seen');
    case 'receiver.prepared':
      return line(
        event.machine,
        'plain',
        `replica mounted at the receiver, ${formatBytes(event.seededBytes)} came from the clone`,
      );
    case 'path.keyed':
      return line(event.machine, 'quiet', 'data path key made on the source');
    case 'path.opened':
      return line(event.machine, 'plain', `data path open until ${new Date(event.expiresAt).toISOString()}`);
    case 'path.removed':
      return line(
        event.machine,
        'good',
        'the key of the data path is gone, and all that landfall had put there',
      );
    case 'pass.started':
      return line(event.machine, 'plain', `pass ${event.pass} (${event.kind}) begins: ${event.reason}`);
    case 'pass.ended': {
      const literal = event.runs.reduce((sum, run) => sum + run.literalBytes, 0);
      const sent = event.runs.reduce((sum, run) => sum + run.sentBytes, 0);
      return line(
        event.machine,
        'plain',
        `pass ${event.pass} ${event.kind}: ${formatBytes(literal)} new, ${formatBytes(sent)} sent in ${formatDuration(event.ms)}, ${event.consistency}`,
      );
    }
    case 'pass.judged':
      return line(
        event.machine,
        event.verdict === 'converged'
          ? 'good'
          : event.verdict === 'not-converging' || event.verdict === 'exhausted'
            ? 'warn'
            : 'quiet',
        `${event.verdict.replace('-', ' ')}: ${event.why}`,
      );
    case 'replica.verified': {
      const bad = event.mismatches.length > 0;
      return line(
        event.machine,
        bad ? 'bad' : 'good',
        `checksum verification of pass ${event.pass}: ${event.sample === undefined && event.disks === undefined ? counted(event.filesCompared, 'file') : comparedWords(event)}, ${bad ? `${event.mismatches.length} do not match` : 'all match'}${event.live > 0 ? `, ${event.live} changed on the source since` : ''}`,
      );
    }
    case 'standby.defined':
      return line(
        event.machine,
        'plain',
        `standby defined at ${event.hypervisor}, held until cutover: ${counted(event.changes.length, 'change')} to the source's definition`,
      );
    case 'proof.requested':
      return line(event.machine, 'quiet', `a boot proof was asked for: ${event.reason}`);
    case 'proof.started':
      return line(event.machine, 'plain', `boot proof ${event.proof} begins: the copy of pass ${event.pass}`);
    case 'fixups.planned': {
      const files = event.fixups.reduce((sum, { edits }) => sum + edits.length, 0);
      return line(
        event.machine,
        'plain',
        `${counted(event.fixups.length, 'fix-up')} for the copy: ${counted(files, 'file')} to change`,
      );
    }
    case 'proof.ended':
      return event.verdict === 'proven'
        ? line(
            event.machine,
            'good',
            `boot proof ${event.proof}: the copy of pass ${event.pass} boots and works, in ${formatDuration(event.ms)}`,
          )
        : line(
            event.machine,
            'bad',
            `boot proof ${event.proof} failed: ${event.reason?.words ?? 'the evidence does not suffice'}`,
          );
    case 'pass.requested':
      return line(event.machine, 'quiet', `another pass was asked for: ${event.reason}`);
    case 'note.added':
      return line('note', 'plain', `${nameOf(event.by)}: ${event.text}`);
    default:
      return sayOrder(event);
  }
}

const harmlessly = (said: Said): Said => ({ ...said, text: harmless(said.text) });

/** What the program itself said last: without it nobody knows a cut connection from a full disk. */
function evidenceOf({ evidence }: { readonly evidence?: readonly string[] | undefined }): string {
  const said = evidence?.filter(each => each.trim() !== '') ?? [];
  // rsync ends with a line about itself; what the login or the disk said stands before it.
  const last = said.findLast(each => !/^rsync (?:error|warning): /.test(each)) ?? said.at(-1);
  return last === undefined ? '' : ` (${last.trim()})`;
}

type Order = Extract<
  Event,
  {
    type:
      | `stage${string}`
      | `machine.${'paused' | 'resumed'}`
      | `evacuation.${'paused' | 'resumed'}`
      | 'link.throttled'
      | `gate.${string}`
      | `engineer.${string}`
      | 'step.retry-requested'
      | 'stop.requested';
  }
>;

/** What an engineer ordered, with their name. */
function sayOrder(event: Order): Said {
  const who = nameOf(event.by);
  const why = 'reason' in event && event.reason !== undefined ? `: ${event.reason}` : '';
  const line = (subject: string, tone: Tone, text: string): Said => ({
    subject,
    tone,
    text: harmless(`${text}${why}`),
  });
  switch (event.type) {
    case 'stages.held':
      return line(
        'landfall',
        'plain',
        event.phases.length === 0
          ? 'no stage waits for approval'
          : `these stages wait for approval: ${event.phases.join(', ')}`,
      );
    case 'stage.approved':
      return line('landfall', 'plain', `${who} approved the stage ${event.phase}`);
    case 'evacuation.paused':
      return line('landfall', 'warn', `${who} paused everything`);
    case 'evacuation.resumed':
      return line('landfall', 'plain', `${who} let everything go on`);
    case 'machine.paused':
      return line(event.machine, 'warn', `${who} paused it`);
    case 'machine.resumed':
      return line(event.machine, 'plain', `${who} let it go on`);
    case 'link.throttled':
      return line(
        'landfall',
        'plain',
        event.bytesPerSecond === null
          ? `${who} gave the link back to the plan's limit`
          : `${who} limited the link to ${formatBitRate(event.bytesPerSecond)} for passes that begin from now on`,
      );
    case 'step.retry-requested':
      return line(subjectOf(event.step), 'plain', `${who} asked to try ${event.step} again`);
    case 'gate.waived':
      return line(
        subjectOf(event.gate),
        'warn',
        `${who} waived ${event.gate} until ${new Date(event.until).toISOString()}`,
      );
    case 'gate.waiver-withdrawn':
      return line(subjectOf(event.gate), 'plain', `${who} withdrew the waiver of ${event.gate}`);
    case 'stop.requested':
      return line('landfall', 'warn', `${who} asked the engine to stop`);
    case 'engineer.attached':
      return line('landfall', 'quiet', `${who} looks on`);
    case 'engineer.left':
      return line('landfall', 'quiet', `${who} left`);
  }
}

/** `dana@jump1:4711` is dana. */
export const nameOf = (by: string): string => by.split('@')[0] ?? by;

/** A sample in one line: what, how far, how fast, how long still. */
export function saySample(sample: Sample): string {
  const parts = [harmless(sample.text)];
  if (sample.fraction !== undefined) parts.push(`${Math.floor(sample.fraction * 100)}%`);
  if (sample.bytes !== undefined) parts.push(`${formatBytes(sample.bytes)} copied`);
  if (sample.bytesPerSecond !== undefined) parts.push(formatBitRate(sample.bytesPerSecond));
  if (sample.etaMs !== undefined) parts.push(`${formatDuration(sample.etaMs)} left`);
  return parts.join('  ');
}

/** `build/web1/replica` is about web1; `inventory/web1` too. */
export function subjectOf(stepId: string): string {
  return stepId.split('/')[1] ?? stepId;
}

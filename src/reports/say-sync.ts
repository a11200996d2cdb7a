import { counted, formatBytes, formatDuration, formatRate } from '../foundation/units.ts';
import type { SyncEvent } from '../journal/fold-sync.ts';

interface Said {
  readonly tone: 'good' | 'bad' | 'warn' | 'plain' | 'quiet';
  readonly text: string;
}

/** What happened around the copies of a machine, in words. `who` is the author of the event without its host. */
export function saySync(event: SyncEvent, who: string): Said {
  switch (event.type) {
    case 'blocks.observed':
      return event.refusals.length === 0
        ? { tone: 'quiet', text: `its disks can be copied by blocks (libvirt ${event.libvirt})` }
        : { tone: 'quiet', text: `its disks cannot be copied by blocks: ${event.refusals.join('; ')}` };
    case 'mover.chosen':
      return {
        tone: event.decided === 'fallback' ? 'warn' : 'plain',
        text: `travels by ${event.mover} (${event.decided}): ${event.reasons.join('; ')}`,
      };
    case 'mover.ordered':
      return {
        tone: 'plain',
        text: `${who} asked for ${event.mover === 'auto' ? 'the mover that landfall would take' : `the ${event.mover} mover`}`,
      };
    case 'checkpoint.made':
      return {
        tone: 'quiet',
        text: `checkpoint ${event.checkpoint}: ${counted(event.disks.length, 'disk')} at one instant`,
      };
    case 'checkpoint.removed':
      return { tone: 'quiet', text: `checkpoint ${event.checkpoint} removed` };
    case 'replica.advanced':
      return {
        tone: 'good',
        text: event.replaced
          ? `the full copy of pass ${event.pass} is the replica now`
          : `pass ${event.pass} is in the replica`,
      };
    case 'dirty.read':
      return { tone: 'quiet', text: `${formatBytes(event.bytes)} written since ${event.checkpoint}` };
    case 'snapshot.taken':
      return {
        tone: 'quiet',
        text: `pass ${event.pass} reads ${event.mountpoint} from the snapshot ${event.snapshot}`,
      };
    case 'snapshot.removed':
      return event.trouble === undefined
        ? { tone: 'quiet', text: `snapshot ${event.snapshot} removed` }
        : {
            tone: 'warn',
            text: `the snapshot of ${event.trouble.mountpoint} for pass ${event.trouble.pass} was of no use: ${event.trouble.why}`,
          };
    case 'hook.ran':
      return {
        tone: event.code === 0 ? 'quiet' : 'bad',
        text: `the command ${event.moment} pass ${event.pass} ended with ${event.code ?? 'no code'} in ${formatDuration(event.ms)}`,
      };
    case 'source.cared':
      return {
        tone: event.act === 'release' ? 'good' : 'warn',
        text:
          event.act === 'ease'
            ? `${event.bytesPerSecond === undefined ? 'slower' : `at most ${formatRate(event.bytesPerSecond)}`} for the sake of production: ${event.why}`
            : event.act === 'stop'
              ? `stopped for the sake of production: ${event.why}`
              : `goes on as before: ${event.why}`,
      };
    case 'compression.sampled':
      return { tone: 'quiet', text: `compression ${event.choice}: ${event.why}` };
    case 'path.surveyed':
      return {
        tone: 'quiet',
        text: `pass ${event.pass} takes ${counted(event.streams, 'stream')}: ${event.why}`,
      };
  }
}

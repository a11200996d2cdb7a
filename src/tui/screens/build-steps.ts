import type { MachineState, StepState } from '../../journal/state.ts';
import { own } from '../../readiness/copy.ts';
import { moverOf } from '../../step/mover.ts';
import { hasReceiver } from '../../step/receiver.ts';
import type { View as JournalView } from '../../step/step.ts';
import type { View } from '../screen.ts';
import { type Line, type Span, span } from '../text/line.ts';
import { ageText, statusSpan } from './cells.ts';
import { quietMark } from './parts.ts';

/** What a machine needs at the target before the first pass, in order. */
interface Part {
  readonly name: string;
  /** What it is, as the rest of a sentence. */
  readonly what: string;
  readonly done: string;
  readonly step: (machine: string) => string;
  /** Whether the journal says that it is there, whichever step made it. */
  readonly isThere: (machine: MachineState | undefined) => boolean;
  /** It comes with the next stage: a machine counts as built without it. */
  readonly later?: string;
}

export const PARTS: readonly Part[] = [
  {
    name: 'replica',
    what: 'empty disks at the target, of the size of the source',
    done: 'made',
    step: machine => `build/${machine}/replica`,
    isThere: machine => machine?.replica !== undefined,
  },
  {
    name: 'standby',
    what: 'the source as libvirt here can run it, on the replica; held until cutover',
    done: 'defined',
    step: machine => `build/${machine}/standby`,
    isThere: machine => machine?.standby !== undefined,
  },
  {
    name: 'receiver',
    what: 'a throw-away domain from the clone; it boots without the replica',
    done: 'started',
    step: machine => `build/${machine}/receiver`,
    isThere: machine => machine?.receiver !== undefined,
  },
  {
    name: 'reachable',
    what: 'a login; its host key is read through the hypervisor, not over the network',
    done: 'reached',
    step: machine => `build/${machine}/access`,
    // Nobody prepares what they cannot reach: old journals have no event of their own for it.
    isThere: machine => machine?.receiver?.hostKey !== undefined || machine?.receiver?.prepared !== undefined,
  },
  {
    name: 'attached',
    what: "the replica's disks, plugged into the running receiver",
    done: 'attached',
    step: machine => `build/${machine}/attach`,
    // Nobody prepares disks that are not there: old journals have no event of their own for it.
    isThere: machine => machine?.receiver?.devices !== undefined || machine?.receiver?.prepared !== undefined,
  },
  {
    name: 'prepared',
    what: 'partitions and file systems, mounted, and filled from the clone where that helps',
    done: 'mounted',
    step: machine => `build/${machine}/prepare`,
    isThere: machine => machine?.receiver?.prepared !== undefined,
  },
  {
    name: 'path',
    what: 'a key in memory on the source that opens this replica only, for a limited time',
    done: 'open',
    step: machine => `sync/${machine}/path`,
    isThere: machine => machine?.path?.opened === true,
    later: 'at sync',
  },
];

export interface PartState {
  readonly part: Part;
  readonly status: StepState['status'] | 'waiting';
  readonly step?: StepState;
}

/** Those that this machine needs: where blocks move it no receiver has its replica, and one without a login has none. */
export function partsOf(view: JournalView | undefined, machine: string): PartState[] {
  const known = own(view?.state.machines ?? {}, machine);
  return PARTS.filter(part => isNeeded(part, view, machine)).map(part => {
    const step = own(view?.state.steps ?? {}, part.step(machine));
    const isThere = part.isThere(known);
    // A step that was done and whose work is gone since (a path that expired) is not done.
    const status =
      step === undefined || step.status === 'done' ? (isThere ? 'done' : 'waiting') : step.status;
    return { part, status, ...(step === undefined ? {} : { step }) };
  });
}

const IN_RECEIVER: ReadonlySet<string> = new Set(['attached', 'prepared']);
const OF_RECEIVER: ReadonlySet<string> = new Set(['receiver', 'reachable']);

function isNeeded({ name }: Part, view: JournalView | undefined, machine: string): boolean {
  if (view === undefined || moverOf(view, machine) === 'files') return true;
  return !IN_RECEIVER.has(name) && (!OF_RECEIVER.has(name) || hasReceiver(view, machine));
}

export function partSpan(view: View, { part, status, step }: PartState): Span {
  switch (status) {
    case 'done':
      return statusSpan(view, 'ok', part.done);
    case 'running':
      return statusSpan(view, 'busy', step === undefined ? 'working' : ageText(view.now - step.startedAt));
    case 'retrying':
      return statusSpan(view, 'warn', 'again');
    case 'failed':
      return statusSpan(view, 'bad', 'failed');
    case 'cancelled':
      return statusSpan(view, 'warn', 'stopped');
    case 'waiting':
      return quietMark(view, part.later ?? 'waits');
  }
}

/** All of them in as many symbols, for narrow terminals: the word for it stands beside. */
export const partSymbols = (view: View, parts: readonly PartState[]): Line =>
  parts.map(each => {
    const { text, tone } = partSpan(view, each);
    return span(text.split(' ')[0] ?? '', tone);
  });

/** What a machine is at, in two words. */
export function buildWord(view: View, parts: readonly PartState[]): Span {
  const failed = parts.find(({ status }) => status === 'failed');
  if (failed !== undefined) return statusSpan(view, 'bad', `${failed.part.name} failed`);
  const busy = parts.find(({ status }) => status === 'running' || status === 'retrying');
  if (busy !== undefined) return statusSpan(view, 'busy', busy.part.name);
  const built = parts.filter(({ status }) => status === 'done').length;
  if (parts.every(({ status, part }) => status === 'done' || part.later !== undefined))
    return statusSpan(view, 'ok', 'built');
  return built === 0 ? quietMark(view, 'not begun') : quietMark(view, `${built} of ${parts.length}`);
}

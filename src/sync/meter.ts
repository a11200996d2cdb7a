import type { StepContext } from '../step/step.ts';
import type { Progress } from './movers/files/progress.ts';
import type { RunPlan } from './pass-actions.ts';
import type { RunRequest } from './pass-run.ts';

/** At most two samples a second: nobody reads faster. */
const SAMPLE_MS = 500;
/** Weight of the newest rate in the smoothed one. */
const NEWEST = 0.3;

export interface Meter {
  /** Takes what one stream tells; the samples are of all of them together. */
  stream(name: string): {
    readonly onProgress: (progress: Progress) => void;
    /** The stream goes on in another part, whose count begins at nothing. */
    readonly onPart: (part: { readonly bytes: number }) => void;
  };
}

/**
 * Turns rsync's progress into samples: throttled, with a rate measured here (rsync's own is an average over whole
 * seconds), a share of entries over all file systems of the pass, and a time to go where one can be told.
 */
export function createMeter(context: StepContext, request: RunRequest): Meter {
  const { fileSystem } = fileSystemOf(request);
  const told = new Map<string, Progress>();
  const earlier = new Map<string, number>();
  const began = context.clock.monotonic();
  let shownAt = Number.NEGATIVE_INFINITY;
  let before: { readonly at: number; readonly bytes: number } | undefined;
  let rate: number | undefined;

  const show = (progress: Progress): void => {
    const now = context.clock.monotonic();
    if (now - shownAt < SAMPLE_MS) return;
    shownAt = now;
    if (before !== undefined && now > before.at) {
      const newest = Math.max(0, ((progress.bytes - before.bytes) / (now - before.at)) * 1000);
      rate = rate === undefined ? newest : NEWEST * newest + (1 - NEWEST) * rate;
    }
    before = { at: now, bytes: progress.bytes };
    const fraction = overall(request, progress);
    const etaMs = remaining(request, progress, rate, now - began);
    context.sample({
      text: `pass ${request.plan.pass}, ${fileSystem.mountpoint}`,
      bytes: progress.bytes,
      ...(rate === undefined ? {} : { bytesPerSecond: rate }),
      ...(fraction === undefined ? {} : { fraction }),
      ...(etaMs === undefined ? {} : { etaMs }),
    });
  };

  return {
    stream: name => ({
      onProgress(progress) {
        told.set(name, progress);
        const before = [...earlier.values()].reduce((sum, bytes) => sum + bytes, 0);
        show(together([...told.values()], request.streams.length, before));
      },
      onPart({ bytes }) {
        told.delete(name);
        earlier.set(name, (earlier.get(name) ?? 0) + bytes);
      },
    }),
  };
}

const fileSystemOf = ({ streams }: RunRequest): Pick<RunPlan, 'fileSystem'> => {
  const [first] = streams;
  if (first === undefined) throw new RangeError('a run without streams');
  return first;
};

/** The share is known once every stream has told its own. */
function together(streams: readonly Progress[], of: number, before: number): Progress {
  const sum = (value: (progress: Progress) => number): number =>
    streams.reduce((all, progress) => all + value(progress), 0);
  const left = sum(progress => progress.left ?? 0);
  const total = sum(progress => progress.total ?? 0);
  const isKnown = streams.length === of && streams.every(({ fraction }) => fraction !== undefined);
  return {
    bytes: before + sum(({ bytes }) => bytes),
    rate: sum(({ rate }) => rate),
    ...(isKnown && total > 0 ? { fraction: 1 - left / total } : {}),
  };
}

function overall(request: RunRequest, progress: Progress): number | undefined {
  const { entriesBefore, entriesTotal } = request;
  if (progress.fraction === undefined) return undefined;
  if (entriesTotal <= 0) return progress.fraction;
  return Math.min(
    1,
    (entriesBefore + progress.fraction * fileSystemOf(request).fileSystem.inodesUsed) / entriesTotal,
  );
}

/** Of this file system. A first copy is bound by bytes, a later pass by the entries that are left to check. */
function remaining(
  request: RunRequest,
  progress: Progress,
  rate: number | undefined,
  elapsedMs: number,
): number | undefined {
  if (request.plan.kind === 'full' && rate !== undefined && rate > 0)
    return (Math.max(0, fileSystemOf(request).fileSystem.used - progress.bytes) / rate) * 1000;
  const { fraction } = progress;
  return fraction === undefined || fraction < 0.02 ? undefined : (elapsedMs * (1 - fraction)) / fraction;
}

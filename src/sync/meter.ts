import type { StepContext } from '../step/step.ts';
import type { Progress } from './movers/files/progress.ts';
import type { RunRequest } from './pass-run.ts';

/** At most two samples a second: nobody reads faster. */
const SAMPLE_MS = 500;
/** Weight of the newest rate in the smoothed one. */
const NEWEST = 0.3;

export interface Meter {
  readonly show: (progress: Progress) => void;
}

/**
 * Turns rsync's progress into samples: throttled, with a rate measured here (rsync's own is an average over whole
 * seconds), a share of entries over all file systems of the pass, and a time to go where one can be told.
 */
export function createMeter(context: StepContext, request: RunRequest): Meter {
  const { fileSystem } = request.run;
  const began = context.clock.monotonic();
  let shownAt = Number.NEGATIVE_INFINITY;
  let before: { readonly at: number; readonly bytes: number } | undefined;
  let rate: number | undefined;

  return {
    show(progress) {
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
    },
  };
}

function overall({ entriesBefore, entriesTotal, run }: RunRequest, progress: Progress): number | undefined {
  if (progress.fraction === undefined) return undefined;
  if (entriesTotal <= 0) return progress.fraction;
  return Math.min(1, (entriesBefore + progress.fraction * run.fileSystem.inodesUsed) / entriesTotal);
}

/** Of this file system. A first copy is bound by bytes, a later pass by the entries that are left to check. */
function remaining(
  { plan, run }: RunRequest,
  progress: Progress,
  rate: number | undefined,
  elapsedMs: number,
): number | undefined {
  if (plan.kind === 'full' && rate !== undefined && rate > 0)
    return (Math.max(0, run.fileSystem.used - progress.bytes) / rate) * 1000;
  const { fraction } = progress;
  return fraction === undefined || fraction < 0.02 ? undefined : (elapsedMs * (1 - fraction)) / fraction;
}

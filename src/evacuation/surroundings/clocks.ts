import type { Clock } from '../../foundation/clock.ts';
import { asLandfallError } from '../../foundation/errors.ts';
import type { EventOf } from '../../journal/events.ts';
import type { Host, HostArgv } from '../../remote/host.ts';

type ClockOf = EventOf<'surroundings.observed'>['clocks'][number];

/** GNU date; one that knows no fractions prints something else behind the dot, or nothing. */
export const DATE: HostArgv = ['date', '+%s.%N'];
/** systemd 239 and later (timedatectl(1)); whatever does not know it says nothing about it. */
export const SYNCHRONISED: HostArgv = ['timedatectl', 'show', '--property=NTPSynchronized', '--value'];

const PATIENCE_MS = 15_000;

/** The first question may pay for the connection; the second one shows how far the host is. */
const QUESTIONS = 2;

/**
 * How far the clock of a host is from ours, by the question with the shortest way. Never rejects: a host that cannot be
 * asked has a trouble instead.
 */
export async function askForClock(
  id: string,
  open: (id: string) => Promise<Host>,
  clock: Clock,
  signal: AbortSignal,
): Promise<ClockOf> {
  try {
    const host = await open(id);
    let best: { offsetMs: number; withinMs: number } | undefined;
    for (let question = 0; question < QUESTIONS; question += 1) {
      const asked = clock.now();
      const { stdout } = await host.exec(DATE, { timeoutMs: PATIENCE_MS, maxBytes: 4096, signal });
      const measured = offsetOf(stdout.toString('utf8'), asked, clock.now());
      if (measured !== undefined && (best === undefined || measured.withinMs < best.withinMs))
        best = measured;
    }
    if (best === undefined) return { host: id, trouble: 'its date could not be read' };
    const synchronised = await isSynchronised(host, signal);
    return { host: id, ...best, ...(synchronised === undefined ? {} : { synchronised }) };
  } catch (thrown) {
    return { host: id, trouble: asLandfallError(thrown).facts.what };
  }
}

/**
 * The offset, ms, positive where the host is ahead, and half of the time that the question took: it is not known
 * better than that. Undefined where the answer is no time, or where our own clock was set back meanwhile.
 */
export function offsetOf(
  answer: string,
  askedMs: number,
  answeredMs: number,
): { offsetMs: number; withinMs: number } | undefined {
  const [, seconds, fraction] = /^(\d{1,12})(?:\.(\d{1,9})?\S*)?\s*$/.exec(answer) ?? [];
  const took = answeredMs - askedMs;
  if (seconds === undefined || took < 0) return undefined;
  // Without a fraction it is some moment of that second.
  const ms = fraction === undefined ? 500 : Number(`0.${fraction}`) * 1000;
  const offsetMs = Number(seconds) * 1000 + ms - (askedMs + took / 2);
  return {
    offsetMs: Math.round(offsetMs),
    withinMs: Math.ceil(took / 2 + (fraction === undefined ? 500 : 0)),
  };
}

async function isSynchronised(host: Host, signal: AbortSignal): Promise<boolean | undefined> {
  try {
    const options = { timeoutMs: PATIENCE_MS, maxBytes: 4096, codes: [0, 1], signal };
    const { code, stdout } = await host.exec(SYNCHRONISED, options);
    const word = stdout.toString('utf8').trim();
    return code === 0 && (word === 'yes' || word === 'no') ? word === 'yes' : undefined;
  } catch {
    return undefined;
  }
}

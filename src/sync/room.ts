import { LandfallError } from '../foundation/errors.ts';
import type { StepContext } from '../step/step.ts';
import type { Room } from './movers/files/failure.ts';
import { destinationOf, receiverOf } from './names.ts';

/** What a file system of the replica has room for; undefined where its receiver does not tell. */
export async function roomIn(
  context: StepContext,
  machine: string,
  mountpoint: string,
  signal: AbortSignal,
): Promise<Room | undefined> {
  try {
    const receiver = await context.host(receiverOf(machine));
    const free = async (flag: '-k' | '-i'): Promise<number | undefined> => {
      const argv = ['df', '-P', flag, destinationOf(mountpoint)] as const;
      const { stdout } = await receiver.exec(argv, { signal });
      return freeIn(stdout.toString('latin1'));
    };
    const blocks = await free('-k');
    return blocks === undefined ? undefined : { bytes: blocks * 1024, inodes: await free('-i') };
  } catch (error) {
    // The failure that asked for this is worth more than the reason why it got no answer.
    if (error instanceof LandfallError && !signal.aborted) return undefined;
    throw error;
  }
}

/** The fourth column of the last line of `df -P`; undefined where there is nothing to count, as inodes of btrfs. */
export function freeIn(text: string): number | undefined {
  const [, total, , free] = /\s(\d+)\s+(\d+)\s+(-?\d+)\s+(?:\d+%|-)\s+\/.*$/.exec(text.trimEnd()) ?? [];
  return free === undefined || Number(total) === 0 ? undefined : Math.max(0, Number(free));
}

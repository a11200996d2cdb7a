import { createHash } from 'node:crypto';
import type { Random } from '../../foundation/clock.ts';
import type { MachineState } from '../../journal/state.ts';

/**
 * A sample is one of `of` parts into which everything falls by a hash that nobody knew before: so it is random, and `of`
 * samples with one seed have compared everything once.
 */

type Sample = NonNullable<NonNullable<MachineState['verified']>['sample']>;
export type Rotation = NonNullable<Sample['rotation']>;

/** The damage that a sample is judged by: one in a hundred. */
export const DAMAGED_SHARE = 0.01;

/** Which part is due: the one after the last comparison's, or the first of a new drawing. Undefined: everything. */
export function nextRotation(
  last: MachineState['verified'],
  share: number,
  random: Random,
): Rotation | undefined {
  // At least the share: parts are whole.
  const of = Math.floor(1 / share);
  if (of <= 1) return undefined;
  const before = last?.sample?.rotation;
  if (before !== undefined && before.of === of && before.round + 1 < of)
    return { seed: before.seed, round: before.round + 1, of };
  return { seed: Buffer.from(random.bytes(16)).toString('hex'), round: 0, of };
}

/** Whether something belongs to the part that is due. */
export function isChosen({ seed, round, of }: Rotation, name: Uint8Array | string): boolean {
  const digest = createHash('sha256').update(seed).update('\0').update(name).digest();
  return digest.readUInt32BE(0) % of === round;
}

/**
 * The chance that at least one damaged thing is among `drawn` drawn ones, where this share of all is damaged:
 * 1 - (1 - x)^n. What is drawn without putting back finds a little more than that.
 */
export const detection = (drawn: number, damagedShare = DAMAGED_SHARE): number =>
  1 - (1 - damagedShare) ** drawn;

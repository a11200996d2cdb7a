import { get } from '../../../journal/maps.ts';
import type { View } from '../../../step/step.ts';
import { parseCount } from '../files/stats.ts';

/** A full copy in chunks: when, of which size, and where each belongs. Pure. */

const MIB = 1024 ** 2;
const LARGEST = 4096 * MIB;
/** Smaller ones would cost more in handshakes than in bytes. */
export const SMALLEST = 16 * MIB;
/** Two chunks lie at the source at once; as much is left for what the guest overwrites meanwhile. */
const SHARES = 4;

export interface Chunk {
  readonly disk: string;
  readonly index: number;
  /** Bytes from the beginning of the disk. */
  readonly at: number;
  readonly size: number;
  /** Bytes of it that are not known to be zero. */
  readonly data: number;
}

/** What travels now: the next chunk is cut while one is sent and the one before goes to its place. */
export interface Wave {
  readonly cut?: Chunk | undefined;
  readonly ship?: Chunk | undefined;
  readonly place?: Chunk | undefined;
}

/** How the pieces of a full copy come about: whole, or in chunks of that many bytes. */
export type Way =
  | { readonly mode: 'push' }
  | { readonly mode: 'pull'; readonly chunk: number; readonly need: number; readonly free: number }
  | { readonly mode: 'none'; readonly need: number; readonly free: number };

/** Whole pieces where there is room for them beside what `care.space` leaves free; undefined room counts as enough. */
export function wayOf({ plan, state }: View, machine: string): Way {
  const { disks = [], scratch } = get(state.machines, machine)?.blocks ?? {};
  if (scratch === undefined) return { mode: 'push' };
  const need = disks.reduce((sum, { allocation }) => sum + allocation, 0) + plan.care.space;
  const { free } = scratch;
  if (free >= need) return { mode: 'push' };
  const chunk = Math.min(LARGEST, Math.floor((free - plan.care.space) / SHARES / MIB) * MIB);
  return chunk >= SMALLEST
    ? { mode: 'pull', chunk, need, free }
    : { mode: 'none', need: SHARES * SMALLEST + plan.care.space, free };
}

export interface ChunksSaid {
  readonly size: number | undefined;
  readonly found: readonly { readonly disk: string; readonly index: number; readonly data: number }[];
  readonly isReady: boolean;
}

export const NO_CHUNKS: ChunksSaid = { size: undefined, found: [], isReady: false };

/** One more line of the guard's script (scripts/pull.ts). */
export function hearChunks(said: ChunksSaid, line: string): ChunksSaid {
  const [, size] = /^landfall chunks (\d+)\s*$/.exec(line) ?? [];
  if (size !== undefined) return { ...said, size: parseCount(size) };
  const [, disk, index, data] = /^landfall chunk (\S+) (\d+) (\d+)\s*$/.exec(line) ?? [];
  if (disk !== undefined && index !== undefined && data !== undefined)
    return { ...said, found: [...said.found, { disk, index: parseCount(index), data: parseCount(data) }] };
  return /^landfall ready\s*$/.test(line) ? { ...said, isReady: true } : said;
}

/** Where each chunk belongs; the last one of a disk ends with it. Throws a RangeError for what no disk can hold. */
export function chunksOf({ size, found }: ChunksSaid, capacities: ReadonlyMap<string, number>): Chunk[] {
  return found.map(({ disk, index, data }) => {
    const capacity = capacities.get(disk) ?? 0;
    const at = index * (size ?? 0);
    if (size === undefined || size <= 0 || at >= capacity)
      throw new RangeError(`the chunk ${index} of ${disk} is beyond its end`);
    return { disk, index, at, size: Math.min(size, capacity - at), data };
  });
}

/** The waves of all chunks, one after the other. */
export const wavesOf = (chunks: readonly Chunk[]): Wave[] =>
  chunks.length === 0
    ? []
    : Array.from({ length: chunks.length + 2 }, (_, wave) => ({
        cut: chunks[wave],
        ship: wave < 1 ? undefined : chunks[wave - 1],
        place: wave < 2 ? undefined : chunks[wave - 2],
      }));

import { formatRate } from '../../../foundation/units.ts';
import type { Compression } from './flags.ts';

/** What the sample of one machine says of compression (facts of the disk, 1.2 and E7). */

export interface Sampled {
  readonly bytes: number;
  readonly tries: ReadonlyMap<Compression, { readonly sent: number; readonly seconds: number }>;
}

export interface CompressionChoice {
  readonly choice: Compression;
  readonly compressedBytes: number;
  /** Bytes of files per second that come through with it. */
  readonly bytesPerSecond: number;
  readonly why: string;
}

/** What one stream of OpenSSH does where nothing else holds it (facts of the disk, E4). */
export const STREAM_BYTES_PER_SECOND = 250e6;
/** A gain below a tenth is not worth a processor of production. */
const WORTH = 1.1;
const NAMES: readonly Compression[] = ['none', 'zstd', 'lz4', 'zlib'];

/** Reads what the script printed; undefined where it could not take a sample. */
export function parseSample(output: string): Sampled | undefined {
  const lines = output.split('\n');
  const bytes = Number(/^sample (\d+)$/.exec(lines[0] ?? '')?.[1] ?? 0);
  const tries = new Map<Compression, { sent: number; seconds: number }>();
  for (const line of lines.slice(1)) {
    const [, name, sent, nanoseconds] = /^(\w+) (\d+) (\d+)$/.exec(line) ?? [];
    const known = NAMES.find(each => each === name);
    if (known !== undefined) tries.set(known, { sent: Number(sent), seconds: Number(nanoseconds) / 1e9 });
  }
  return bytes === 0 || !tries.has('none') ? undefined : { bytes, tries };
}

/**
 * The compression with which most arrives: each is held down by the processor or by the link, whichever is less. What
 * starting rsync costs is in every try, so it falls out of the difference to the one without compression.
 * `link`: bytes per second that one stream can send.
 */
export function chooseCompression({ bytes, tries }: Sampled, link: number): CompressionChoice {
  const plain = tries.get('none')?.seconds ?? 0;
  const rates = [...tries].map(([choice, { sent, seconds }]) => {
    const work = bytes / STREAM_BYTES_PER_SECOND + (choice === 'none' ? 0 : Math.max(0, seconds - plain));
    const ratio = choice === 'none' ? 1 : Math.max(sent, 1) / bytes;
    return { choice, sent, ratio, rate: Math.min(bytes / work, link / ratio) };
  });
  const without = rates.find(({ choice }) => choice === 'none');
  const best = rates.toSorted((a, b) => b.rate - a.rate)[0];
  if (best === undefined || without === undefined) throw new RangeError('a sample without a try');
  const gains = best.choice !== 'none' && best.rate >= WORTH * without.rate;
  const taken = gains ? best : without;
  const percent = Math.round(best.ratio * 100);
  return {
    choice: taken.choice,
    compressedBytes: taken.choice === 'none' ? bytes : taken.sent,
    bytesPerSecond: Math.round(taken.rate),
    why: gains
      ? `a sample shrinks to ${percent}%: ${formatRate(best.rate)} of files arrive a second, ${formatRate(without.rate)} without`
      : best.choice === 'none'
        ? 'no compression lets more arrive than the link does without'
        : `${best.choice} would let hardly more arrive (a sample shrinks to ${percent}%)`,
  };
}

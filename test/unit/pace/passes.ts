import type { PassState } from '../../../src/journal/state.ts';

export const MB = 1e6;

export interface Sketch {
  readonly ms: number;
  readonly bytes: number;
  readonly listMs?: number;
  readonly checksum?: boolean;
  readonly hot?: readonly { readonly path: string; readonly bytes: number }[];
}

interface Setting {
  /** Number of the first of them. */
  readonly from?: number;
  /** Of all of them; without it the first is a full one where its number is 1 or its mover is a new one. */
  readonly kind?: 'full' | 'delta';
  readonly mover?: 'files' | 'blocks';
  readonly total?: number;
  readonly after?: PassState | undefined;
  /** Between the end of that pass and the first of these. */
  readonly gapMs?: number;
}

/** Passes one right after the other. */
export function passesOf(sketches: readonly Sketch[], setting: Setting = {}): PassState[] {
  const { from = 1, mover = 'files', total = 200 * MB, after, gapMs = 0 } = setting;
  let startedAt = after?.ended === undefined ? from * 1e6 : after.ended.startedAt + after.ended.ms + gapMs;
  return sketches.map((sketch, index): PassState => {
    const began = startedAt;
    startedAt += sketch.ms;
    const { checksum = false, listMs = 1, hot = [], ms, bytes } = sketch;
    return {
      pass: from + index,
      kind: setting.kind ?? (index === 0 ? 'full' : 'delta'),
      mover,
      reason: 'test',
      checksum,
      startedAt: began,
      ended: {
        consistency: 'smeared',
        startedAt: began,
        ms,
        runs: [
          {
            ...{ mountpoint: '/', job: 'j', code: 0, files: 200, filesTransferred: 1, filesDeleted: 0 },
            ...{ totalBytes: total, transferredBytes: bytes, literalBytes: bytes, matchedBytes: 0 },
            ...{
              sentBytes: bytes,
              receivedBytes: 0,
              listSeconds: listMs / 1000,
              ms,
              vanished: 0,
              troubles: [],
            },
          },
        ],
        hot: [...hot],
      },
    };
  });
}

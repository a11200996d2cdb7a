import { formatBytes, formatDuration } from '../foundation/units.ts';
import { recurring } from './hot.ts';
import type { PassMetrics } from './metrics.ts';
import { modelOf } from './model.ts';

/** Hot paths that are named one by one. */
const NAMED = 5;

/** What keeps a machine from converging, and what would help, each with its number where there is one. */
export function remedies(all: readonly PassMetrics[]): string[] {
  const last = all.at(-1);
  if (last === undefined) return [];
  const hot = recurring(all);
  const hotBytes = Math.min(
    last.literalBytes,
    hot.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const model = modelOf(all);
  const rest = last.literalBytes - hotBytes;
  const restMs = model === undefined ? '' : ` and takes about ${formatDuration(model.passMs(rest))}`;
  const finalMs = model?.passMs(model.dirtied(last.ms));
  return [
    ...hot
      .slice(0, NAMED)
      .map(
        ({ path, bytes }) =>
          `hot: ${path} (${formatBytes(bytes)} in the last pass, ${percent(bytes, last.literalBytes)} of it)`,
      ),
    ...(hotBytes === 0
      ? ['exclude what is hot in the plan if it can be made again at the target']
      : [
          `exclude the hot paths in the plan if they can be made again at the target: a pass then sends ${formatBytes(rest)} instead of ${formatBytes(last.literalBytes)} (-${percent(hotBytes, last.literalBytes)})${restMs}`,
        ]),
    ...(last.mover === 'files'
      ? [
          `use the blocks mover for this machine: only clusters that were written travel, and no file list is made${model === undefined ? '' : ` (${formatDuration(model.floorMs)} of each pass now)`}`,
        ]
      : []),
    'use replication for databases, or a snapshot that a pass can read in peace',
    `at cutover, stop the writers before the last pass${finalMs === undefined ? ': it then takes little more than the floor' : `: it then takes about ${formatDuration(finalMs)}, and is the last`}`,
  ];
}

const percent = (part: number, whole: number): string =>
  `${whole <= 0 ? 0 : Math.min(100, Math.round((part / whole) * 100))}%`;

import {
  captureStage,
  catchUpStage,
  releaseStage,
  teardownStage,
} from '../../../../src/database/replicate/index.ts';
import {
  backupStage,
  restoreStage,
  shipLogsStage,
  tailScript,
} from '../../../../src/database/shipping/index.ts';
import type { Scene, Stage } from '../../../../src/database/stage.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import type { Lane } from '../../../../src/journal/database-facts.ts';
import type { ProductName } from '../../../../src/lab/sqlserver/server/products.ts';
import { formatScript, formatStatements } from '../../../../src/remote/sql/script.ts';
import { sceneOf } from './scenes.ts';

/** The whole way of a lane as a DBA reads it before it runs: what is kept under fixtures/database. */

const REPLICATION: Readonly<Record<string, readonly Stage[]>> = {
  clone: [captureStage, releaseStage, catchUpStage, teardownStage],
  backup: [captureStage, backupStage, restoreStage, releaseStage, catchUpStage, teardownStage],
  snapshot: [captureStage, releaseStage, catchUpStage, teardownStage],
  'log-shipping': [backupStage, restoreStage, shipLogsStage],
};

const LANES = ['clone', 'backup', 'snapshot'] as const satisfies readonly Lane[];
const EDITIONS = [
  '2012-standard',
  '2022-standard',
  '2022-enterprise',
] as const satisfies readonly ProductName[];
const CANNOT = ['2016-web', '2019-express'] as const satisfies readonly ProductName[];

function written(scene: Scene, stages: readonly Stage[], more = ''): string {
  try {
    return `${stages.map(stage => formatStatements(stage.preview(scene), `${stage.id}: ${stage.title(scene)}`)).join('\n')}${more}`;
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    const { what, why, next } = error.facts;
    return `-- ${what}\n-- ${why}\n${next.map(each => `--   ${each}`).join('\n')}\n`;
  }
}

/** Every golden file by its path below fixtures/database. */
export function goldenFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const lane of LANES) {
    for (const product of [...EDITIONS, ...CANNOT])
      files.set(
        `replicate/${lane}-${product}.sql`,
        written(sceneOf({ lane, product }), REPLICATION[lane] ?? []),
      );
    files.set(
      `replicate/${lane}-distributor-at-publisher.sql`,
      written(sceneOf({ lane, distributorAt: 'publisher', agents: true }), REPLICATION[lane] ?? []),
    );
  }
  const dark = sceneOf();
  const ordered = { at: 0, by: 'test', order: 'teardown', dark: true } as const;
  files.set(
    'replicate/teardown-dark.sql',
    written({ ...dark, state: { ...dark.state, ordered: { teardown: ordered } } }, [teardownStage]),
  );
  for (const product of [...EDITIONS, ...CANNOT]) {
    const scene = sceneOf({ lane: 'log-shipping', product });
    const tail = `\n${formatScript(tailScript(scene))}`;
    files.set(
      `shipping/log-shipping-${product}.sql`,
      written(scene, REPLICATION['log-shipping'] ?? [], tail),
    );
  }
  return files;
}

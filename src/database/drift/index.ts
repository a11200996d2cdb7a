import { LandfallError } from '../../foundation/errors.ts';
import type { DriftItem } from '../../journal/database-facts.ts';
import type { Script } from '../../remote/sql/statement.ts';
import type { Catalog } from '../catalog/types.ts';
import type { Stage } from '../stage.ts';

/** What differs, and the script that makes the copy's schema equal to the source's as far as no data is lost. */
export interface Drift {
  readonly items: readonly DriftItem[];
  readonly align: Script;
}

const absent = (): never => {
  throw new LandfallError('bug', { what: 'drift is not written yet', next: [] });
};

export const compareCatalogs = (_source: Catalog, _copy: Catalog): Drift => absent();

/** Makes the clone's schema equal to production's. */
export const alignStage: Stage = {
  id: 'align',
  title: scene => `align the schema of ${scene.ref.copy} with ${scene.name}`,
  preview: () => [],
  done: async () => absent(),
  run: async () => absent(),
};

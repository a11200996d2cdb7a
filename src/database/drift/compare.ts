import { harmless } from '../../foundation/text.ts';
import type { DriftItem } from '../../journal/database-facts.ts';
import type { Catalog } from '../catalog/types.ts';
import { collector } from './collector.ts';
import { compareModules } from './kinds/modules.ts';
import { compareOthers } from './kinds/others.ts';
import { compareTables } from './kinds/tables.ts';
import { keyingOf } from './text.ts';
import type { Drift } from './types.ts';

/**
 * What differs between two schemas, by names, and the script that makes the copy's equal to the source's (facts: mssql
 * 5.1). What could lose a value is refused unless the copy was asked and its question is among `fitting`; the script
 * repeats the condition. Run twice, it does nothing the second time.
 */
export function compareCatalogs(
  source: Catalog,
  copy: Catalog,
  fitting: ReadonlySet<string> = new Set(),
): Drift {
  const to = collector(copy, fitting);
  const keyOf = keyingOf(source);
  compareOthers(to, source, copy, keyOf);
  compareTables(to, source, copy, keyOf);
  compareModules(to, source, copy, keyOf);
  return {
    items: [...to.items].sort((left, right) => WEIGHT[left.severity] - WEIGHT[right.severity]),
    align: {
      title: `Make the schema of the copy, ${harmless(copy.database)}, equal to production's, ${harmless(source.database)}`,
      deeds: to.deeds(),
    },
    questions: to.questions,
  };
}

/** A database in which nothing has been made yet: the drift against it is the whole schema. */
export const emptyCatalog = (
  like: Pick<Catalog, 'collation' | 'compatibility'>,
  database: string,
): Catalog => ({
  database,
  collation: like.collation,
  compatibility: like.compatibility,
  schemas: ['dbo'],
  ...{ tables: [], modules: [], sequences: [], synonyms: [], types: [], partitionFunctions: [] },
});

const WEIGHT: Readonly<Record<DriftItem['severity'], number>> = { blocker: 0, warning: 1, note: 2 };

import type { Catalog, Table, TableName } from '../../catalog/types.ts';
import { type Collector, guarded } from '../collector.ts';
import { dropConstraint } from '../script/column.ts';
import { foreignKeyExists, not, objectExists } from '../script/done.ts';
import { isConstraint } from '../script/index.ts';
import { nameText } from '../script/names.ts';
import { createTable } from '../script/table.ts';
import { type Keying, paired, shown } from '../text.ts';
import { compareChecks } from './checks.ts';
import { compareColumns } from './columns.ts';
import { compareDefaults } from './defaults.ts';
import { compareForeignKeys } from './foreign-keys.ts';
import { compareIndexes } from './indexes.ts';
import type { TableScene } from './table-scene.ts';
import { compareTriggers } from './triggers.ts';

/** Tables on both sides with everything that belongs to them. */
export function compareTables(to: Collector, source: Catalog, copy: Catalog, keyOf: Keying): void {
  const catalogs = { source, copy };
  const tables = paired(source.tables, copy.tables, table => keyOf(shown(table)));
  const gone = tables.onlyRight.filter(table => dropEmpty(to, table));
  const scenes: TableScene[] = tables.both.map(([wanted, found]) => {
    noteKind(to, wanted, found);
    const scene = sceneOf({ to, keyOf, source: wanted, copy: found, catalogs, isNew: false });
    compareColumns(scene);
    return scene;
  });
  for (const wanted of tables.onlyLeft) {
    const scene = makeMissing(to, wanted, catalogs, keyOf);
    if (scene !== undefined) scenes.push(scene);
  }
  for (const scene of scenes) compareIndexes(scene);
  for (const scene of scenes) {
    compareChecks(scene);
    compareDefaults(scene);
    compareTriggers(scene);
  }
  const byName = new Map(scenes.map(scene => [keyOf(shown(scene.copy)), scene]));
  const find = (name: TableName): TableScene | undefined => byName.get(keyOf(shown(name)));
  for (const scene of scenes) compareForeignKeys(scene, find);
  for (const table of gone) dropTable(to, table);
  const known = new Set(source.tables.map(table => keyOf(shown(table))));
  for (const table of tables.onlyRight)
    if (!gone.includes(table)) freeOthers(to, table, name => known.has(keyOf(shown(name))));
}

/** A table that stays must not hold on to rows of production: they could not be deleted. */
function freeOthers(to: Collector, table: Table, isKnown: (name: TableName) => boolean): void {
  for (const key of table.foreignKeys.filter(each => isKnown(each.references))) {
    to.item({
      ...{ kind: 'foreign-key', subject: `${shown(table)}.${key.name}`, severity: 'warning', aligned: true },
      what: `is on the copy only and refers to ${shown(key.references)}: production could not delete there`,
    });
    dropForeignKey(to, table, key.name);
  }
}

const sceneOf = (
  of: Pick<TableScene, 'to' | 'keyOf' | 'source' | 'copy' | 'catalogs' | 'isNew'>,
): TableScene => ({
  ...of,
  moving: new Map(),
  refused: new Set(),
  refusedKeys: new Set(),
  present: new Set(),
  droppedKeys: [],
});

const rowsOf = (table: Table): string => `SELECT * FROM ${nameText(table)}`;

/** The copy has a table of its own: it goes where no row is in it and nothing that stays points at it. */
function dropEmpty(to: Collector, table: Table): boolean {
  const subject = shown(table);
  const isPlain =
    table.temporal === 'none' && !table.external && !table.fileTable && !table.graph && !table.ledger;
  const aligned = isPlain && to.fits({ id: `${subject} is empty`, rows: rowsOf(table) });
  to.item({
    ...{ kind: 'table', subject, aligned },
    severity: aligned ? 'warning' : 'note',
    what: aligned
      ? 'is on the copy only, and empty'
      : `is on the copy only, so it stays: ${rowsOf(table)} shows what is in it`,
  });
  return aligned;
}

function dropTable(to: Collector, table: Table): void {
  const subject = shown(table);
  for (const key of table.foreignKeys) dropForeignKey(to, table, key.name);
  to.change({
    ...{ phase: 'drop-table', kind: 'table', subject, title: `drop the empty table ${subject}` },
    text: guarded(rowsOf(table), `${subject} has rows: not dropped`, `DROP TABLE ${nameText(table)};`),
    done: not(objectExists(table)),
  });
}

function dropForeignKey(to: Collector, table: Table, name: string): void {
  const subject = `${shown(table)}.${name}`;
  to.change({
    ...{ phase: 'drop-foreign-key', kind: 'foreign-key', subject, title: `drop the foreign key ${subject}` },
    text: dropConstraint(table, name),
    done: not(foreignKeyExists(table, name)),
  });
}

/** What a table is beside its columns, and a script cannot give it. */
const special = (table: Table): string | undefined =>
  table.temporal !== 'none'
    ? table.temporal === 'versioned'
      ? 'system-versioned'
      : 'a history table'
    : table.memoryOptimized
      ? 'memory-optimized'
      : table.fileTable
        ? 'a file table'
        : table.external
          ? 'external'
          : table.graph
            ? 'a table of a graph'
            : table.ledger
              ? 'a ledger table'
              : undefined;

function noteKind(to: Collector, wanted: Table, found: Table): void {
  if (special(wanted) === special(found)) return;
  to.item({
    ...{ kind: 'table', subject: shown(wanted), severity: 'warning', aligned: false },
    what: `is ${special(wanted) ?? 'an ordinary table'} on production and ${special(found) ?? 'an ordinary table'} on the copy`,
  });
}

/** The scene of a table that the script makes, whose keys come with it; undefined where it cannot be made. */
function makeMissing(
  to: Collector,
  wanted: Table,
  catalogs: TableScene['catalogs'],
  keyOf: Keying,
): TableScene | undefined {
  const subject = shown(wanted);
  const types = new Set(catalogs.copy.types.map(type => keyOf(shown(type))));
  const assembly = wanted.columns.find(
    column =>
      column.assemblyType && column.userType !== undefined && !types.has(keyOf(shown(column.userType))),
  );
  const hindered =
    special(wanted) !== undefined
      ? `it is ${special(wanted)}`
      : wanted.columns.some(column => column.encryption !== undefined)
        ? 'it has encrypted columns'
        : assembly !== undefined
          ? `the type of ${assembly.name} comes from an assembly`
          : undefined;
  to.item({
    ...{ kind: 'table', subject, severity: 'blocker', aligned: hindered === undefined },
    what:
      hindered === undefined
        ? 'is missing on the copy'
        : `is missing on the copy, and ${hindered}: make it by hand`,
  });
  if (hindered !== undefined) return undefined;
  to.change({
    ...{ phase: 'table', kind: 'table', subject, title: `make the table ${subject}` },
    text: createTable(wanted),
    done: objectExists(wanted),
  });
  const made: Table = {
    ...wanted,
    indexes: wanted.indexes.filter(isConstraint),
    ...{ checks: [], foreignKeys: [], triggers: [], rows: 0, bytes: 0 },
  };
  const scene = sceneOf({ to, keyOf, source: wanted, copy: made, catalogs, isNew: true });
  for (const column of wanted.columns) scene.present.add(keyOf(column.name));
  return scene;
}

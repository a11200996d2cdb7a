import type { Catalog, Table } from '../../catalog/types.ts';
import type { Collector } from '../collector.ts';
import { type Keying, mentions, shown } from '../text.ts';
import { isIndexable } from './conversions.ts';

/** A column that is altered, made again or dropped: what lies on it has to step aside until `goal` holds. */
export interface Moving {
  readonly how: 'grow' | 'rewrite' | 'drop';
  readonly goal: string;
}

/** One table on both sides, while it is compared. */
export interface TableScene {
  readonly to: Collector;
  readonly keyOf: Keying;
  readonly source: Table;
  readonly copy: Table;
  readonly catalogs: { readonly source: Catalog; readonly copy: Catalog };
  /** It is made by the script: it is empty, and its parts are no differences of their own. */
  readonly isNew: boolean;
  /** Columns of the copy on the move, by key. */
  readonly moving: Map<string, Moving>;
  /** Columns of both that stay as the copy has them, by key: nothing that hangs on them is aligned either. */
  readonly refused: Set<string>;
  /** Keys and unique indexes of production that the copy will not have, by key of their name. */
  readonly refusedKeys: Set<string>;
  /** Columns that the copy will have, by key. */
  readonly present: Set<string>;
  /** Keys and unique indexes of the copy that are dropped on the way, with what brings their columns back. */
  readonly droppedKeys: { readonly columns: readonly string[]; readonly goal: string }[];
}

export const subjectOf = ({ source }: TableScene, part?: string): string =>
  part === undefined ? shown(source) : `${shown(source)}.${part}`;

/** Goals of the moving columns among these; growth only matters to keys. */
export const goalsOf = (scene: TableScene, columns: readonly string[], isKey: boolean): string[] =>
  columns.flatMap(column => {
    const found = scene.moving.get(scene.keyOf(column));
    return found === undefined || (found.how === 'grow' && !isKey) ? [] : [found.goal];
  });

/** Goals of the moving columns that an expression names. SQL Server lets nothing grow under a computed column. */
export const goalsIn = (scene: TableScene, expression: string, isComputed = false): string[] =>
  scene.copy.columns
    .filter(column => mentions(expression, column.name))
    .flatMap(column => goalsOf(scene, [column.name], isComputed));

/** A schema-bound module that names the column: nothing about the column can be changed under it. */
export const boundBy = ({ catalogs, copy }: TableScene, column: string): string | undefined => {
  const found = catalogs.copy.modules.find(
    module =>
      module.schemaBound &&
      module.definition !== undefined &&
      mentions(module.definition, copy.name) &&
      mentions(module.definition, column),
  );
  return found === undefined ? undefined : shown(found);
};

/** The copy will have these columns as production has them. */
export const hasAll = (scene: TableScene, columns: readonly string[]): boolean =>
  columns.every(column => scene.present.has(scene.keyOf(column)) && !scene.refused.has(scene.keyOf(column)));

/** The copy will have these columns in some form that an index takes, a primary key only without NULL. */
export const canIndex = (scene: TableScene, columns: readonly string[], isPrimary: boolean): boolean =>
  columns.every(column => {
    if (hasAll(scene, [column])) return true;
    const kept = scene.copy.columns.find(each => scene.keyOf(each.name) === scene.keyOf(column));
    return kept !== undefined && isIndexable(kept) && !(isPrimary && kept.nullable);
  });

/** Columns of production that an expression names. */
export const namedIn = ({ source }: TableScene, expression: string): string[] =>
  source.columns.filter(column => mentions(expression, column.name)).map(column => column.name);

/** A table keeps at least one column with values while others are dropped (4923). */
export const canSpare = ({ copy, keyOf, moving }: TableScene, column: string): boolean =>
  copy.columns.some(
    other =>
      other.computed === undefined &&
      keyOf(other.name) !== keyOf(column) &&
      moving.get(keyOf(other.name))?.how !== 'drop',
  );

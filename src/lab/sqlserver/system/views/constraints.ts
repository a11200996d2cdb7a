import { constraintById, constraintsOf } from '../../catalog/find.ts';
import type { Catalog, ForeignKey, Table } from '../../catalog/schema.ts';
import type { FunctionContext } from '../../functions/function.ts';
import type { Database } from '../../server/instance.ts';
import type { ReferentialAction } from '../../syntax/statements.ts';
import { catalogOf } from '../catalog-facts.ts';
import { view } from '../define-view.ts';
import { OBJECT_COLUMNS, typed } from './objects.ts';

export const keyConstraints = view(
  'key_constraints',
  `${OBJECT_COLUMNS}
   unique_index_id int null
   is_system_named bit
   is_enforced bit null = 1 since 2022`,
  (context, database) =>
    typed(context, database, ['PK', 'UQ'], (facts, catalog) => {
      const found = constraintById(catalog, facts.id);
      return found?.kind === 'key'
        ? { unique_index_id: found.index.id, is_system_named: found.key.systemNamed }
        : {};
    }),
);

const ACTIONS: Readonly<Record<ReferentialAction, { readonly id: number; readonly name: string }>> = {
  'no-action': { id: 0, name: 'NO_ACTION' },
  cascade: { id: 1, name: 'CASCADE' },
  'set-null': { id: 2, name: 'SET_NULL' },
  'set-default': { id: 3, name: 'SET_DEFAULT' },
};

export const foreignKeys = view(
  'foreign_keys',
  `${OBJECT_COLUMNS}
   referenced_object_id int null
   key_index_id int null
   is_disabled bit
   is_not_for_replication bit
   is_not_trusted bit
   delete_referential_action tinyint null
   delete_referential_action_desc nvarchar(60) null
   update_referential_action tinyint null
   update_referential_action_desc nvarchar(60) null
   is_system_named bit`,
  (context, database) =>
    typed(context, database, ['F'], (facts, catalog) => {
      const found = constraintById(catalog, facts.id);
      if (found?.kind !== 'foreign-key') return {};
      const { foreignKey } = found;
      return {
        referenced_object_id: foreignKey.referencedTable,
        key_index_id: keyIndex(catalog, foreignKey),
        is_disabled: foreignKey.disabled,
        is_not_for_replication: foreignKey.notForReplication,
        is_not_trusted: !foreignKey.trusted,
        delete_referential_action: ACTIONS[foreignKey.onDelete].id,
        delete_referential_action_desc: ACTIONS[foreignKey.onDelete].name,
        update_referential_action: ACTIONS[foreignKey.onUpdate].id,
        update_referential_action_desc: ACTIONS[foreignKey.onUpdate].name,
        is_system_named: foreignKey.systemNamed,
      };
    }),
);

/** The unique index of the referenced table whose key the foreign key names. */
function keyIndex(catalog: Catalog, foreignKey: ForeignKey): number | null {
  const wanted = [...foreignKey.referencedColumns].sort().join();
  const index = catalog.tables.get(foreignKey.referencedTable)?.indexes.find(
    each =>
      each.unique &&
      each.columns
        .filter(column => !column.included)
        .map(column => column.column)
        .sort()
        .join() === wanted,
  );
  return index?.id ?? null;
}

export const foreignKeyColumns = view(
  'foreign_key_columns',
  `constraint_object_id int
   constraint_column_id int
   parent_object_id int
   parent_column_id int
   referenced_object_id int
   referenced_column_id int`,
  function* (context, database) {
    for (const table of catalogOf(context, database).tables.values())
      for (const foreignKey of table.foreignKeys)
        for (const [place, column] of foreignKey.columns.entries())
          yield {
            constraint_object_id: foreignKey.objectId,
            constraint_column_id: place + 1,
            parent_object_id: table.id,
            parent_column_id: column,
            referenced_object_id: foreignKey.referencedTable,
            referenced_column_id: foreignKey.referencedColumns[place] ?? 0,
          };
  },
);

export const checkConstraints = view(
  'check_constraints',
  `${OBJECT_COLUMNS}
   is_disabled bit
   is_not_for_replication bit
   is_not_trusted bit
   parent_column_id int
   definition nvarchar(max) null
   uses_database_collation bit null = 1
   is_system_named bit`,
  (context, database) =>
    typed(context, database, ['C'], (facts, catalog) => {
      const found = constraintById(catalog, facts.id);
      if (found?.kind !== 'check') return {};
      return {
        is_disabled: found.check.disabled,
        is_not_for_replication: found.check.notForReplication,
        is_not_trusted: !found.check.trusted,
        parent_column_id: found.check.column,
        definition: parenthesized(found.check.text),
        is_system_named: found.check.systemNamed,
      };
    }),
);

export const defaultConstraints = view(
  'default_constraints',
  `${OBJECT_COLUMNS}
   parent_column_id int
   definition nvarchar(max) null
   is_system_named bit`,
  (context, database) =>
    typed(context, database, ['D'], (facts, catalog) => {
      const found = constraintById(catalog, facts.id);
      if (found?.kind !== 'default' || found.column.default === undefined) return {};
      return {
        parent_column_id: found.column.id,
        definition: parenthesized(found.column.default.text),
        is_system_named: found.column.default.systemNamed,
      };
    }),
);

/** Definitions are shown in parentheses, whether they were written in them or not. */
export function parenthesized(text: string): string {
  return enclosed(text.trim()) ? text.trim() : `(${text.trim()})`;
}

function enclosed(text: string): boolean {
  if (!text.startsWith('(') || !text.endsWith(')')) return false;
  let depth = 0;
  let quote = '';
  for (let place = 0; place < text.length; place++) {
    const character = text[place] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if (character === '[') quote = ']';
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0 && place < text.length - 1) return false;
    }
  }
  return depth === 0;
}

const SCHEMA = { schema: 'INFORMATION_SCHEMA' };

interface Listed {
  readonly table: Table;
  readonly schema: string;
  readonly name: string;
  readonly type: string;
  readonly columns: readonly number[];
  readonly references?: ForeignKey;
}

function* listed(context: FunctionContext, database: Database): Iterable<Listed> {
  const catalog = catalogOf(context, database);
  for (const table of catalog.tables.values()) {
    const schema = catalog.schemas.get(table.schemaId)?.name ?? '';
    for (const constraint of constraintsOf(table)) {
      if (constraint.kind === 'key')
        yield {
          table,
          schema,
          name: constraint.key.name,
          type: constraint.key.primary ? 'PRIMARY KEY' : 'UNIQUE',
          columns: constraint.index.columns.filter(column => !column.included).map(column => column.column),
        };
      else if (constraint.kind === 'foreign-key')
        yield {
          table,
          schema,
          name: constraint.foreignKey.name,
          type: 'FOREIGN KEY',
          columns: constraint.foreignKey.columns,
          references: constraint.foreignKey,
        };
      else if (constraint.kind === 'check')
        yield { table, schema, name: constraint.check.name, type: 'CHECK', columns: [] };
    }
  }
}

export const informationConstraints = view(
  'TABLE_CONSTRAINTS',
  `CONSTRAINT_CATALOG nvarchar(128) null
   CONSTRAINT_SCHEMA nvarchar(128) null
   CONSTRAINT_NAME sysname
   TABLE_CATALOG nvarchar(128) null
   TABLE_SCHEMA nvarchar(128) null
   TABLE_NAME sysname
   CONSTRAINT_TYPE varchar(11) null
   IS_DEFERRABLE varchar(2) = NO
   INITIALLY_DEFERRED varchar(2) = NO`,
  function* (context, database) {
    for (const each of listed(context, database))
      yield {
        CONSTRAINT_CATALOG: database.name,
        CONSTRAINT_SCHEMA: each.schema,
        CONSTRAINT_NAME: each.name,
        TABLE_CATALOG: database.name,
        TABLE_SCHEMA: each.schema,
        TABLE_NAME: each.table.name,
        CONSTRAINT_TYPE: each.type,
      };
  },
  SCHEMA,
);

export const informationKeys = view(
  'KEY_COLUMN_USAGE',
  `CONSTRAINT_CATALOG nvarchar(128) null
   CONSTRAINT_SCHEMA nvarchar(128) null
   CONSTRAINT_NAME nvarchar(128)
   TABLE_CATALOG nvarchar(128) null
   TABLE_SCHEMA nvarchar(128) null
   TABLE_NAME nvarchar(128)
   COLUMN_NAME nvarchar(128) null
   ORDINAL_POSITION int`,
  function* (context, database) {
    for (const each of listed(context, database))
      for (const [place, id] of each.columns.entries())
        yield {
          CONSTRAINT_CATALOG: database.name,
          CONSTRAINT_SCHEMA: each.schema,
          CONSTRAINT_NAME: each.name,
          TABLE_CATALOG: database.name,
          TABLE_SCHEMA: each.schema,
          TABLE_NAME: each.table.name,
          COLUMN_NAME: each.table.columns.find(column => column.id === id)?.name ?? null,
          ORDINAL_POSITION: place + 1,
        };
  },
  SCHEMA,
);

export const informationReferences = view(
  'REFERENTIAL_CONSTRAINTS',
  `CONSTRAINT_CATALOG nvarchar(128) null
   CONSTRAINT_SCHEMA nvarchar(128) null
   CONSTRAINT_NAME sysname
   UNIQUE_CONSTRAINT_CATALOG nvarchar(128) null
   UNIQUE_CONSTRAINT_SCHEMA nvarchar(128) null
   UNIQUE_CONSTRAINT_NAME sysname null
   MATCH_OPTION varchar(7) null = SIMPLE
   UPDATE_RULE varchar(11) null
   DELETE_RULE varchar(11) null`,
  function* (context, database) {
    const catalog = catalogOf(context, database);
    for (const each of listed(context, database)) {
      if (each.references === undefined) continue;
      const target = catalog.tables.get(each.references.referencedTable);
      const index = keyIndex(catalog, each.references);
      yield {
        CONSTRAINT_CATALOG: database.name,
        CONSTRAINT_SCHEMA: each.schema,
        CONSTRAINT_NAME: each.name,
        UNIQUE_CONSTRAINT_CATALOG: database.name,
        UNIQUE_CONSTRAINT_SCHEMA: catalog.schemas.get(target?.schemaId ?? 0)?.name ?? null,
        UNIQUE_CONSTRAINT_NAME: target?.indexes.find(one => one.id === index)?.name ?? null,
        UPDATE_RULE: ACTIONS[each.references.onUpdate].name.replace('_', ' '),
        DELETE_RULE: ACTIONS[each.references.onDelete].name.replace('_', ' '),
      };
    }
  },
  SCHEMA,
);

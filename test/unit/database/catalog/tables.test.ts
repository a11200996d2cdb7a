import { describe, expect, it } from 'vitest';
import { carriedBy, comparable } from '../../../../src/database/catalog/tables.ts';
import type { Catalog, Column, Table } from '../../../../src/database/catalog/types.ts';

const column = (more: Partial<Column> = {}): Column => ({
  ...{ name: 'id', id: 1, type: 'int', length: 4, precision: 10, scale: 0, nullable: false },
  ...{ rowGuid: false, sparse: false, columnSet: false, hidden: false, assemblyType: false },
  ...more,
});

const table = (more: Partial<Table> = {}): Table => ({
  ...{ schema: 'dbo', name: 't', columns: [column()], foreignKeys: [], checks: [], triggers: [] },
  indexes: [
    {
      ...{ name: 'PK_t', kind: 'CLUSTERED', unique: true, primaryKey: true, uniqueConstraint: false },
      ...{ systemNamed: false, disabled: false, ignoreDuplicates: false, fillFactor: 0 },
      columns: [{ name: 'id', descending: false, included: false }],
    },
  ],
  ...{ rows: 0, bytes: 0, lobBytes: 0, temporal: 'none', memoryOptimized: false, fileTable: false },
  ...{ external: false, graph: false, ledger: false, trackedByCdc: false, changeTracked: false },
  published: false,
  ...more,
});

const indexes = table().indexes;

describe('how the rows of a table travel', () => {
  it.each<[string, Partial<Table>, ReturnType<typeof carriedBy>]>([
    ['an ordinary table', {}, 'replication'],
    ['no key', { indexes: [] }, 'reload'],
    ['a disabled key', { indexes: indexes.map(index => ({ ...index, disabled: true })) }, 'reload'],
    ['system-versioned', { temporal: 'versioned' }, 'change-tracking'],
    ['a history', { temporal: 'history' }, 'none'],
    ['in memory', { memoryOptimized: true }, 'reload'],
    ['the 256th column', { columns: [column(), column({ id: 256, name: 'late' })] }, 'change-tracking'],
    ['a column set', { columns: [column(), column({ columnSet: true })] }, 'change-tracking'],
    ['always encrypted', { columns: [column({ encryption: 'RANDOMIZED' })] }, 'none'],
    ['external', { external: true }, 'none'],
    ['a graph', { graph: true }, 'none'],
  ])('%s: %s', (_, more, expected) => {
    expect(carriedBy(table(more))).toBe(expected);
  });
});

describe('tables of two catalogs', () => {
  it('are paired by name, whatever their case', () => {
    const catalog = (...names: string[]): Catalog => ({
      ...{ database: 'd', collation: 'Latin1_General_CI_AS', compatibility: 160, schemas: ['dbo'] },
      tables: names.map(name => table({ name })),
      ...{ modules: [], sequences: [], synonyms: [], types: [], partitionFunctions: [] },
    });
    const { pairs, onlyLeft, onlyRight } = comparable(catalog('A', 'b', 'gone'), catalog('a', 'B', 'new'));
    expect(pairs.map(({ left, right }) => [left.name, right.name])).toEqual([
      ['A', 'a'],
      ['b', 'B'],
    ]);
    expect(onlyLeft.map(each => each.name)).toEqual(['gone']);
    expect(onlyRight.map(each => each.name)).toEqual(['new']);
  });
});

import { describe, expect, it } from 'vitest';
import type { Catalog, Column, Index, Table } from '../../../../src/database/catalog/types.ts';
import { compareCatalogs, emptyCatalog } from '../../../../src/database/drift/index.ts';

const column = (name: string, more: Partial<Column> = {}): Column => ({
  ...{ name, id: 1, type: 'int', length: 4, precision: 10, scale: 0, nullable: false },
  ...{ rowGuid: false, sparse: false, columnSet: false, hidden: false, assemblyType: false },
  ...more,
});

const key: Index = {
  ...{ name: 'PK_t', kind: 'CLUSTERED', unique: true, primaryKey: true, uniqueConstraint: false },
  ...{ systemNamed: false, disabled: false, ignoreDuplicates: false, fillFactor: 0 },
  columns: [{ name: 'id', descending: false, included: false }],
};

const table = (columns: readonly Column[], more: Partial<Table> = {}): Table => ({
  ...{ schema: 'dbo', name: 't', foreignKeys: [], checks: [], triggers: [], indexes: [key] },
  columns: [column('id'), ...columns.map((each, place) => ({ ...each, id: place + 2 }))],
  ...{ rows: 5, bytes: 8192, lobBytes: 0, temporal: 'none', memoryOptimized: false, fileTable: false },
  ...{ external: false, graph: false, ledger: false, trackedByCdc: false, changeTracked: false },
  published: false,
  ...more,
});

const catalog = (tables: readonly Table[], more: Partial<Catalog> = {}): Catalog => ({
  ...emptyCatalog({ collation: 'Latin1_General_CI_AS', compatibility: 160 }, 'db'),
  tables,
  ...more,
});

const text = (name: string, length: number, more: Partial<Column> = {}): Column =>
  column(name, {
    ...{ type: 'nvarchar', length, precision: 0, collation: 'Latin1_General_CI_AS' },
    ...more,
  });

interface Case {
  readonly on: readonly Column[];
  readonly copy: readonly Column[];
  readonly severity: string;
  /** What is done without having looked at a row. */
  readonly does: readonly string[];
  readonly question?: string;
}

describe('columns that differ', () => {
  it.each<[string, Case]>([
    [
      'narrower on the copy: a blocker that widening mends',
      {
        ...{ on: [text('a', 80)], copy: [text('a', 40)], severity: 'blocker' },
        does: ['ALTER TABLE [dbo].[t] ALTER COLUMN [a] nvarchar(40) COLLATE Latin1_General_CI_AS NOT NULL;'],
      },
    ],
    [
      'wider on the copy: a warning, narrowed only where every value fits',
      {
        ...{ on: [text('a', 40)], copy: [text('a', -1)], severity: 'warning', does: [] },
        question: 'SELECT * FROM [dbo].[t] WHERE DATALENGTH([a]) > 40',
      },
    ],
    [
      'NULL on production, NOT NULL on the copy: a blocker',
      {
        ...{ on: [column('a', { nullable: true })], copy: [column('a')], severity: 'blocker' },
        does: ['ALTER TABLE [dbo].[t] ALTER COLUMN [a] int NULL;'],
      },
    ],
    [
      'NOT NULL on production, NULL on the copy: a warning',
      {
        ...{ on: [column('a')], copy: [column('a', { nullable: true })], severity: 'warning', does: [] },
        question: 'SELECT * FROM [dbo].[t] WHERE [a] IS NULL',
      },
    ],
    [
      'a scale that does not fit: the values are tried',
      {
        on: [column('a', { type: 'decimal', length: 9, precision: 19, scale: 2 })],
        copy: [column('a', { type: 'decimal', length: 9, precision: 19, scale: 4 })],
        ...{ severity: 'blocker', does: [] },
        question:
          'SELECT * FROM [dbo].[t] WHERE [a] IS NOT NULL AND (TRY_CONVERT(decimal(19,2), [a]) IS NULL OR TRY_CONVERT(decimal(19,4), TRY_CONVERT(decimal(19,2), [a])) <> [a])',
      },
    ],
    [
      'a type of another family: made again where no row has a value',
      {
        ...{ on: [column('a')], copy: [text('a', 40)], severity: 'blocker', does: [] },
        question: 'SELECT * FROM [dbo].[t] WHERE [a] IS NOT NULL',
      },
    ],
    [
      'missing, and no row may be without: filled, and reconciled later',
      {
        ...{ on: [column('a')], copy: [], severity: 'blocker' },
        does: [
          expect.stringContaining(
            'ALTER TABLE [dbo].[t] ADD [a] int NOT NULL CONSTRAINT [landfall_filler_t_a] DEFAULT (0);',
          ),
        ],
      },
    ],
    [
      'extra, and no row may be without: it stays, and takes NULL',
      {
        ...{ on: [], copy: [column('a')], severity: 'blocker' },
        does: ['ALTER TABLE [dbo].[t] ALTER COLUMN [a] int NULL;'],
        question: 'SELECT * FROM [dbo].[t] WHERE [a] IS NOT NULL',
      },
    ],
    [
      'extra: it stays while it has a value',
      {
        ...{ on: [], copy: [column('a', { nullable: true })], severity: 'warning', does: [] },
        question: 'SELECT * FROM [dbo].[t] WHERE [a] IS NOT NULL',
      },
    ],
    [
      'an identity on the copy only: a blocker, and no script under rows',
      {
        on: [column('a')],
        copy: [column('a', { identity: { seed: '1', increment: '1', notForReplication: false } })],
        ...{ severity: 'blocker', does: [], question: 'SELECT * FROM [dbo].[t]' },
      },
    ],
    [
      'encrypted on production: by hand',
      {
        on: [text('a', 80, { encryption: 'RANDOMIZED' })],
        ...{ copy: [text('a', 80)], severity: 'blocker', does: [] },
      },
    ],
  ])('%s', (_, { on, copy, severity, does, question }) => {
    const drift = compareCatalogs(catalog([table(on)]), catalog([table(copy)]));
    expect(drift.items.map(item => [item.severity, item.kind, item.subject])).toEqual([
      [severity, 'column', 'dbo.t.a'],
    ]);
    expect(drift.items[0]?.aligned).toBe(does.length > 0);
    expect(drift.align.deeds.map(deed => deed.statement.text)).toEqual(does);
    const asked = drift.questions.map(each => each.statement.text);
    expect(asked).toEqual(
      question === undefined
        ? []
        : [`SELECT CONVERT(bit, CASE WHEN EXISTS (${question}) THEN 0 ELSE 1 END) AS fits;`],
    );
    if (question !== undefined && does.length === 0) expect(drift.items[0]?.what).toContain(question);
  });
});

describe('whole objects', () => {
  it('that no script can make are named and left alone', () => {
    const source = catalog(
      [table([], { temporal: 'versioned' }), table([], { name: 'u', memoryOptimized: true })],
      {
        modules: [
          {
            ...{ schema: 'dbo', name: 'p', kind: 'SQL_STORED_PROCEDURE', ansiNulls: true },
            ...{ quotedIdentifier: true, schemaBound: false },
          },
        ],
        types: [{ schema: 'dbo', name: 'point', definition: 'EXTERNAL' }],
      },
    );
    const drift = compareCatalogs(source, catalog([]));
    expect(drift.align.deeds).toEqual([]);
    expect(drift.items.map(item => [item.severity, item.subject, item.aligned])).toEqual([
      ['blocker', 'dbo.t', false],
      ['blocker', 'dbo.u', false],
      ['warning', 'dbo.point', false],
      ['warning', 'dbo.p', false],
    ]);
  });

  it('that are the same are no drift, whatever the case of their names', () => {
    const upper = table([column('A')], { schema: 'DBO', name: 'T' });
    expect(compareCatalogs(catalog([table([column('a')])]), catalog([upper])).items).toEqual([]);
  });

  it('hold a column that a schema-bound module names', () => {
    const bound = {
      ...{
        schema: 'dbo',
        name: 'v',
        kind: 'VIEW',
        ansiNulls: true,
        quotedIdentifier: true,
        schemaBound: true,
      },
      definition: 'CREATE VIEW dbo.v WITH SCHEMABINDING AS SELECT a FROM dbo.t',
    };
    const drift = compareCatalogs(
      catalog([table([text('a', 80)])], { modules: [bound] }),
      catalog([table([text('a', 40)])], { modules: [bound] }),
    );
    expect(drift.items).toMatchObject([
      { subject: 'dbo.t.a', aligned: false, what: expect.stringContaining('dbo.v is bound to the schema') },
    ]);
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCatalog } from '../../../../src/database/catalog/read.ts';
import type { Catalog, Table } from '../../../../src/database/catalog/types.ts';
import { compareCatalogs } from '../../../../src/database/drift/index.ts';
import { settled } from '../../../../src/database/drift/measure.ts';
import { holds, performScript } from '../../../../src/database/perform.ts';
import { identifier, qualified } from '../../../../src/remote/sql/quote.ts';
import type { SqlServer } from '../../../../src/remote/sql/server.ts';
import { SA_PASSWORD, type SqlDouble, startDouble } from '../../../support/sql-double.ts';
import { serverAt } from '../catalog/server.ts';
import { catalogFrom, insertions, isGiven, numbers } from './random-catalog.ts';

/** What a reading adds or an order that nobody keeps. */
const tableShape = (table: Table) => ({
  name: `${table.schema}.${table.name}`,
  columns: new Map(
    table.columns.map(({ id: _, identity, ...column }) => [
      column.name,
      { ...column, ...(identity === undefined ? {} : { identity: [identity.seed, identity.increment] }) },
    ]),
  ),
  indexes: new Map(table.indexes.map(index => [index.name, index])),
  foreignKeys: table.foreignKeys.map(({ trusted: _, ...key }) => key),
  checks: table.checks.map(({ trusted: _, ...check }) => check),
  triggers: table.triggers,
});

const shape = ({ tables, modules, sequences, synonyms }: Catalog) => ({
  tables: tables.map(tableShape).sort((left, right) => (left.name < right.name ? -1 : 1)),
  modules: new Map(
    modules.map(({ definition, ...module }) => [
      module.name,
      { ...module, text: definition?.replace(/create/i, '') },
    ]),
  ),
  sequences,
  synonyms,
});

describe('any schema', () => {
  const signal = new AbortController().signal;
  let double: SqlDouble;
  let server: SqlServer;
  let made = 0;

  beforeAll(async () => {
    double = await startDouble();
    server = serverAt('subscriber', double.port, SA_PASSWORD);
  });
  afterAll(async () => {
    await server.close();
    await double[Symbol.asyncDispose]();
  });

  const servers = () => ({ publisher: server, distributor: server, subscriber: server });

  /** Makes the database equal to the catalog: what is asked of its rows is answered, all tables are empty. */
  async function align(source: Catalog, database: string): Promise<void> {
    const copy = await readCatalog(server, 'subscriber', database);
    const drift = await settled(source, copy, ({ statement }) => holds(servers(), statement));
    await performScript(drift.align, { servers: servers(), signal });
    for (const { done } of drift.align.deeds)
      expect([done.text, await holds(servers(), done)]).toEqual([done.text, true]);
  }

  it('is scripted, read back equal, and turned into any other without a rest', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, numbers, async (one, other) => {
        made += 1;
        const database = `d${made}`;
        await double.run('master', `CREATE DATABASE ${database}`);
        for (const seeds of [one, other]) {
          const source = catalogFrom(seeds, 'production');
          await align(source, database);
          const copy = await readCatalog(server, 'subscriber', database);
          const left = compareCatalogs(source, copy, new Set());
          expect(left.align.deeds.map(deed => deed.id)).toEqual([]);
          expect(left.items.filter(item => item.severity !== 'note')).toEqual([]);
          if (seeds === one) expect(shape(copy)).toEqual(shape(source));
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  it('loses no row and no value on the way', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, numbers, async (one, other) => {
        made += 1;
        const database = `d${made}`;
        await double.run('master', `CREATE DATABASE ${database}`);
        const before = catalogFrom(one, 'before');
        await align(before, database);
        for (const table of before.tables)
          for (const text of [
            `ALTER TABLE ${qualified(table.schema, table.name)} NOCHECK CONSTRAINT ALL`,
            ...insertions(table),
          ])
            await double.run(database, text);
        const held = await valuesOf(before, database);
        await align(catalogFrom(other, 'after'), database);
        const left = await valuesOf(before, database);
        for (const [column, count] of held) expect([column, left.get(column)]).toEqual([column, count]);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  /** Of every column that a developer may have filled: how many values it has. A column or table that is gone fails. */
  async function valuesOf(catalog: Catalog, database: string): Promise<Map<string, unknown>> {
    const held = new Map<string, unknown>();
    for (const table of catalog.tables)
      for (const column of table.columns.filter(isGiven)) {
        const from = `${qualified(table.schema, table.name)}`;
        const [row] = await double.run(database, `SELECT COUNT(${identifier(column.name)}) FROM ${from}`);
        held.set(`${from}.${column.name}`, row?.[0]);
      }
    return held;
  }
});

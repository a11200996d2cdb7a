import { expect, test } from 'vitest';
import { emptyCatalog } from '../../../../../src/lab/sqlserver/catalog/empty.ts';
import type { Catalog, StoredModule } from '../../../../../src/lab/sqlserver/catalog/schema.ts';
import { decodeCatalog, encodeCatalog } from '../../../../../src/lab/sqlserver/storage/catalog-codec.ts';
import { rebase } from '../../../../../src/lab/sqlserver/storage/catalog-rebase.ts';
import { parseModule } from '../../../../../src/lab/sqlserver/syntax/parse.ts';
import { BIGINT, INT, nvarchar } from '../../../../../src/lab/sqlserver/values/types.ts';
import { column, index, table, withTable } from './fixture.ts';

const object = { schemaId: 1, created: 1, modified: 2, shipped: false };

function richCatalog(): Catalog {
  const t = table(
    [
      column(1, INT, { identity: { seed: -5n, increment: 2n, notForReplication: true } }),
      column(2, nvarchar('max', 'Latin1_General_BIN2'), {
        computed: { text: '([c1]+(1))', persisted: true },
        features: { generated_always_type: 0 },
      }),
      column(3, { kind: 'decimal', precision: 38, scale: 5 }),
    ],
    [index(1, [1, -3], { unique: true, filter: '[c1]>(0)' })],
    { changeTracking: { trackColumns: true, beginVersion: 2n ** 60n } },
  );
  const text = 'CREATE PROCEDURE dbo.P AS SELECT 1 AS one;';
  const module: StoredModule = {
    ...object,
    id: 77,
    name: 'P',
    type: 'P',
    text,
    module: parseModule(text),
    ansiNulls: true,
    quotedIdentifier: true,
    disabled: false,
    encrypted: false,
  };
  return {
    ...withTable(emptyCatalog(), t),
    modules: new Map([[77, module]]),
    sequences: new Map([
      [
        78,
        {
          ...object,
          id: 78,
          name: 'S',
          type: BIGINT,
          start: 1n,
          increment: -1n,
          minimum: -(2n ** 63n),
          maximum: 2n ** 63n - 1n,
          cycling: true,
        },
      ],
    ]),
    synonyms: new Map([[79, { ...object, id: 79, name: 'Y', target: '[other].[dbo].[T]' }]]),
    types: new Map([[260, { id: 260, schemaId: 1, name: 'list', nullable: true, table: t }]]),
    principals: new Map([
      ...emptyCatalog().principals,
      [5, { id: 5, name: 'app', type: 'S', sid: Buffer.from([1, 2, 255]), roles: [16390], fixed: false }],
    ]),
    permissions: [
      { class: 1, majorId: 1001, minorId: 0, grantee: 5, grantor: 1, permission: 'SELECT', state: 'D' },
    ],
    version: 12,
  };
}

test('a catalog comes back from its text as it was, its modules parsed again', () => {
  const catalog = richCatalog();
  const back = decodeCatalog(encodeCatalog(catalog));
  const { principals, ...rest } = catalog;
  const { principals: principalsBack, ...restBack } = back;
  expect(restBack).toEqual(rest);
  expect(principalsBack.get(5)).toEqual({ ...principals.get(5), sid: Uint8Array.of(1, 2, 255) });
  expect(principalsBack.get(1)).toEqual(principals.get(1));
  expect(encodeCatalog(back)).toBe(encodeCatalog(catalog));
});

test('what one transaction defined is done to a catalog that another one has changed since', () => {
  const base = richCatalog();
  const t = base.tables.get(1001);
  if (!t) throw new Error('no table');
  const own = withTable({ ...base, synonyms: new Map() }, { ...t, id: 2, name: 'mine' });
  const onto = withTable(base, { ...t, id: 3, name: 'theirs' });
  const merged = rebase(base, own, onto);
  expect([...merged.tables.keys()].sort()).toEqual([1001, 2, 3]);
  expect(merged.byName.get('dbo.mine')).toBe(2);
  expect(merged.byName.get('dbo.theirs')).toBe(3);
  expect(merged.synonyms.size).toBe(0);
  expect(merged.sequences).toBe(onto.sequences);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dropTable,
  newObjectId,
  newSchemaId,
  putModule,
  putSchema,
  putTable,
} from '../../../../../src/lab/sqlserver/catalog/edit.ts';
import { emptyCatalog } from '../../../../../src/lab/sqlserver/catalog/empty.ts';
import {
  findObject,
  findSchema,
  findTable,
  referencesTo,
  resolveObject,
  triggersOf,
} from '../../../../../src/lab/sqlserver/catalog/find.ts';
import type { Catalog, StoredModule, Table } from '../../../../../src/lab/sqlserver/catalog/schema.ts';
import { shownTemporaryName, temporaryName } from '../../../../../src/lab/sqlserver/catalog/temporary.ts';

const table = (id: number, name: string, change: Partial<Table> = {}): Table => ({
  id,
  schemaId: 1,
  name,
  created: 0,
  modified: 0,
  shipped: false,
  columns: [],
  keys: [],
  indexes: [],
  foreignKeys: [],
  checks: [],
  storeId: id,
  published: false,
  features: {},
  ...change,
});

const trigger = (id: number, parent: number): StoredModule => ({
  id,
  schemaId: 1,
  name: `tr${id}`,
  created: 0,
  modified: 0,
  shipped: false,
  type: 'TR',
  text: '',
  module: {
    line: 1,
    text: '',
    name: ['tr'],
    definition: { kind: 'procedure', parameters: [], options: [], body: [] },
  },
  ansiNulls: true,
  quotedIdentifier: true,
  parent,
  disabled: false,
  encrypted: false,
});

describe('the catalog of a new database', () => {
  it('has the schemas, principals and roles of every database', () => {
    const catalog = emptyCatalog();
    expect([...catalog.schemas.values()].slice(0, 4).map(schema => [schema.id, schema.name])).toEqual([
      [1, 'dbo'],
      [2, 'guest'],
      [3, 'INFORMATION_SCHEMA'],
      [4, 'sys'],
    ]);
    expect(catalog.principals.get(1)?.roles).toEqual([16384]);
    expect(catalog.principals.get(16384)?.sid?.slice(24)).toEqual(Uint8Array.of(0, 64, 0, 0));
    expect(findSchema(catalog, 'DB_OWNER')?.id).toBe(16384);
  });
});

describe('edits', () => {
  it('keep names and objects together, whatever comes and goes', () => {
    const step = fc.record({
      drop: fc.boolean(),
      id: fc.integer({ min: 1, max: 6 }),
      name: fc.constantFrom('A', 'b', 'C', 'd'),
    });
    fc.assert(
      fc.property(fc.array(step), steps => {
        let catalog = emptyCatalog();
        const names = new Map<number, string>();
        for (const { drop, id, name } of steps) {
          const before: Catalog = catalog;
          const taken = [...names].some(([other, own]) => other !== id && own === name);
          if (drop) {
            catalog = dropTable(catalog, id);
            names.delete(id);
          } else if (!taken) {
            catalog = putTable(catalog, table(id, name));
            names.set(id, name);
          }
          if (catalog !== before) expect(catalog.version).toBeGreaterThan(before.version);
        }
        expect(catalog.byName.size).toBe(names.size);
        for (const [id, name] of names) expect(findTable(catalog, 'DBO', name.toUpperCase())?.id).toBe(id);
      }),
    );
  });

  it('drop what belongs to a table with it', () => {
    const made = putModule(putTable(emptyCatalog(), table(200, 't')), trigger(201, 200));
    const permitted: Catalog = {
      ...made,
      permissions: [
        { class: 1, majorId: 200, minorId: 0, grantee: 0, grantor: 1, permission: 'SELECT', state: 'G' },
      ],
    };
    expect(triggersOf(permitted, 200).map(each => each.id)).toEqual([201]);
    const dropped = dropTable(permitted, 200);
    expect([dropped.modules.size, dropped.permissions.length, dropped.byName.size]).toEqual([0, 0, 0]);
  });

  it('give ids that no object has', () => {
    let catalog = emptyCatalog();
    const ids = new Set<number>();
    for (let turn = 0; turn < 500; turn += 1) {
      const id = newObjectId(catalog);
      expect(id).toBeGreaterThan(100);
      ids.add(id);
      catalog = putTable(catalog, table(id, `t${turn}`));
    }
    expect(ids.size).toBe(500);
    expect(newSchemaId(catalog)).toBe(5);
  });
});

describe('look-ups', () => {
  it('take the default schema first, then dbo', () => {
    let catalog = putSchema(emptyCatalog(), { id: 5, name: 'Loans', owner: 1 });
    catalog = putTable(putTable(catalog, table(1, 't')), table(2, 't', { schemaId: 5 }));
    catalog = putTable(catalog, table(3, 'only'));
    expect(resolveObject(catalog, ['T'], 'loans')?.object.id).toBe(2);
    expect(resolveObject(catalog, ['dbo', 'T'], 'loans')?.object.id).toBe(1);
    expect(resolveObject(catalog, ['Only'], 'loans')?.object.id).toBe(3);
    expect(resolveObject(catalog, ['loans', 'only'], 'loans')).toBeUndefined();
    expect(findObject(catalog, 'LOANS', 'T')?.kind).toBe('table');
  });

  it('know who refers to a table', () => {
    const child = table(2, 'c', {
      foreignKeys: [
        {
          objectId: 3,
          name: 'FK',
          systemNamed: false,
          columns: [1],
          referencedTable: 1,
          referencedColumns: [1],
          onDelete: 'no-action',
          onUpdate: 'no-action',
          disabled: false,
          trusted: true,
          notForReplication: false,
        },
      ],
    });
    const catalog = putTable(putTable(emptyCatalog(), table(1, 'p')), child);
    expect(referencesTo(catalog, 1).map(each => each.table.name)).toEqual(['c']);
    expect(referencesTo(catalog, 2)).toEqual([]);
  });
});

describe('temporary names', () => {
  it('differ by session and level, and show as they were written', () => {
    const names = [temporaryName('#t', 51, 0), temporaryName('#t', 52, 0), temporaryName('#t', 51, 1)];
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect([name.length, shownTemporaryName(name)]).toEqual([128, '#t']);
    expect(temporaryName('##g', 51, 1)).toBe('##g');
    expect(shownTemporaryName('plain')).toBe('plain');
  });
});

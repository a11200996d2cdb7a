import fc from 'fast-check';
import { expect, test } from 'vitest';
import { INT, nvarchar } from '../../../../../src/lab/sqlserver/values/index.ts';
import { World } from './world.ts';

/** Random tables and predicates against what a person would do with a pencil: every row, one after the other. */

type Row = readonly [id: number, a: number | null, b: number | null, s: string | null];
type Truth = boolean | null;

interface Predicate {
  readonly sql: string;
  readonly test: (row: Row) => Truth;
}

const both = (left: Truth, right: Truth): Truth =>
  left === false || right === false ? false : left === null || right === null ? null : true;
const either = (left: Truth, right: Truth): Truth =>
  left === true || right === true ? true : left === null || right === null ? null : false;
const turned = (truth: Truth): Truth => (truth === null ? null : !truth);

const OPERATORS = {
  '=': (a: number, b: number) => a === b,
  '<>': (a: number, b: number) => a !== b,
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
} as const;

const small = fc.integer({ min: -3, max: 6 });
const COLUMNS = [
  ['Id', 0],
  ['A', 1],
  ['B', 2],
] as const;

const comparison: fc.Arbitrary<Predicate> = fc
  .tuple(
    fc.constantFrom(...COLUMNS),
    fc.constantFrom(...(['=', '<>', '<', '<=', '>', '>='] as const)),
    small,
    fc.boolean(),
  )
  .map(([[name, place], operator, value, mirrored]) => ({
    sql: mirrored ? `${value} ${operator} ${name}` : `${name} ${operator} ${value}`,
    test: row => {
      const own = row[place];
      if (own === null) return null;
      return mirrored ? OPERATORS[operator](value, own) : OPERATORS[operator](own, value);
    },
  }));

const list: fc.Arbitrary<Predicate> = fc
  .tuple(
    fc.constantFrom(...COLUMNS),
    fc.array(fc.option(small), { minLength: 1, maxLength: 4 }),
    fc.boolean(),
  )
  .map(([[name, place], values, negated]) => ({
    sql: `${name} ${negated ? 'NOT ' : ''}IN (${values.map(value => value ?? 'NULL').join(', ')})`,
    test: row => {
      const own = row[place];
      const found = own === null ? null : values.includes(own) ? true : values.includes(null) ? null : false;
      return negated ? turned(found) : found;
    },
  }));

const between: fc.Arbitrary<Predicate> = fc
  .tuple(fc.constantFrom(...COLUMNS), small, small)
  .map(([[name, place], low, high]) => ({
    sql: `${name} BETWEEN ${low} AND ${high}`,
    test: row => {
      const own = row[place];
      return own === null ? null : own >= low && own <= high;
    },
  }));

const text: fc.Arbitrary<Predicate> = fc.constantFrom('x', 'Y', 'zz').map(value => ({
  sql: `S = N'${value}'`,
  test: row => (row[3] === null ? null : row[3].toLowerCase() === value.toLowerCase()),
}));

const missing: fc.Arbitrary<Predicate> = fc
  .tuple(fc.constantFrom(...COLUMNS), fc.boolean())
  .map(([[name, place], negated]) => ({
    sql: `${name} IS ${negated ? 'NOT ' : ''}NULL`,
    test: row => (row[place] === null) !== negated,
  }));

const { predicate } = fc.letrec<{ predicate: Predicate }>(tie => ({
  predicate: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    comparison,
    list,
    between,
    text,
    missing,
    fc.tuple(tie('predicate'), tie('predicate'), fc.constantFrom('AND', 'OR')).map(([left, right, word]) => ({
      sql: `(${left.sql} ${word} ${right.sql})`,
      test: (row: Row) => (word === 'AND' ? both : either)(left.test(row), right.test(row)),
    })),
    tie('predicate').map(inner => ({
      sql: `NOT (${inner.sql})`,
      test: (row: Row) => turned(inner.test(row)),
    })),
  ),
}));

const rowsOf: fc.Arbitrary<readonly Row[]> = fc
  .array(fc.tuple(fc.option(small), fc.option(small), fc.option(fc.constantFrom('x', 'X', 'y', 'zz'))), {
    maxLength: 25,
  })
  .map(rows => rows.map(([a, b, s], at): Row => [at - 3, a, b, s]));

function worldOf(rows: readonly Row[], indexes: readonly (readonly number[])[]): World {
  const world = new World();
  const table = world.table(
    'T',
    [
      { name: 'Id', type: INT, nullable: false },
      { name: 'A', type: INT },
      { name: 'B', type: INT },
      { name: 'S', type: nvarchar(5) },
    ],
    { key: [1], indexes },
  );
  world.insert(table, rows);
  return world;
}

const INDEXES = fc
  .subarray([[2], [2, 3], [-3, 2], [4, 2]] as const)
  .map(chosen => chosen.map(index => [...index]));

test('WHERE gives the rows that fulfil it, whichever indexes there are', () => {
  fc.assert(
    fc.property(
      rowsOf,
      INDEXES,
      fc.array(predicate, { minLength: 1, maxLength: 4 }),
      (rows, indexes, predicates) => {
        const world = worldOf(rows, indexes);
        for (const { sql, test: holds } of predicates)
          expect(world.rows(`SELECT Id FROM T WHERE ${sql} ORDER BY Id`), sql).toEqual(
            rows.filter(row => holds(row) === true).map(row => [row[0]]),
          );
        world.store.close();
      },
    ),
    { numRuns: 15 },
  );
});

const compare = (a: number | null, b: number | null): number =>
  a === b ? 0 : a === null ? -1 : b === null ? 1 : a - b;

test('ORDER BY with TOP, and pages, give what sorting all rows gives', () => {
  fc.assert(
    fc.property(
      rowsOf,
      INDEXES,
      fc.boolean(),
      fc.boolean(),
      fc.nat({ max: 6 }),
      fc.nat({ max: 5 }),
      predicate,
      (rows, indexes, down, up, skip, take, { sql, test: holds }) => {
        const world = worldOf(rows, indexes);
        const order = `ORDER BY A ${down ? 'DESC' : ''}, B ${up ? '' : 'DESC'}, Id`;
        const expected = rows
          .filter(row => holds(row) === true)
          .toSorted(
            (x, y) =>
              (down ? -1 : 1) * compare(x[1], y[1]) || (up ? 1 : -1) * compare(x[2], y[2]) || x[0] - y[0],
          )
          .map(row => [row[0]]);
        expect(world.rows(`SELECT Id FROM T WHERE ${sql} ${order}`)).toEqual(expected);
        expect(world.rows(`SELECT TOP (${take}) Id FROM T WHERE ${sql} ${order}`)).toEqual(
          expected.slice(0, take),
        );
        expect(
          world.rows(
            `SELECT Id FROM T WHERE ${sql} ${order} OFFSET ${skip} ROWS FETCH NEXT ${take + 1} ROWS ONLY`,
          ),
        ).toEqual(expected.slice(skip, skip + take + 1));
        world.store.close();
      },
    ),
    { numRuns: 12 },
  );
});

const KINDS = ['INNER', 'LEFT', 'RIGHT', 'FULL'] as const;

test('joins give what nested loops give', () => {
  fc.assert(
    fc.property(
      rowsOf,
      rowsOf,
      INDEXES,
      fc.constantFrom(...KINDS),
      fc.constantFrom(
        't.A = u.A',
        't.A = u.Id',
        't.A = u.A AND t.B < u.B',
        't.B > u.A',
        't.A = u.A AND u.B = 2',
      ),
      (rows, others, indexes, kind, on) => {
        const world = worldOf(rows, indexes);
        const second = world.table(
          'U',
          [
            { name: 'Id', type: INT, nullable: false },
            { name: 'A', type: INT },
            { name: 'B', type: INT },
            { name: 'S', type: nvarchar(5) },
          ],
          { key: [1], indexes },
        );
        world.insert(second, others);
        const value = (row: Row, name: string): number | null =>
          row[name === 'Id' ? 0 : name === 'A' ? 1 : 2];
        const holds = (t: Row, u: Row): boolean =>
          on.split(' AND ').every(part => {
            const [left = '', operator = '', right = ''] = part.split(' ');
            const side = (name: string): number | null =>
              name.includes('.') ? value(name.startsWith('t') ? t : u, name.slice(2)) : Number(name);
            const [a, b] = [side(left), side(right)];
            if (a === null || b === null) return false;
            return operator === '=' ? a === b : operator === '<' ? a < b : a > b;
          });
        const pairs: (readonly [number | null, number | null])[] = [];
        for (const t of rows) for (const u of others) if (holds(t, u)) pairs.push([t[0], u[0]]);
        if (kind === 'LEFT' || kind === 'FULL')
          for (const t of rows) if (!others.some(u => holds(t, u))) pairs.push([t[0], null]);
        if (kind === 'RIGHT' || kind === 'FULL')
          for (const u of others) if (!rows.some(t => holds(t, u))) pairs.push([null, u[0]]);
        pairs.sort((x, y) => compare(x[0], y[0]) || compare(x[1], y[1]));
        expect(
          world.rows(`SELECT t.Id, u.Id FROM T t ${kind} JOIN U u ON ${on} ORDER BY t.Id, u.Id`),
          `${kind} ${on}`,
        ).toEqual(pairs);
        world.store.close();
      },
    ),
    { numRuns: 15 },
  );
});

test('paging by the key visits every row once', () => {
  fc.assert(
    fc.property(rowsOf, INDEXES, fc.integer({ min: 1, max: 7 }), (rows, indexes, size) => {
      const world = worldOf(rows, indexes);
      const seen: unknown[] = [];
      let a: number | null = -100;
      let id = -100;
      for (;;) {
        world.variable('@a', INT, a);
        world.variable('@id', INT, id);
        const page = world.rows(
          `SELECT TOP (${size}) A, Id FROM T WHERE A > @a OR (A = @a AND Id > @id) ORDER BY A, Id`,
        );
        if (page.length === 0) break;
        seen.push(...page);
        const last = page.at(-1);
        a = Number(last?.[0]);
        id = Number(last?.[1]);
      }
      expect(seen).toEqual(
        rows
          .filter(row => row[1] !== null)
          .toSorted((x, y) => compare(x[1], y[1]) || x[0] - y[0])
          .map(row => [row[1], row[0]]),
      );
      world.store.close();
    }),
    { numRuns: 15 },
  );
});

test('groups are those of a map', () => {
  fc.assert(
    fc.property(rowsOf, predicate, (rows, { sql, test: holds }) => {
      const world = worldOf(rows, []);
      const groups = new Map<number | null, { n: number; sum: number | null; least: number | null }>();
      for (const row of rows) {
        if (holds(row) !== true) continue;
        const group = groups.get(row[1]) ?? { n: 0, sum: null, least: null };
        group.n += 1;
        if (row[2] !== null) {
          group.sum = (group.sum ?? 0) + row[2];
          group.least = group.least === null ? row[2] : Math.min(group.least, row[2]);
        }
        groups.set(row[1], group);
      }
      expect(
        world.rows(`SELECT A, COUNT(*), SUM(B), MIN(B) FROM T WHERE ${sql} GROUP BY A ORDER BY A`),
      ).toEqual(
        [...groups]
          .toSorted((x, y) => compare(x[0], y[0]))
          .map(([key, group]) => [key, group.n, group.sum, group.least]),
      );
      world.store.close();
    }),
    { numRuns: 12 },
  );
});

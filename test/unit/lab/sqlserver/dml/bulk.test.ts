import { describe, expect, it } from 'vitest';
import { INT, nvarchar, type SqlType, type Value } from '../../../../../src/lab/sqlserver/values/index.ts';
import { type Answer, World } from './world.ts';

type Columns = readonly { readonly name: string; readonly type: SqlType }[];

async function load(
  world: World,
  announced: string,
  columns: Columns,
  ...blocks: readonly (readonly (readonly Value[])[])[]
): Promise<Answer> {
  const announcing = await world.run(announced);
  if (announcing.faults.length > 0) return announcing;
  async function* rows() {
    yield* blocks;
  }
  return world.bulk({ columns, rows: rows() });
}

const AB: Columns = [
  { name: 'a', type: INT },
  { name: 'b', type: nvarchar(20) },
];

describe('INSERT BULK', () => {
  it('keeps identity values that are listed, and counts where they are not', async () => {
    const world = new World();
    await world.done("CREATE TABLE t (a int IDENTITY PRIMARY KEY, b varchar(5) DEFAULT 'd')");
    expect(
      (await load(world, 'insert bulk t ([a] int, [b] nvarchar(20))', AB, [[7, 'x']], [[9, null]])).counts,
    ).toEqual([2]);
    await load(world, 'insert bulk t ([b] nvarchar(20)) with (KEEP_NULLS)', AB.slice(1), [[null], ['z']]);
    expect(await world.rows('SELECT a, b FROM t ORDER BY a')).toEqual(['7 x', '9 d', '10 ∅', '11 z']);
  });

  it('refuses duplicates, NULL and text that is too long; nothing of the load stays', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int PRIMARY KEY, b varchar(5) NOT NULL)');
    const announced = 'insert bulk t ([a] int, [b] nvarchar(20))';
    const number = async (...rows: readonly (readonly Value[])[]) =>
      (await load(world, announced, AB, [[1, 'x']], rows)).faults[0]?.number;
    expect(await number([2, 'y'], [1, 'z'])).toBe(2627);
    expect(await number([2, null])).toBe(515);
    expect(await number([2, 'too long'])).toBe(4815);
    expect(await world.rows('SELECT COUNT(*) FROM t')).toEqual(['0']);
    expect((await load(world, 'insert bulk t ([q] int)', AB, [])).faults[0]?.number).toBe(207);
  });

  it('looks at foreign keys and checks only with CHECK_CONSTRAINTS, else they are no longer trusted', async () => {
    const world = new World();
    await world.done(
      "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int REFERENCES p, b varchar(5) CHECK (b > 'a'))",
    );
    const announced = 'insert bulk t ([a] int, [b] nvarchar(20))';
    expect(
      (await load(world, `${announced} with (CHECK_CONSTRAINTS)`, AB, [[1, 'x']])).faults[0]?.number,
    ).toBe(547);
    expect(await world.rows('SELECT is_not_trusted FROM sys.foreign_keys')).toEqual(['0']);
    await load(world, announced, AB, [[1, 'A']]);
    expect(
      await world.rows(
        'SELECT is_not_trusted FROM sys.foreign_keys UNION ALL SELECT is_not_trusted FROM sys.check_constraints',
      ),
    ).toEqual(['1', '1']);
    expect(await world.rows('SELECT a, b FROM t')).toEqual(['1 A']);
  });

  it('fires triggers only where it is told to', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int, b varchar(9)); CREATE TABLE log (n int)');
    await world.done('CREATE TRIGGER tr ON t AFTER INSERT AS INSERT log SELECT COUNT(*) FROM inserted');
    await load(world, 'insert bulk t ([a] int, [b] nvarchar(20))', AB, [[1, 'x']]);
    await load(
      world,
      'insert bulk t ([a] int, [b] nvarchar(20)) with (FIRE_TRIGGERS, TABLOCK)',
      AB,
      [[1, 'x']],
      [[2, 'y']],
    );
    expect(await world.rows('SELECT n FROM log')).toEqual(['2']);
  });
});

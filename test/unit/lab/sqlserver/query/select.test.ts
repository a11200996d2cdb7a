import { describe, expect, test } from 'vitest';
import { INT, nvarchar } from '../../../../../src/lab/sqlserver/values/index.ts';
import { World } from './world.ts';

function loans(): World {
  const world = new World();
  const customers = world.table(
    'Customer',
    [
      { name: 'Id', type: INT, nullable: false },
      { name: 'Name', type: nvarchar(50) },
    ],
    { key: [1] },
  );
  const loan = world.table(
    'Loan',
    [
      { name: 'Id', type: INT, nullable: false },
      { name: 'CustomerId', type: INT },
      { name: 'Amount', type: { kind: 'decimal', precision: 12, scale: 2 } },
      { name: 'State', type: nvarchar(10) },
    ],
    { key: [1], indexes: [[2]] },
  );
  world.insert(customers, [
    [1, 'Ann'],
    [2, 'bob'],
    [3, 'Cid'],
    [4, null],
  ]);
  world.insert(loan, [
    [10, 1, 1000_00n, 'open'],
    [11, 1, 2500_50n, 'closed'],
    [12, 2, 300_00n, 'OPEN'],
    [13, null, 50_00n, null],
    [14, 3, null, 'open'],
  ]);
  return world;
}

describe('one table', () => {
  test('WHERE, ORDER BY and the columns of *', () => {
    const world = loans();
    expect(world.bind('SELECT * FROM dbo.Loan').columns.map(column => column.name)).toEqual([
      'Id',
      'CustomerId',
      'Amount',
      'State',
    ]);
    expect(world.texts("SELECT Id, Amount FROM dbo.Loan WHERE State = 'open' ORDER BY Amount DESC")).toEqual([
      ['10', '1000.00'],
      ['12', '300.00'],
      ['14', null],
    ]);
    expect(world.rows('SELECT Id FROM Loan ORDER BY State, Id DESC')).toEqual([[13], [11], [14], [12], [10]]);
  });

  test('three truth values', () => {
    const world = loans();
    expect(world.rows("SELECT Id FROM Loan WHERE NOT (State = 'open' AND Amount > 500)")).toEqual([
      [11],
      [12],
      [13],
    ]);
    expect(world.rows('SELECT Id FROM Loan WHERE CustomerId NOT IN (1, NULL)')).toEqual([]);
    expect(world.rows('SELECT Id FROM Loan WHERE CustomerId IS NULL OR Amount IS NULL ORDER BY 1')).toEqual([
      [13],
      [14],
    ]);
  });

  test('TOP, ties, percent and pages', () => {
    const world = loans();
    expect(world.rows('SELECT TOP (2) Id FROM Loan ORDER BY Id DESC')).toEqual([[14], [13]]);
    expect(
      world.rows("SELECT TOP (1) WITH TIES Id FROM Loan WHERE State = 'open' ORDER BY State"),
    ).toHaveLength(3);
    expect(world.rows('SELECT TOP (50) PERCENT Id FROM Loan ORDER BY Id')).toHaveLength(3);
    expect(world.rows('SELECT Id FROM Loan ORDER BY Id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY')).toEqual([
      [11],
      [12],
    ]);
  });

  test('expressions in the select list', () => {
    const world = loans();
    expect(
      world.texts(
        "SELECT Id + 1, N'x' + State, CASE WHEN Amount > 999 THEN 'big' ELSE 'small' END, COALESCE(CustomerId, -1) FROM Loan WHERE Id IN (10, 13)",
      ),
    ).toEqual([
      ['11', 'xopen', 'big', '1'],
      ['14', null, 'small', '-1'],
    ]);
  });
});

describe('joins', () => {
  test('of every kind', () => {
    const world = loans();
    expect(
      world.texts('SELECT c.Name, l.Id FROM Customer c JOIN Loan l ON l.CustomerId = c.Id ORDER BY l.Id'),
    ).toEqual([
      ['Ann', '10'],
      ['Ann', '11'],
      ['bob', '12'],
      ['Cid', '14'],
    ]);
    expect(
      world.rows(
        'SELECT c.Id, l.Id FROM Customer c LEFT JOIN Loan l ON l.CustomerId = c.Id AND l.Amount > 999 ORDER BY c.Id, l.Id',
      ),
    ).toEqual([
      [1, 10],
      [1, 11],
      [2, null],
      [3, null],
      [4, null],
    ]);
    expect(
      world.rows(
        'SELECT c.Id, l.Id FROM Customer c RIGHT JOIN Loan l ON l.CustomerId = c.Id WHERE c.Id IS NULL',
      ),
    ).toEqual([[null, 13]]);
    expect(
      world.rows(
        'SELECT c.Id, l.Id FROM Customer c FULL JOIN Loan l ON l.CustomerId = c.Id WHERE c.Id IS NULL OR l.Id IS NULL ORDER BY c.Id',
      ),
    ).toEqual([
      [null, 13],
      [4, null],
    ]);
    expect(world.rows('SELECT COUNT(*) FROM Customer, Loan')).toEqual([[20]]);
    expect(world.rows('SELECT c.Id FROM Customer c, Loan l WHERE c.Id = l.CustomerId AND l.Id = 12')).toEqual(
      [[2]],
    );
  });

  test('APPLY sees the row on its left', () => {
    const world = loans();
    expect(
      world.rows(
        'SELECT c.Id, x.Id FROM Customer c CROSS APPLY (SELECT TOP (1) l.Id FROM Loan l WHERE l.CustomerId = c.Id ORDER BY l.Id DESC) x ORDER BY c.Id',
      ),
    ).toEqual([
      [1, 11],
      [2, 12],
      [3, 14],
    ]);
    expect(
      world.rows(
        'SELECT c.Id, v.k FROM Customer c OUTER APPLY (SELECT t.k FROM (VALUES (c.Id * 10)) t(k) WHERE c.Id < 3) v ORDER BY c.Id',
      ),
    ).toEqual([
      [1, 10],
      [2, 20],
      [3, null],
      [4, null],
    ]);
  });
});

describe('subqueries', () => {
  test('scalar, EXISTS, IN and quantified', () => {
    const world = loans();
    expect(
      world.rows(
        'SELECT Id, (SELECT COUNT(*) FROM Loan l WHERE l.CustomerId = c.Id) FROM Customer c ORDER BY Id',
      ),
    ).toEqual([
      [1, 2],
      [2, 1],
      [3, 1],
      [4, 0],
    ]);
    expect(
      world.rows('SELECT Id FROM Customer c WHERE NOT EXISTS (SELECT * FROM Loan WHERE CustomerId = c.Id)'),
    ).toEqual([[4]]);
    expect(
      world.rows(
        'SELECT Id FROM Customer WHERE Id IN (SELECT CustomerId FROM Loan WHERE Amount > 100) ORDER BY Id',
      ),
    ).toEqual([[1], [2]]);
    expect(world.rows('SELECT Id FROM Customer WHERE Id NOT IN (SELECT CustomerId FROM Loan)')).toEqual([]);
    expect(
      world.rows(
        'SELECT Id FROM Loan WHERE Amount >= ALL (SELECT Amount FROM Loan WHERE Amount IS NOT NULL)',
      ),
    ).toEqual([[11]]);
    expect(world.fault('SELECT (SELECT Id FROM Loan)').number).toBe(512);
  });
});

describe('groups', () => {
  test('GROUP BY, HAVING and aggregates', () => {
    const world = loans();
    expect(
      world.texts(
        'SELECT CustomerId, COUNT(*) n, SUM(Amount) s, AVG(Amount), MIN(State), COUNT(Amount) FROM Loan GROUP BY CustomerId HAVING COUNT(*) > 0 ORDER BY CustomerId',
      ),
    ).toEqual([
      [null, '1', '50.00', '50.000000', null, '1'],
      ['1', '2', '3500.50', '1750.250000', 'closed', '2'],
      ['2', '1', '300.00', '300.000000', 'OPEN', '1'],
      ['3', '1', null, null, 'open', '0'],
    ]);
    expect(
      world.rows('SELECT State, COUNT(DISTINCT CustomerId) FROM Loan GROUP BY State ORDER BY 2, 1'),
    ).toEqual([
      [null, 0],
      ['closed', 1],
      ['open', 3],
    ]);
    expect(world.rows('SELECT COUNT(*), MAX(Id) FROM Loan WHERE 1 = 0')).toEqual([[0, null]]);
    expect(world.rows('SELECT Id % 2, COUNT(*) FROM Loan GROUP BY Id % 2 ORDER BY Id % 2')).toEqual([
      [0, 3],
      [1, 2],
    ]);
  });

  test('columns outside GROUP BY are refused', () => {
    const world = loans();
    expect(world.fault('SELECT State, COUNT(*) FROM dbo.Loan GROUP BY CustomerId')).toEqual({
      number: 8120,
      message:
        "Column 'dbo.Loan.State' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
    });
    expect(world.fault('SELECT COUNT(*) FROM Loan HAVING State = 1').number).toBe(8121);
    expect(world.fault('SELECT Id FROM Loan WHERE COUNT(*) > 1').number).toBe(147);
    expect(world.fault('SELECT SUM(COUNT(*)) FROM Loan').number).toBe(130);
    expect(world.fault('SELECT SUM(State) FROM Loan').number).toBe(8117);
  });
});

describe('windows', () => {
  test('ranking, offsets and running sums', () => {
    const world = loans();
    expect(
      world.rows(
        'SELECT Id, ROW_NUMBER() OVER (PARTITION BY CustomerId ORDER BY Id DESC) rn, LAG(Id) OVER (ORDER BY Id), COUNT(*) OVER (PARTITION BY CustomerId), SUM(Id) OVER (ORDER BY Id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM Loan ORDER BY Id',
      ),
    ).toEqual([
      [10, 2n, null, 2, 10],
      [11, 1n, 10, 2, 21],
      [12, 1n, 11, 1, 23],
      [13, 1n, 12, 1, 25],
      [14, 1n, 13, 1, 27],
    ]);
    expect(
      world.rows(
        'SELECT RANK() OVER (ORDER BY State), DENSE_RANK() OVER (ORDER BY State), NTILE(2) OVER (ORDER BY Id) FROM Loan ORDER BY Id',
      ),
    ).toEqual([
      [3n, 3n, 1n],
      [2n, 2n, 1n],
      [3n, 3n, 1n],
      [1n, 1n, 2n],
      [3n, 3n, 2n],
    ]);
    expect(
      world.rows(
        'SELECT SUM(COUNT(*)) OVER (ORDER BY CustomerId) FROM Loan GROUP BY CustomerId ORDER BY CustomerId',
      ),
    ).toEqual([[1], [3], [4], [5]]);
  });
});

describe('set operations and common tables', () => {
  test('UNION, EXCEPT and INTERSECT', () => {
    const world = loans();
    expect(
      world.rows('SELECT CustomerId FROM Loan UNION SELECT Id FROM Customer ORDER BY CustomerId'),
    ).toEqual([[null], [1], [2], [3], [4]]);
    expect(world.rows('SELECT Id FROM Customer EXCEPT SELECT CustomerId FROM Loan')).toEqual([[4]]);
    expect(world.rows('SELECT 1 AS a UNION ALL SELECT 2.5 ORDER BY a DESC')).toEqual([[25n], [10n]]);
    expect(world.fault('SELECT 1 UNION SELECT 1, 2').number).toBe(205);
  });

  test('WITH, and WITH that names itself', () => {
    const world = loans();
    expect(
      world.rows(
        'WITH o AS (SELECT * FROM Loan WHERE Amount > 100), p(k) AS (SELECT Id FROM o) SELECT COUNT(*) FROM p',
      ),
    ).toEqual([[3]]);
    expect(
      world.rows('WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT SUM(i) FROM n'),
    ).toEqual([[15]]);
    expect(
      world.fault('WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT SUM(i) FROM n').number,
    ).toBe(530);
  });
});

test('OPTION', () => {
  const world = loans();
  const counting =
    'WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT COUNT(*) FROM n';
  expect(world.fault(counting).number).toBe(530);
  expect(world.rows(`${counting} OPTION (MAXRECURSION 0, MAXDOP 1)`)).toEqual([[200]]);
  expect(world.fault('SELECT 1 OPTION (MAXRECURSION 40000)').number).toBe(310);
  expect(world.fault('SELECT 1 OPTION (NOSUCHHINT)').number).toBe(155);
});

describe('names', () => {
  test('errors as SQL Server gives them', () => {
    const world = loans();
    expect(world.fault('SELECT x FROM Loan').number).toBe(207);
    expect(world.fault('SELECT * FROM dbo.Nope').number).toBe(208);
    expect(world.fault('SELECT Id FROM Loan, Customer').number).toBe(209);
    expect(world.fault('SELECT z.Id FROM Loan l').number).toBe(4104);
    expect(world.fault('SELECT 1 FROM Loan, dbo.Loan').number).toBe(1013);
    expect(world.fault('SELECT * FROM srv.db.dbo.t').number).toBe(7202);
    expect(world.fault('SELECT nope(1)').number).toBe(195);
    expect(world.fault('SELECT @x').number).toBe(137);
    expect(world.fault('SELECT * FROM (SELECT Id + 1 FROM Loan) x').number).toBe(8155);
    expect(world.rows('SELECT dbo.Loan.Id FROM PubDB.dbo.Loan WHERE pubdb.DBO.loan.ID = 10')).toEqual([[10]]);
  });
});

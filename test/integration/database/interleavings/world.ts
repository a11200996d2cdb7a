import type { Dice } from '../../lab/sqlserver/tracking/dice.ts';

/** A small application: its tables, what it has at first, how its clone has drifted, and what its users do. */

export const TABLES = ['Customer', 'Invoice', 'Tree', 'Tag'] as const;

export const SCHEMA: readonly string[] = [
  `CREATE TABLE dbo.Customer (id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_Customer PRIMARY KEY, code nvarchar(12) NOT NULL CONSTRAINT UQ_Customer UNIQUE,
  name nvarchar(40) NULL, credit money NOT NULL CONSTRAINT CK_Credit CHECK (credit >= 0), seen datetime2(7) NULL, ver rowversion NOT NULL, short AS LEFT(code, 3))`,
  `CREATE TABLE dbo.Invoice (number int NOT NULL, line smallint NOT NULL, customer int NOT NULL CONSTRAINT FK_Invoice REFERENCES dbo.Customer (id) ON DELETE CASCADE,
  amount decimal(12, 4) NOT NULL, note nvarchar(max) NULL, ratio float NULL, CONSTRAINT PK_Invoice PRIMARY KEY (number DESC, line))`,
  `CREATE TABLE dbo.Tree (id uniqueidentifier NOT NULL CONSTRAINT PK_Tree PRIMARY KEY, parent uniqueidentifier NULL CONSTRAINT FK_Tree REFERENCES dbo.Tree (id), label varchar(20) NOT NULL, mark varbinary(8) NULL)`,
  'CREATE TABLE dbo.Tag (code nvarchar(10) NOT NULL CONSTRAINT PK_Tag PRIMARY KEY, uses int NOT NULL CONSTRAINT DF_Uses DEFAULT 0)',
  'CREATE TRIGGER dbo.Invoice_changed ON dbo.Invoice AFTER INSERT AS BEGIN SET NOCOUNT ON; UPDATE dbo.Customer SET seen = SYSUTCDATETIME() WHERE id IN (SELECT customer FROM inserted) END',
];

const guid = (number: number): string =>
  `'${String(number).padStart(8, '0')}-0000-4000-8000-${String((number * 7919) % 99991).padStart(12, '0')}'`;

/** What production has when it is cloned: the same for both. */
export function initial(size: number): readonly string[] {
  const each = (text: (at: number) => string): string =>
    Array.from({ length: size }, (_, at) => text(at + 1)).join(', ');
  return [
    `INSERT dbo.Customer (code, name, credit) VALUES ${each(at => `(N'c${at}', ${at % 5 === 0 ? 'NULL' : `N'Name ${at}'`}, ${at}.25)`)}`,
    `INSERT dbo.Invoice (number, line, customer, amount, note, ratio) VALUES ${each(at => `(${1 + (at % 9)}, ${at}, ${1 + (at % size)}, ${at}.0001, ${at % 4 === 0 ? "N''" : `N'note ${at}'`}, ${at} / 7.0)`)}`,
    `INSERT dbo.Tree (id, parent, label, mark) VALUES ${each(at => `(${guid(at)}, ${at === 1 ? 'NULL' : guid(Math.ceil(at / 2))}, 'label ${at}', 0x${String(at).padStart(4, '0')})`)}`,
    `INSERT dbo.Tag (code, uses) VALUES ${each(at => `(N'${at % 2 === 0 ? 'T' : 't'}${at}', ${at})`)}`,
  ];
}

/** What developers have done to the clone. */
export function drift(dice: Dice, size: number): readonly string[] {
  const any = (): number => 1 + dice(size);
  const done = [
    () => `DELETE dbo.Customer WHERE id = ${any()}`,
    () => `UPDATE dbo.Customer SET name = N'', credit = credit + 1 WHERE id % 7 = ${dice(7)}`,
    // Values of a second unique key that production has in other rows.
    () => `UPDATE dbo.Customer SET code = CASE id WHEN 1 THEN N'c2' ELSE N'c1' END WHERE id IN (1, 2)`,
    () =>
      `UPDATE dbo.Customer SET code = N'test' + code WHERE id > ${any()}; UPDATE dbo.Customer SET code = N'c' + CONVERT(nvarchar(10), id - 1) WHERE code LIKE N'testc%'`,
    () => `INSERT dbo.Customer (code, credit) VALUES (N'dev${any()}', 0)`,
    () => `DELETE dbo.Invoice WHERE number = ${1 + dice(9)}`,
    () => `UPDATE dbo.Invoice SET amount = -amount, note = NULL WHERE line % 3 = ${dice(3)}`,
    () => `UPDATE dbo.Tree SET label = label + ' ' WHERE id > ${guid(any())}`,
    () => `UPDATE dbo.Tree SET parent = NULL; DELETE dbo.Tree WHERE id < ${guid(any())}`,
    () => `UPDATE dbo.Tag SET code = UPPER(code)`,
    () => `DELETE dbo.Tag WHERE uses % 4 = ${dice(4)}; INSERT dbo.Tag (code) VALUES (N'dev${any()}')`,
  ];
  return Array.from({ length: 2 + dice(6) }, () => done[dice(done.length)]?.() ?? '');
}

const passed = (to: number, from: number): string =>
  `DELETE dbo.Tag WHERE code = N't${to}'; UPDATE dbo.Tag SET code = N't${to}' WHERE code = N't${from}'`;

/** One transaction of a user; a few are rolled back, and a few fail for what others did. */
export function transaction(dice: Dice, size: number): string {
  const any = (): number => 1 + dice(size * 2);
  const code = (): string => `N'${dice(2) === 0 ? 'c' : 'C'}${any()}'`;
  const done = [
    () => `INSERT dbo.Customer (code, name, credit) VALUES (N'n${dice(10_000)}', N'New ☂', ${dice(100)}.5)`,
    () =>
      `UPDATE dbo.Customer SET credit = credit + 0.0001, seen = SYSUTCDATETIME() WHERE id % 9 = ${dice(9)}`,
    () => `UPDATE dbo.Customer SET code = ${code()} WHERE id = ${any()}`,
    () =>
      `UPDATE dbo.Customer SET code = CASE id WHEN ${1 + dice(4)} THEN N'swap${any()}' ELSE code END WHERE id < 6`,
    () => `DELETE dbo.Customer WHERE id = ${any()}`,
    () =>
      `INSERT dbo.Invoice (number, line, customer, amount, ratio) SELECT ${1 + dice(9)}, COALESCE(MAX(line), 0) + 1, (SELECT MAX(id) FROM dbo.Customer), ${any()}.5, 0.1 FROM dbo.Invoice`,
    () => `UPDATE dbo.Invoice SET note = REPLICATE(N'long ', ${any()}) WHERE number = ${1 + dice(9)}`,
    // The primary key itself: of one row, and of many that pass it on.
    () => `UPDATE dbo.Invoice SET line = line + 1 WHERE number = ${1 + dice(9)}`,
    () => `UPDATE dbo.Invoice SET number = ${1 + dice(9)} WHERE line = ${any()}`,
    () => `DELETE dbo.Invoice WHERE number = ${1 + dice(9)} AND line % 2 = ${dice(2)}`,
    () => `INSERT dbo.Tree (id, parent, label) SELECT NEWID(), MAX(id), 'leaf' FROM dbo.Tree`,
    () =>
      `UPDATE dbo.Tree SET parent = ${guid(1 + dice(size))}, label = label + 'x' WHERE id = ${guid(any())} AND LEN(label) < 18`,
    () =>
      `DELETE dbo.Tree WHERE label = 'leaf' AND id NOT IN (SELECT parent FROM dbo.Tree WHERE parent IS NOT NULL)`,
    () => `UPDATE dbo.Tag SET code = N't${any()}' WHERE code = N'T${any()}'`,
    // A key goes, and another row takes it.
    () => passed(any(), any()),
    () => `INSERT dbo.Tag (code, uses) VALUES (N'T${any()}', ${dice(50)})`,
    () => `UPDATE dbo.Tag SET uses = uses + 1 WHERE uses % 5 = ${dice(5)}`,
    () => `DELETE dbo.Tag WHERE code = N't${any()}'`,
  ];
  const statements = Array.from({ length: 1 + dice(3) }, () => done[dice(done.length)]?.() ?? '');
  const end = dice(9) === 0 ? 'ROLLBACK' : 'COMMIT';
  return `SET NOCOUNT ON; SET XACT_ABORT ON; BEGIN TRANSACTION; ${statements.join('; ')}; ${end} TRANSACTION;`;
}

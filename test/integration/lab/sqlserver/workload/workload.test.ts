import mssql from 'mssql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../../src/foundation/clock.ts';
import { buildClone, buildProduction } from '../../../../../src/lab/sqlserver/workload/build.ts';
import { startTraffic } from '../../../../../src/lab/sqlserver/workload/traffic.ts';
import { SA_PASSWORD, type SqlDouble, startDouble } from '../../../../support/sql-double.ts';

/** The loan-origination application, built in a double and used as its users do. */
describe('the workload', () => {
  let double: SqlDouble;
  let pool: mssql.ConnectionPool;
  const login = () => ({ double, user: 'sa', password: SA_PASSWORD });

  beforeAll(async () => {
    double = await startDouble();
    await buildProduction(login(), { database: 'Loans', rows: 1500, seed: 5 });
    await buildClone(login(), { database: 'LoansDev', rows: 1500, seed: 5 });
    pool = await new mssql.ConnectionPool(double.connection('sa', SA_PASSWORD, 'Loans')).connect();
  });
  afterAll(async () => {
    await pool.close();
    await double[Symbol.asyncDispose]();
  });

  const one = async (query: string): Promise<unknown> => {
    const { recordset } = await pool.request().query<Record<string, unknown>>(query);
    return Object.values(recordset[0] ?? {})[0];
  };

  test('has what makes an evacuation hard', async () => {
    expect(await one('SELECT COUNT(*) FROM sys.tables WHERE is_ms_shipped = 0')).toBeGreaterThanOrEqual(40);
    const keyless = await pool
      .request()
      .query<{ name: string }>(
        "SELECT name FROM sys.tables WHERE is_ms_shipped = 0 AND OBJECTPROPERTY(object_id, 'TableHasPrimaryKey') = 0 ORDER BY name",
      );
    expect(keyless.recordset.map(({ name }) => name)).toEqual([
      'AuditEntry',
      'Holiday',
      'IntegrationMessage',
    ]);
    expect(await one('SELECT COUNT(*) FROM sys.triggers')).toBe(3);
    expect(await one('SELECT COUNT(*) FROM sys.columns WHERE system_type_id = 189')).toBe(2);
    expect(await one('SELECT COUNT(*) FROM sys.identity_columns')).toBeGreaterThan(15);
  });

  test('every constraint of production is trusted after the bulk loads', async () => {
    expect(await one('SELECT COUNT(*) FROM sys.foreign_keys')).toBeGreaterThan(30);
    expect(
      await one('SELECT COUNT(*) FROM sys.foreign_keys WHERE is_not_trusted = 1 OR is_disabled = 1'),
    ).toBe(0);
    expect(await one('SELECT COUNT(*) FROM sys.check_constraints WHERE is_not_trusted = 1')).toBe(0);
  });

  test('the clone has drifted in rows and in schema', async () => {
    const differing = `SELECT COUNT(*) FROM Loans.party.Customer AS p JOIN LoansDev.party.Customer AS c ON c.CustomerId = p.CustomerId
WHERE EXISTS (SELECT p.Email, p.TaxIdEncrypted EXCEPT SELECT c.Email, c.TaxIdEncrypted)`;
    expect(await one(differing)).toBeGreaterThan(30);
    expect(await one('SELECT COUNT(*) FROM Loans.fin.LedgerEntry')).toBeGreaterThan(
      Number(await one('SELECT COUNT(*) FROM LoansDev.fin.LedgerEntry')),
    );
    expect(await one("SELECT COL_LENGTH('LoansDev.los.Property', 'FloodZone')")).toBeNull();
    expect(await one("SELECT OBJECT_ID('LoansDev.ops.NumberRange')")).toBeNull();
    expect(await one('SELECT COUNT(*) FROM LoansDev.sys.foreign_keys WHERE is_disabled = 1')).toBe(1);
  });

  test('writers use it as its users do, and leave it consistent', async () => {
    const before = Number(await one('SELECT COUNT(*) FROM fin.Payment'));
    const traffic = startTraffic({
      connection: double.connection('sa', SA_PASSWORD, 'Loans'),
      writers: 3,
      seed: 9,
      clock: systemClock,
    });
    const sum = (counts: Readonly<Record<string, number>>): number =>
      Object.values(counts).reduce((all, each) => all + each, 0);
    await expect.poll(() => sum(traffic.report().done)).toBeGreaterThan(150);
    const { done } = await traffic.stop();
    expect(Number(await one('SELECT COUNT(*) FROM fin.Payment'))).toBe(before + (done['pay'] ?? 0));
    await pool
      .request()
      .batch(
        'ALTER TABLE fin.Payment WITH CHECK CHECK CONSTRAINT ALL; ALTER TABLE los.ApplicationParty WITH CHECK CHECK CONSTRAINT ALL',
      );
    expect(await one('SELECT COUNT(*) FROM fin.Payment WHERE Total <> Principal + Interest')).toBe(0);
  });

  test('writers that come as an administrator wait while a freeze restricts their database, and go on after it', async () => {
    const traffic = startTraffic({
      connection: double.connection('sa', SA_PASSWORD, 'Loans'),
      writers: 2,
      perSecond: 50,
      seed: 11,
      clock: systemClock,
    });
    const sum = (): number => Object.values(traffic.report().done).reduce((all, each) => all + each, 0);
    await expect.poll(sum).toBeGreaterThan(4);
    await pool.request().batch('ALTER DATABASE Loans SET RESTRICTED_USER');
    // What was begun before comes to its end; then the count stands, however long one looks.
    let last = -1;
    const stands = (): boolean => {
      const before = last;
      last = sum();
      return last === before;
    };
    await expect.poll(stands, { interval: 500 }).toBe(true);
    const stood = sum();
    await pool.request().batch('SELECT COUNT(*) FROM fin.Payment; SELECT COUNT(*) FROM los.Application');
    expect(sum()).toBe(stood);
    await pool.request().batch('ALTER DATABASE Loans SET MULTI_USER');
    await expect.poll(sum).toBeGreaterThan(stood);
    await traffic.stop();
  });
});

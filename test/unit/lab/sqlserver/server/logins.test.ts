import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlError } from '../../../../../src/lab/sqlserver/errors.ts';
import {
  hashPassword,
  isPasswordHash,
  passwordMatches,
} from '../../../../../src/lab/sqlserver/server/password.ts';
import { SA_PASSWORD, type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** Who may come in, and what is said to who may not. */

const PASSWORD = 'Another horse 2';
let double: SqlDouble;
let sa: SqlSession;
beforeAll(async () => {
  double = await startDouble({ databases: ['app', 'closed'] });
  sa = double.session();
  await sa.run(`CREATE LOGIN ann WITH PASSWORD = '${PASSWORD}', DEFAULT_DATABASE = app; CREATE USER ann`);
});
afterAll(() => double[Symbol.asyncDispose]());

function refusal(user: string, password: string, database = 'app'): SqlError | undefined {
  try {
    double.session({ user, password, database }).end();
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  return undefined;
}

describe('a login', () => {
  it('comes in with its password, without regard to the case of its name', () => {
    expect(refusal('ANN', PASSWORD)).toBeUndefined();
    expect(refusal('sa', SA_PASSWORD)).toBeUndefined();
  });

  it.each([
    ['nobody', PASSWORD, 5],
    ['ann', 'another horse 2', 8],
    ['sysadmin', '', 5],
    ['NT SERVICE\\SQLSERVERAGENT', 'guessed', 6],
  ])('%s with %s: 18456, state %i', (user, password, state) => {
    expect(refusal(user, password)).toMatchObject({
      number: 18456,
      severity: 14,
      state,
      message: `Login failed for user '${user}'.`,
    });
  });

  it('that is disabled is told so only with the right password', async () => {
    await sa.run('ALTER LOGIN ann DISABLE');
    expect(refusal('ann', 'wrong')).toMatchObject({ number: 18456, state: 7 });
    expect(refusal('ann', PASSWORD)).toMatchObject({ number: 18470 });
    await sa.run('ALTER LOGIN ann ENABLE');
    expect(refusal('ann', PASSWORD)).toBeUndefined();
  });

  it('does not come into a database that is not there, closed to it, or offline: 4060', async () => {
    for (const database of ['nowhere', 'closed'])
      expect(refusal('ann', PASSWORD, database)).toMatchObject({
        number: 4060,
        message: `Cannot open database "${database}" requested by the login. The login failed.`,
        preceding: [{ number: 18456, state: 38 }],
      });
    expect(refusal('ann', PASSWORD, '')).toBeUndefined();
    await sa.run('ALTER LOGIN ann WITH DEFAULT_DATABASE = closed');
    expect(refusal('ann', PASSWORD, '')).toMatchObject({ number: 4064 });
    await sa.run('ALTER LOGIN ann WITH DEFAULT_DATABASE = app');
  });

  it('of the agents of a server in the same domain comes in by the domain’s secret', () => {
    expect(refusal('NT SERVICE\\SQLSERVERAGENT', 'one domain')).toBeUndefined();
  });

  it('that is denied to connect does not', async () => {
    await sa.run('USE master; DENY CONNECT SQL TO ann; USE app');
    expect(refusal('ann', PASSWORD)).toMatchObject({ number: 18456, state: 12 });
    await sa.run('USE master; GRANT CONNECT SQL TO ann; USE app');
    expect(refusal('ann', PASSWORD)).toBeUndefined();
  });

  it('is seen by its name and its user', async () => {
    const session = double.session({ user: 'ann', password: PASSWORD });
    expect((await session.run('SELECT SUSER_SNAME(), USER_NAME(), ORIGINAL_LOGIN()')).rows).toEqual([
      ['ann', 'ann', 'ann'],
    ]);
    session.end();
    expect((await sa.run('SELECT SUSER_SNAME(), USER_NAME()')).rows).toEqual([['sa', 'dbo']]);
  });
});

describe('the hash of a password', () => {
  it('is version 0x0200, the salt, and SHA-512 of password and salt', () => {
    // Computed once with OpenSSL over UTF-16LE "password" and the salt.
    const hash = hashPassword('password', Uint8Array.of(1, 2, 3, 4));
    expect(hash).toHaveLength(70);
    expect(Buffer.from(hash.subarray(0, 6)).toString('hex')).toBe('020001020304');
    expect(isPasswordHash(hash)).toBe(true);
    expect(isPasswordHash(hash.subarray(1))).toBe(false);
  });

  it('matches its password and no other', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 20 }),
        fc.string({ maxLength: 20 }),
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        (password, other, salt) => {
          const hash = hashPassword(password, salt);
          expect(passwordMatches(password, hash)).toBe(true);
          expect(passwordMatches(other, hash)).toBe(password === other);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is carried to another server by CREATE LOGIN … HASHED', async () => {
    const hash = await sa.value("SELECT CONVERT(varchar(200), LOGINPROPERTY('ann', 'PasswordHash'), 1)");
    const made = await sa.run(`CREATE LOGIN copied WITH PASSWORD = ${hash} HASHED; CREATE USER copied`);
    expect(made.errors).toEqual([]);
    expect(refusal('copied', PASSWORD)).toBeUndefined();
    expect(refusal('copied', 'wrong')).toMatchObject({ number: 18456, state: 8 });
  });
});

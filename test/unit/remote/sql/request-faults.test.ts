import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, recordOf } from '../../../../src/foundation/errors.ts';
import type { SqlAddress } from '../../../../src/remote/sql/connect.ts';
import { connectFault } from '../../../../src/remote/sql/connect-fault.ts';
import { numbersOf, requestFault } from '../../../../src/remote/sql/faults.ts';
import type { Statement } from '../../../../src/remote/sql/statement.ts';

const AT: SqlAddress = {
  ...{ role: 'publisher', label: 'publisher MIA-SQL1', address: '10.1.1.1', port: 1433 },
  ...{ user: 'landfall', password: 'not to be told', encrypt: 'required', trustCertificate: false },
};
const STATEMENT: Statement = {
  ...{ on: 'publisher', database: 'Orders', title: 'publish the table', effect: 'writes' },
  text: '-- why\nEXEC sys.sp_addarticle',
};

/** As the driver throws it: the last error, and those before it. */
const refused = (...numbers: readonly number[]): unknown => {
  const errors = numbers.map(number =>
    Object.assign(new Error(`text of ${number}`), { number, code: 'EREQUEST' }),
  );
  const last = errors.at(-1);
  return Object.assign(last ?? new Error('none'), { precedingErrors: errors.slice(0, -1) });
};

describe('a request that a server refuses', () => {
  it.each([
    [[9002], 'database.space', /log_reuse_wait_desc/],
    [[3013, 3201], 'sql.failed', /service account/],
    [[927], 'database.blocked', /WITH RECOVERY/],
    [[924], 'database.blocked', /MULTI_USER/],
    [[976], 'database.blocked', /primary/],
    [[1205], 'sql.failed', /goes on where it stopped/],
    [[1222], 'sql.failed', /lock_timeout/],
    [[596], 'sql.connection-lost', /sessions of landfall/],
    [[6005], 'sql.connection-lost', /up again/],
    [[15281], 'sql.failed', /Agent XPs/],
    [[229], 'sql.permission', /ADD MEMBER \[landfall\]/],
    [[50_000], 'sql.failed', /command log/],
  ] as const)('%j', (numbers, code, next) => {
    const error = requestFault(refused(...numbers), AT, STATEMENT);
    expect(error.code).toBe(code);
    expect(error.facts.what).toMatch(/^publish the table: .*publisher MIA-SQL1/);
    expect(error.facts.next.join('\n')).toMatch(next);
    expect(error.facts.where?.command).toBe('EXEC sys.sp_addarticle');
    expect(numbersOf(error)).toEqual(numbers);
    expect(Object.keys(ERROR_CODES)).toContain(error.code);
  });

  it('whatever the server says reaches nobody as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer(), (text, number) => {
        const thrown = Object.assign(new Error(text), { number, code: 'EREQUEST' });
        for (const error of [
          requestFault(thrown, AT, STATEMENT),
          connectFault(thrown, AT, 'Orders'),
          connectFault(thrown, AT, 'Orders', [{ number, text: 'said before' }]),
        ]) {
          const record = recordOf(error);
          expect(JSON.stringify(record)).not.toContain('not to be told');
          expect(record.next.length).toBeGreaterThan(0);
          expect(record.evidence?.join('')).not.toMatch(/[\u0000-\u001f\u202e]/);
        }
      }),
    );
  });
});

describe('a connection that does not come about', () => {
  const connection = (code: string, message: string, cause?: unknown): unknown =>
    Object.assign(new Error(message), {
      code,
      originalError: Object.assign(new Error(message, { cause }), { code }),
    });

  it.each([
    [
      'the network is silent',
      connection('ETIMEOUT', 'Failed to connect in 15000ms'),
      'sql.timeout',
      /does not answer/,
    ],
    [
      'nothing listens',
      connection(
        'ESOCKET',
        'Could not connect (sequence)',
        Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      ),
      'sql.unreachable',
      /nothing listens/,
    ],
    [
      'another name',
      connection('ESOCKET', "Hostname/IP does not match certificate's altnames"),
      'sql.certificate',
      /not trusted/,
    ],
    [
      'no encryption',
      connection('EENCRYPT', 'Server does not support encryption'),
      'sql.encryption',
      /offers no encryption/,
    ],
  ] as const)('%s', (_why, thrown, code, what) => {
    const error = connectFault(thrown, AT, 'Orders');
    expect(error.code).toBe(code);
    expect(error.facts.what).toMatch(what);
    expect(error.facts.where).toEqual({ host: '10.1.1.1:1433' });
  });

  it.each([
    [17142, 'sql.unreachable', /paused/],
    [18401, 'sql.unreachable', /upgrades/],
    [18461, 'sql.unreachable', /single-user/],
    [18486, 'sql.login-refused', /UNLOCK/],
    [18487, 'sql.login-refused', /expired/],
    [18488, 'sql.login-refused', /changed first/],
    [4060, 'sql.permission', /SET ONLINE/],
  ] as const)('what the server said before it hung up: %i', (number, code, next) => {
    const thrown = connection('ELOGIN', "Login failed for user 'landfall'.");
    const error = connectFault(thrown, AT, 'Orders', [
      { number, text: 'why' },
      { number: 18456, text: "Login failed for user 'landfall'." },
    ]);
    expect(error.code).toBe(code);
    expect(error.facts.next.join('\n')).toMatch(next);
    expect(error.facts.evidence?.[0]).toBe(`${number}: why`);
  });
});

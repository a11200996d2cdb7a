import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  closedDatabase,
  merged,
  rightOfRefusal,
  serverRightsAsked,
} from '../../../../src/database/survey/rights.ts';
import { serversOf } from '../../../../src/database/survey/servers-of.ts';
import { planOf } from '../../../support/state.ts';

const all = (major: number, held: readonly string[]) =>
  serverRightsAsked('publisher', major).judge({ login: 'few', user: 'guest', held: new Set(held) });

describe('rights of the server', () => {
  it('are the narrow ones from SQL Server 2022 on, and the wide ones before', () => {
    const missing = (major: number) => all(major, []).missing.map(({ right }) => right);
    expect(missing(16)).toEqual([
      'VIEW ANY DATABASE',
      'VIEW SERVER PERFORMANCE STATE',
      'VIEW ANY DEFINITION',
      'VIEW ANY SECURITY DEFINITION',
    ]);
    expect(missing(15)).toEqual(['VIEW ANY DATABASE', 'VIEW SERVER STATE', 'VIEW ANY DEFINITION']);
  });

  it('are held where a wider one is', () => {
    expect(all(16, ['VIEW SERVER STATE', 'VIEW ANY DEFINITION', 'VIEW ANY DATABASE']).missing).toEqual([]);
  });

  it('that unlock two things are granted once', () => {
    const [, , definition] = all(15, []).missing;
    expect(definition?.unlocks).toBe('sizes of databases that are not opened; how many logins there are');
    expect(merged([...all(15, []).missing, ...all(15, []).missing])).toHaveLength(3);
  });
});

describe('what a refusal says', () => {
  it.each([
    [
      229,
      "The SELECT permission was denied on the object 'sysjobs', database 'msdb', schema 'dbo'.",
      'SELECT on dbo.sysjobs in msdb',
    ],
    [
      229,
      'Die SELECT-Berechtigung wurde für das „sysjobs“-Objekt, „msdb“-Datenbank, „dbo“-Schema verweigert.',
      'SELECT on dbo.sysjobs in msdb',
    ],
    [262, "VIEW DATABASE STATE permission denied in database 'Orders'.", 'VIEW DATABASE STATE in Orders'],
    [
      300,
      "VIEW SERVER STATE permission was denied on object 'server', database 'master'.",
      'VIEW SERVER STATE',
    ],
    [
      916,
      'The server principal "few" is not able to access the database "Orders" under the current security context.',
      'a user in Orders',
    ],
    [297, 'The user does not have permission to perform this action.', 'VIEW SERVER STATE'],
    [15247, 'User does not have permission to perform this action.', 'membership in sysadmin'],
  ])('%i', (number, said, right) => {
    expect(rightOfRefusal(number, said, 'few', 'jobs')?.right).toBe(right);
  });

  it('is nothing that would be granted where its words are not understood', () => {
    expect(rightOfRefusal(229, 'no', 'few', 'jobs')).toBeUndefined();
    expect(rightOfRefusal(undefined, "VIEW 'x'", 'few', 'jobs')).toBeUndefined();
  });

  it('grants to a name as SQL Server quotes it, whatever the name is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (login, database) => {
        const { grant } = closedDatabase(login, database);
        const quoted = [
          `[${login.replaceAll(']', ']]')}]`,
          `[${database.replaceAll(']', ']]')}]`,
          `N'${login.replaceAll("'", "''")}'`,
        ];
        for (const each of quoted) expect(grant).toContain(each);
      }),
    );
    fc.assert(
      fc.property(fc.integer(), fc.string(), (number, said) => void rightOfRefusal(number, said, 'few', 'x')),
    );
  });
});

describe('servers of a plan', () => {
  it('are looked at once each, production through production', () => {
    const at = (address: string) => ({ address, user: 'sa', password: 'env:PW' });
    const { databases } = planOf({
      databases: {
        Orders: { tier: 'critical', publisher: at('mia'), subscriber: at('dal') },
        Crm: { tier: 'critical', publisher: at('mia'), subscriber: at('dal') },
      },
    });
    expect(serversOf({ databases })).toEqual([
      { key: 'mia:1433', by: { database: 'Orders', role: 'publisher' }, databases: ['Orders', 'Crm'] },
      { key: 'dal:1433', by: { database: 'Orders', role: 'subscriber' }, databases: [] },
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSurroundings } from '../../../../../src/inventory/survey/surroundings.ts';
import { answersOf, wildSections } from '../answers.ts';

const upstreams =
  'dns\t10.1.0.2\t\t/etc/resolv.conf\t1\nldap\tLDAP1.corp.example.\t636\t/etc/sssd/sssd.conf\t2\ndns\t127.0.0.53\t\t/etc/resolv.conf\t2\nnew-role\tx1\t\t/etc/x\t1\n';
const hard =
  '/opt/shop/app.conf\t3\t10.1.0.9\tdb.host\n/etc/nginx/nginx.conf\t8\tfd00:1::9\t\n/etc/x\t1\t999.1.1.1\t\n';

describe('what configuration names', () => {
  it('is told with its place; repositories of others are beside', () => {
    const learned = readSurroundings(
      answersOf({ upstreams, repositories: '/etc/apt/sources.list.d/own.list\t4\tmirror.corp.example\n' }),
    );
    expect(learned.upstreams).toEqual([
      { role: 'dns', host: '10.1.0.2', where: '/etc/resolv.conf', line: 1 },
      { role: 'ldap', host: 'ldap1.corp.example', port: 636, where: '/etc/sssd/sssd.conf', line: 2 },
      { role: 'other', host: 'x1', where: '/etc/x', line: 1 },
      { role: 'repository', host: 'mirror.corp.example', where: '/etc/apt/sources.list.d/own.list', line: 4 },
    ]);
  });

  it('holds addresses with file, line and setting', () => {
    expect(readSurroundings(answersOf({ 'hard-addresses': hard })).hardAddresses).toEqual([
      { file: '/opt/shop/app.conf', line: 3, address: '10.1.0.9', setting: 'db.host' },
      { file: '/etc/nginx/nginx.conf', line: 8, address: 'fd00:1::9' },
    ]);
  });

  it('knows static names of others, and not of itself', () => {
    const names =
      '127.0.0.1 localhost\n10.1.0.9 DB1 db1.corp.example\n10.1.0.11 web1.corp.example web1\nff02::1 ip6-allnodes\n';
    expect(readSurroundings(answersOf({ 'static-names': names, hostname: 'web1\n' })).staticNames).toEqual([
      { address: '10.1.0.9', names: ['db1', 'db1.corp.example'] },
    ]);
  });

  it('says what it could not learn', () => {
    const answers = answersOf({ upstreams: 'Zugriff verweigert\nnichts\nzu sehen\n', 'hard-addresses': 124 });
    expect(readSurroundings(answers)).toEqual({});
    expect(answers.gaps.map(({ what, why }) => `${what}: ${why}`)).toEqual([
      'file systems of other servers: cut-short',
      'whom it is configured to use: unreadable',
      'addresses that stand in configuration files: timed-out',
      'names in /etc/hosts: cut-short',
    ]);
  });

  it('never throws, and no text of it can move a cursor', () => {
    fc.assert(
      fc.property(
        wildSections({
          upstreams: [upstreams],
          repositories: ['/etc/apt/x\t1\tmirror\n'],
          'hard-addresses': [hard],
          'static-names': ['10.1.0.9 db1\n'],
          hostname: ['web1\n'],
        }),
        sections => {
          const learned = JSON.stringify(readSurroundings(answersOf(sections)));
          expect(learned).not.toMatch(/\\u00(?:[01][0-9a-f]|7f|[89][0-9a-f])|\\[bfnrt]/);
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Survey } from '../../../../src/database/assess/index.ts';
import { findingsOf, hasDatabaseSnapshots, logPerHour } from '../../../../src/database/assess/index.ts';
import { harmless } from '../../../../src/foundation/text.ts';
import { databaseFinding } from '../../../../src/journal/database-facts.ts';
import { catalog, column, database, key, server, survey, table } from './surveys.ts';

const codes = (of: Partial<Survey>): string[] => findingsOf(survey(of)).map(({ code }) => code);
const found = (of: Partial<Survey>, code: string) => {
  const finding = findingsOf(survey(of)).find(each => each.code === code);
  if (finding === undefined) throw new Error(`no ${code} among ${codes(of).join(' ')}`);
  return finding;
};
const source = (...of: Parameters<typeof database> extends [string, ...infer R] ? R : never) => ({
  source: database('Orders', ...of),
});
const inSource = (...tables: Parameters<typeof catalog>[0][number][]) => source({ catalog: catalog(tables) });

describe('findings', () => {
  it('of a survey in which nothing is wrong are one note', () => {
    expect(findingsOf(survey()).map(({ code, severity }) => [code, severity])).toEqual([
      ['clone-restored', 'note'],
    ]);
  });

  it.each([
    ['temporal', 'warning', { temporal: 'versioned' as const }],
    ['temporal-history', 'blocker', { temporal: 'history' as const }],
    ['memory-optimized', 'warning', { memoryOptimized: true }],
    ['filetable', 'blocker', { fileTable: true }],
    ['external', 'blocker', { external: true }],
    ['graph', 'blocker', { graph: true }],
    ['ledger', 'blocker', { ledger: true }],
    [
      'columnstore',
      'warning',
      { indexes: [key('PK'), key('CS', { kind: 'CLUSTERED COLUMNSTORE', primaryKey: false })] },
    ],
    [
      'always-encrypted',
      'blocker',
      { columns: [column('Id'), column('Card', { encryption: 'RANDOMIZED' })] },
    ],
    ['type-unproven', 'warning', { columns: [column('Id'), column('Shape', { type: 'vector' })] }],
    ['column-beyond-255', 'warning', { columns: [column('Id'), column('Late', { id: 300 })] }],
  ] as const)('a table: %s', (code, severity, more) => {
    const finding = found(inSource(table('T', more), table('Orders'), table('Lines')), code);
    expect(finding).toMatchObject({ severity, subject: 'dbo.T' });
    expect(finding.what).toMatch(/rows|copied whole|travel|replicate/);
  });

  it('a table without a key is told how to get one, from a unique index where it has one', () => {
    const heap = table('Log', { indexes: [] });
    expect(found(inSource(heap), 'no-primary-key').remedy).toMatch(
      /^ALTER TABLE \[dbo\]\.\[Log\] ADD CONSTRAINT \[PK_Log\]/,
    );
    const unique = table('Log', { indexes: [key('UX', { primaryKey: false })] });
    expect(found(inSource(unique), 'no-primary-key').remedy).toMatch(/\(\[Id\]\): UX shows/);
    const disabled = table('Log', { indexes: [key('PK_Log', { disabled: true })] });
    expect(found(inSource(disabled), 'primary-key-disabled').remedy).toBe(
      'ALTER INDEX [PK_Log] ON [dbo].[Log] REBUILD',
    );
  });

  it('large values, where a limit would make production fail', () => {
    const publisher = server('publisher', 'MIA-SQL1', {}, { maxReplicatedBytes: 65_536 });
    const large = inSource(
      table('Doc', { columns: [column('Id'), column('Body', { type: 'nvarchar', length: -1 })] }),
    );
    expect(found({ publisher, ...large }, 'large-values').what).toMatch(/7139/);
    expect(codes(large)).not.toContain('large-values');
    expect(codes({ publisher })).not.toContain('large-values');
  });

  it('code that truncates or switches, and code that nobody can read', () => {
    const module = (name: string, definition?: string) => ({
      ...{ schema: 'dbo', name, kind: 'SQL_STORED_PROCEDURE', ansiNulls: true, quotedIdentifier: true },
      ...{ schemaBound: false, ...(definition === undefined ? {} : { definition }) },
    });
    const modules = [
      module('Nightly', 'CREATE PROC dbo.Nightly AS truncate  table dbo.Stage'),
      module('Roll', 'CREATE PROC dbo.Roll AS ALTER TABLE a SWITCH PARTITION 2 TO b'),
      module('Tidy', 'CREATE PROC dbo.Tidy AS DROP TABLE #t'),
      module('Secret'),
    ];
    const of = source({ catalog: catalog([table('Orders'), table('Lines')], { modules }) });
    expect(found(of, 'truncates').evidence).toEqual(['dbo.Nightly', 'dbo.Roll']);
    expect(found(of, 'encrypted-modules').evidence).toEqual(['dbo.Secret']);
  });

  it.each([
    ['server-name-differs', { publisher: server('publisher', 'MIA-SQL1', {}, { localName: 'OLD-NAME' }) }],
    ['server-name-differs', { publisher: server('publisher', 'MIA-SQL1', {}, { localName: null }) }],
    [
      'same-name',
      { publisher: server('publisher', 'DAL-SQL1', { serverId: 'MIA/x' }, { localName: 'DAL-SQL1' }) },
    ],
    ['agent-stopped', { distributor: server('distributor', 'D', { agentRunning: false }) }],
    ['agent-unknown', { distributor: server('distributor', 'D', { agentRunning: null }) }],
    ['distributor-older', { distributor: server('distributor', 'D', { major: 13 }) }],
    ['edition-cannot-distribute', { distributor: server('distributor', 'D', { distributes: false }) }],
    [
      'bad-build',
      { distributor: server('distributor', 'D', { platform: 'Linux', major: 16 }, { update: 'CU26' }) },
    ],
    [
      'bad-build',
      { distributor: server('distributor', 'D', { platform: 'Linux', major: 15 }, { update: 'CU12' }) },
    ],
    [
      'linux-too-old',
      { publisher: server('publisher', 'MIA-SQL1', { platform: 'Linux', major: 14 }, { update: 'CU17' }) },
    ],
    ['edition-too-small', { subscriber: server('subscriber', 'DAL-SQL1', { engineEdition: 4 }) }],
    ['not-encrypted', { publisher: server('publisher', 'MIA-SQL1', {}, { encrypted: false }) }],
    [
      'server-collation-differs',
      { publisher: server('publisher', 'MIA-SQL1', { collation: 'Latin1_General_BIN2' }) },
    ],
    [
      'may-not-restore',
      { subscriber: server('subscriber', 'DAL-SQL1', { sysadmin: false }, { dbcreator: false }) },
    ],
    ['distributor-certificate', { publisher: server('publisher', 'MIA-SQL1', { major: 17 }) }],
    [
      'distributor-of-others',
      {
        distributor: server('distributor', 'D', {}, { distribution: [{ name: 'distribution', hours: 500 }] }),
      },
    ],
    ['not-seen', { publisher: server('publisher', 'MIA-SQL1', {}, { seesState: false }) }],
    ['not-seen', source({ unknown: [{ what: 'how full the log is', said: '262: denied' }] })],
    ['sync-with-backup', source({ syncWithBackup: true })],
    ['merge-published', source({ mergePublished: true })],
    ['availability-group', source({ groupMember: true })],
    ['contained', source({ containment: 'PARTIAL' })],
    ['certificate-missing', source({ encrypted: true, encryptor: 'AB01' })],
    ['never-backed-up', source({ neverBackedUp: true })],
    ['replication-left-over', source({}, { logReuseWait: 'REPLICATION' })],
    ['log-near-limit', source({}, { logUsedBytes: 45e9 })],
    ['snapshot-room', source({ free: { data: 1e9, log: 1e9 } })],
    ['change-data-capture', source({}, { cdc: true })],
    ['references-out', source({ references: [{ from: 'dbo.v', to: 'HQ.Other.dbo.t', remote: true }] })],
    ['copy-exists', { target: database('Orders') }],
    ['copy-written', { clone: database('Orders_Dev', { writtenMinutesAgo: 20 }) }],
    ['clone-closed', { clone: database('Orders_Dev', { state: 'RESTORING', opens: false }) }],
    ['clone-read-only', { clone: database('Orders_Dev', {}, { readOnly: true }) }],
    ['copy-published', { clone: database('Orders_Dev', { publications: ['x'] }) }],
    [
      'copy-subscribes',
      {
        clone: database('Orders_Dev', {
          subscriptions: [{ publisher: 'HQ', database: 'd', publication: 'p' }],
        }),
      },
    ],
    ['no-room-to-restore', { clone: database('Orders_Dev', { free: { data: 55e9, log: 55e9 } }) }],
    ['no-room-to-fill', { clone: database('Orders_Dev', { free: { data: 1e9, log: 1e9 } }) }],
  ] satisfies [string, Partial<Survey>][])('%s is told, once, with a remedy', (code, of) => {
    const all = findingsOf(survey(of));
    expect(all.filter(each => each.code === code)).toHaveLength(1);
    for (const each of all) {
      expect(databaseFinding.parse(each)).toEqual(each);
      expect(each.remedy.length).toBeGreaterThan(3);
      if (each.closes.length > 0) expect(each.severity).toBe('blocker');
    }
    expect(findingsOf(survey()).map(each => each.code)).not.toContain(code);
  });

  it('an encrypted database whose certificate the subscriber has closes nothing', () => {
    const subscriber = server('subscriber', 'DAL-SQL1', {}, { certificates: ['ab01'] });
    const of = { ...source({ encrypted: true, encryptor: 'AB01' }), subscriber, distributor: subscriber };
    expect(codes(of)).toContain('encrypted-at-rest');
    expect(codes(of)).not.toContain('certificate-missing');
  });

  it('room to restore is looked for beside master, where no copy is there yet', () => {
    const { clone: _clone, names, ...rest } = survey();
    const { clone: _name, ...others } = names;
    const subscriber = server('subscriber', 'DAL-SQL1', { freeBytes: 20e9 });
    const findings = findingsOf({ ...rest, names: others, subscriber, distributor: subscriber });
    expect(findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['no-room-to-restore', 'no-clone', 'no-shell']),
    );
  });

  it('what landfall made itself is no hindrance', () => {
    const agent = {
      session: 60,
      login: 'sa',
      host: 'D',
      program: 'MIA-Orders-landfall_miami_to_dallas-DAL-1',
    };
    const clone = database('Orders_Dev', {
      sessions: [agent],
      subscriptions: [{ publisher: 'MIA-SQL1', database: 'Orders', publication: 'landfall_miami_to_dallas' }],
    });
    const of = { clone, begun: true, target: database('Orders') };
    expect(codes(of)).toEqual(['clone-restored']);
    expect(codes({ ...of, begun: false })).toEqual(expect.arrayContaining(['copy-in-use', 'copy-exists']));
  });

  it('worst first, and nothing that a server called itself moves the cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), name => {
        const findings = findingsOf(
          survey({
            source: database(name, {
              sessions: [],
              catalog: catalog([table(name, { indexes: [] })]),
              references: [{ from: name, to: name, remote: true }],
            }),
            clone: database(name, { sessions: [{ session: 1, login: name, host: name, program: name }] }),
            publisher: server('publisher', name, { edition: name, publishes: false }, { login: name }),
          }),
        );
        const order = findings.map(({ severity }) => ['blocker', 'warning', 'note'].indexOf(severity));
        expect(order).toEqual([...order].sort((a, b) => a - b));
        for (const { what, remedy, subject, evidence } of findings)
          for (const text of [what, remedy, subject, ...evidence]) expect(harmless(text)).toBe(text);
      }),
      { numRuns: 25 },
    );
  });
});

describe('what is reckoned', () => {
  it('log an hour, by the log backups of the last day', () => {
    const log = (minutesAgo: number, bytes: number) => ({
      ...{ kind: 'L', copyOnly: false, minutesAgo, seconds: 1, bytes, device: null, by: null },
    });
    expect(logPerHour({ backups: [log(10, 3e9), log(40, 1e9), log(130, 7e9), log(3000, 9e9)] })).toBe(2e9);
    expect(logPerHour({ backups: [log(10, 3e9)] })).toBeUndefined();
    expect(logPerHour({ backups: [] })).toBeUndefined();
  });

  it('database snapshots: all editions from 2016 SP1 on', () => {
    expect(hasDatabaseSnapshots({ major: 13, version: '13.0.4001.0', engineEdition: 2 })).toBe(true);
    expect(hasDatabaseSnapshots({ major: 13, version: '13.0.1601.5', engineEdition: 2 })).toBe(false);
    expect(hasDatabaseSnapshots({ major: 11, version: '11.0.7001.0', engineEdition: 3 })).toBe(true);
    expect(hasDatabaseSnapshots({ major: 15, version: '15.0.2000.5', engineEdition: 4 })).toBe(true);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockOf, instantOf, instantOfRun } from '../../../../src/database/survey/instants.ts';
import { type JobRow, jobsOf } from '../../../../src/database/survey/jobs.ts';
import { referencesOf } from '../../../../src/database/survey/references.ts';
import { type AgentRow, replicationSaid } from '../../../../src/database/survey/replication.ts';
import { scheduleWords } from '../../../../src/database/survey/schedule-words.ts';

describe('times of a server', () => {
  it('are those of its zone, to the second', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_000_000_000 }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (seconds, offset) => {
          const local = new Date(seconds * 1000 + offset * 60_000).toISOString().slice(0, 23);
          expect(instantOf(local, offset)).toBe(seconds * 1000);
          const [date = '', time = ''] = local.slice(0, 19).replaceAll(/[-:]/g, '').split('T');
          expect(instantOfRun(Number(date), Number(time), offset)).toBe(seconds * 1000);
        },
      ),
    );
  });

  it('are none where there is none', () => {
    expect(instantOfRun(0, 0, 0)).toBeUndefined();
    expect(instantOf('2026-02-30T00:00:00', 0)).toBeUndefined();
    fc.assert(fc.property(fc.string(), text => void instantOf(text, 0)));
    fc.assert(fc.property(fc.integer(), fc.integer(), (date, time) => void instantOfRun(date, time, 0)));
    expect(clockOf(74_002)).toBe('07:40:02');
  });
});

describe('a schedule in words', () => {
  const row = {
    enabled: true,
    type: 4,
    interval: 1,
    subday: 1,
    subdayInterval: 0,
    relative: 0,
    recurrence: 1,
    start: 23_000,
  };
  it.each([
    [{}, 'every day at 02:30'],
    [{ interval: 3 }, 'every 3 days at 02:30'],
    [{ subday: 4, subdayInterval: 15, start: 0 }, 'every day, every 15 minutes from 00:00'],
    [{ type: 8, interval: 34 }, 'every week on Monday, Friday at 02:30'],
    [{ type: 16, interval: 1, recurrence: 3 }, 'every 3 months on day 1 at 02:30'],
    [{ type: 32, interval: 9, relative: 16 }, 'every month on the last weekday at 02:30'],
    [{ type: 64 }, 'when SQL Server Agent starts'],
    [{ enabled: false }, 'every day at 02:30 (switched off)'],
    [{ type: 77 }, 'schedule of the kind 77'],
  ])('%j', (more, words) => {
    expect(scheduleWords({ ...row, ...more })).toBe(words);
  });
});

describe('jobs', () => {
  const row: JobRow = {
    name: 'ship to DR',
    enabled: true,
    category: 'REPL-Distribution',
    outcome: 0,
    run_date: 20_261_116,
    run_time: 23_000,
    failed_date: 20_260_608,
    failed_time: 23_000,
    running: false,
  };
  const at = { offset: 0, agentRuns: true };

  it('that have been broken for months are told with the day since when', () => {
    const [job] = jobsOf([row], [], at);
    expect(job).toMatchObject({ lastOutcome: 'failed', failingSince: Date.UTC(2026, 5, 8, 2, 30) });
  });

  it('whose failures msdb has forgotten fail at least since the last run', () => {
    const [job] = jobsOf([{ ...row, failed_date: null, failed_time: null }], [], at);
    expect(job?.failingSince).toBe(Date.UTC(2026, 10, 16, 2, 30));
  });

  it('that have succeeded since do not fail, and those that never ran have no outcome', () => {
    expect(jobsOf([{ ...row, outcome: 1 }], [], at)[0]).not.toHaveProperty('failingSince');
    const never = { ...row, outcome: 5, run_date: 0, run_time: 0, failed_date: null, failed_time: null };
    expect(jobsOf([never], [], at)[0]).toEqual({ name: 'ship to DR', enabled: true, lastOutcome: 'unknown' });
  });

  it('do not run where SQL Server Agent does not', () => {
    expect(jobsOf([{ ...row, running: true }], [], at)[0]?.lastOutcome).toBe('running');
    expect(jobsOf([{ ...row, running: true }], [], { offset: 0, agentRuns: false })[0]?.lastOutcome).toBe(
      'failed',
    );
  });
});

describe('what code names', () => {
  const found = (word: string, said: string, linked: string[] = []) =>
    referencesOf({ named: [], routes: [], code: [{ from: 'dbo.p', word, said }] }, linked).map(
      ({ kind, to }) => `${kind} ${to}`,
    );
  it.each([
    ['OPENQUERY', '([LEG]]ACY]', 'linked-server LEG]ACY'],
    ['OPENQUERY', ' (legacy', 'linked-server LEGACY'],
    ['OPENROWSET', "('MSOLEDBSQL'", 'openrowset MSOLEDBSQL'],
    ['OPENROWSET', "(''MSOLEDBSQL''", 'openrowset MSOLEDBSQL'],
    ['OPENROWSET', "(BULK N'\\\\files7\\drop\\a.csv'", 'file-share \\\\files7\\drop'],
    ['OPENROWSET', "(BULK 'D:\\in\\a.csv'", 'openrowset D:\\in\\a.csv'],
    ['SHARE', '\\\\files7\\drop$\\x', 'file-share \\\\files7\\drop$'],
    ['AT', '[LEGACY]', 'linked-server LEGACY'],
  ])('%s %s', (word, said, expected) => {
    expect(found(word, said, ['LEGACY'])).toEqual([expected]);
  });

  it('is nothing where the word is another', () => {
    expect(found('AT', 'noon', ['LEGACY'])).toEqual([]);
    expect(found('SHARE', '\\\\d+\\.')).toEqual([]);
  });

  it('never throws, whatever the code is, and tells each thing once', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('OPENQUERY', 'OPENROWSET', 'OPENDATASOURCE', 'AT', 'SHARE'),
        fc.string(),
        (word, said) => {
          expect(found(word, said, ['LEGACY']).length).toBeLessThanOrEqual(1);
        },
      ),
    );
    const twice = { from: 'dbo.p', server: null, database: 'Crm' };
    const system = { from: 'dbo.p', server: null, database: 'msdb' };
    expect(referencesOf({ named: [twice, twice, system], routes: [], code: [] }, [])).toHaveLength(1);
  });
});

describe('replication that is there', () => {
  const agent: AgentRow = {
    kind: 'distribution agent',
    database: 'Orders',
    publication: 'ToDallas',
    to: 'Orders',
    status: 6,
    said_at: '2026-11-22T10:00:00',
    good_at: null,
    failed_at: '2026-08-01T03:00:00',
    error: 'Cannot open database\u001b[2J "Orders"',
  };
  const none = { publishers: [], publications: [], subscriptions: [], agents: [] };

  it('tells what is broken first, since when, and nothing that moves a cursor', () => {
    const well = { ...agent, publication: 'ToOffice', status: 4, error: null };
    const said = replicationSaid(
      { ...none, publications: [{ database: 'Orders', name: 'ToDallas' }], agents: [well, agent] },
      120,
    );
    expect(said[0]).toMatch(
      /ToDallas, Orders to Orders, has failed since 2026-08-01 01:00 UTC: Cannot open database/,
    );
    expect(said.at(-1)).toMatch(/ToOffice.* all is well$/);
    expect(said.join('')).not.toContain('\u001b');
  });

  it('an agent that has written nothing does not run', () => {
    expect(replicationSaid({ ...none, agents: [{ ...agent, status: null }] }, 0)[0]).toMatch(/does not run$/);
  });
});

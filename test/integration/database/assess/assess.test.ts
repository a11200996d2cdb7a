import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assessStage } from '../../../../src/database/assess/index.ts';
import { systemClock } from '../../../../src/foundation/clock.ts';
import { databaseFinding } from '../../../../src/journal/database-facts.ts';
import type { EventOf } from '../../../../src/journal/events.ts';
import { createPair, type Pair } from '../../../../src/lab/sqlserver/pair.ts';
import { databasePlan, PASSWORD, workOn } from './world.ts';

describe('assess, on production and its clone', () => {
  const directory = mkdtempSync(join(tmpdir(), 'landfall-assess-'));
  let pair: Pair;
  let assessed: EventOf<'database.assessed'>;

  beforeAll(async () => {
    pair = await createPair({
      directory,
      publisher: '2022-standard',
      subscriber: '2022-standard',
      rows: 1500,
      seed: 7,
      ports: [0, 0],
      password: PASSWORD,
      encryption: 'off',
      clock: systemClock,
      building: () => undefined,
    });
    await pair.publisher.run('Loans', "BACKUP DATABASE [Loans] TO DISK = N'full.bak'");
    await using told = workOn({
      name: 'Loans',
      plan: databasePlan('Loans', {
        clone: { database: 'Loans' },
        subscriber: { address: '127.0.0.1', user: 'sa', password: 'env:PW', database: 'Loans_standby' },
        backup: { folder: '/var/backup', reads_as: '/var/backup' },
      }),
      publisher: pair.publisher,
      subscriber: pair.subscriber,
      hoursLeft: 96,
    });
    expect(await assessStage.done(told.work)).toBe(false);
    await assessStage.run(told.work);
    expect(await assessStage.done(told.work)).toBe(true);
    const [event] = told.events;
    if (event?.type !== 'database.assessed') throw new Error('nothing was told');
    assessed = event;
  }, 60_000);
  afterAll(async () => {
    await pair.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('tells who the servers are, and that they are doubles', () => {
    expect(assessed.publisher).toMatchObject({
      name: 'MIA-SQL1',
      major: 16,
      engineEdition: 2,
      sysadmin: true,
      agentRunning: true,
      publishes: true,
      database: { name: 'Loans', recovery: 'FULL', readOnly: false, published: false },
    });
    expect(assessed.publisher.banner).toMatch(/^SQL Server double/);
    expect(assessed.subscriber.name).toBe('DAL-SQL1');
    expect(assessed.subscriber.serverId).not.toBe(assessed.publisher.serverId);
    expect(assessed.distributor.name).toBe('DAL-SQL1');
    expect(assessed.clone?.database?.name).toBe('Loans');
    expect(assessed.publisher.freeBytes).toBeGreaterThan(0);
  });

  it('tells how each table travels', () => {
    const by = new Map(assessed.tables.map(table => [`${table.schema}.${table.name}`, table.carriedBy]));
    expect(by.get('party.Customer')).toBe('replication');
    expect([...by.values()].filter(each => each === 'reload').length).toBeGreaterThan(0);
  });

  it('finds what a DBA has to know, each with a remedy, and closes no lane without reason', () => {
    for (const finding of assessed.findings) {
      expect(databaseFinding.parse(finding)).toEqual(finding);
      expect(finding.remedy).not.toBe('');
      expect(finding.severity === 'blocker' || finding.closes.length === 0).toBe(true);
    }
    const codes = assessed.findings.map(({ code }) => code);
    expect(codes).toContain('double');
    expect(codes).toContain('not-encrypted');
    expect(codes).toContain('large-values');
    expect(codes).toContain('no-primary-key');
    expect(new Set(assessed.findings.flatMap(({ closes }) => closes))).toEqual(new Set());
  });
});

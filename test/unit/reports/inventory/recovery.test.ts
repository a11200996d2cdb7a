import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../../../src/reports/inventory/inventory.ts';
import { recoveryCsv, recoverySheets } from '../../../../src/reports/inventory/recovery/csv.ts';
import type { RecoveryEntry } from '../../../../src/reports/inventory/recovery/entry.ts';
import { recoveryOf } from '../../../../src/reports/inventory/recovery/recovery.ts';
import { HOUR } from '../../../support/state.ts';
import { ESTATE, looked } from './estate.ts';

const recovery = (after = 0) => {
  const story = looked();
  const now = story.now + after;
  return recoveryOf(story.view, inventoryOf(story.view, now, ESTATE), now);
};
const entry = (name: string): RecoveryEntry => {
  const found = recovery().entries.find(each => each.name === name);
  if (found === undefined) throw new Error(`no entry of ${name}`);
  return found;
};

describe('recovery worksheets', () => {
  it('by department, in it by tier, in it in the order of the cutover; nobody named comes last', () => {
    expect(
      recovery().entries.map(({ department, tier, wave, name }) => [department, tier, wave, name]),
    ).toEqual([
      ['Finance', 'critical', 1, 'Orders'],
      ['Finance', 'critical', 1, 'db1'],
      ['Sales & Web', 'critical', 2, 'web1'],
      ['no department named', 'normal', 1, 'old1'],
    ]);
  });

  it('says of a machine what is needed to bring it up again', () => {
    expect(entry('web1')).toMatchObject({
      kind: 'machine',
      role: 'shop front',
      owner: 'web team',
      hostnames: ['web1'],
      system: 'Debian GNU/Linux 12 (bookworm)',
      subnets: ['mia-servers 10.20.0.0/24 becomes dal-servers 10.30.0.0/16'],
      addressesBefore: ['10.20.0.11'],
      addressesAfter: ['asked of it once it is up, in dal-servers (10.30.0.0/16)'],
      rpoMs: 15 * 60e3,
      rtoMs: HOUR,
      dependsOn: ['10.20.0.99:6379 by socket: UNKNOWN, at the source', 'db1 by plan'],
      certificates: ['shop.example: EXPIRED 2026-11-22 11:00 UTC (/etc/nginx/tls/shop.pem)'],
      dataServices: ['PostgreSQL 15.6, in /var/lib/postgresql/15, 12.0 GB, replica of 10.20.0.44'],
      checks: ['tcp 443 listens (nginx), as at the source'],
      stale: false,
    });
    expect(entry('web1').open).toContain('web1 talks to 10.20.0.99:6379, which nobody moves');
    expect(entry('db1')).toMatchObject({
      addressesAfter: ['10.30.0.12'],
      checks: ['port 5432 accepts a connection'],
      neededBy: ['web1'],
      dependsOn: ['bank (bank.example) by upstream: not moved'],
    });
  });

  it('says of a database where it is and what acts for it', () => {
    expect(entry('Orders')).toMatchObject({
      kind: 'database',
      hostnames: ['MIA-SQL1'],
      system: 'SQL Server 15.0.4355, Standard Edition',
      addressesBefore: ['sql1:1433'],
      dataServices: ['FULL recovery, 50.0 GB of data, 4.00 GB of log', 'cdc'],
    });
    expect(entry('Orders').actsTwice).toContain('Reindex (SQL Server Agent job)');
  });

  it('what nobody looked at and what is stale says so', () => {
    expect(entry('old1')).toMatchObject({ seen: 'not looked at', stale: true, hostnames: [] });
    const later = recovery(7 * HOUR).entries.find(({ name }) => name === 'web1');
    expect(later).toMatchObject({ seen: '7h00m ago: stale', stale: true });
  });

  it('one file for each tier of each department, under names that any system takes', () => {
    expect(recoverySheets(recovery()).map(({ file }) => file)).toEqual([
      'recovery-finance-critical.csv',
      'recovery-sales-web-critical.csv',
      'recovery-no-department-named-normal.csv',
    ]);
  });

  it('whatever a department calls itself: safe and distinct file names, and no formula in any cell', () => {
    const [first] = recovery().entries;
    if (first === undefined) throw new Error('no entries');
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '../../etc/passwd',
        '=HYPERLINK("http://evil")',
        '',
        'Ä',
        'a/b',
        'A B',
        'a b',
        '@SUM(1)',
      ),
    );
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), departments => {
        const entries = departments.map(department => ({ ...first, department, role: department }));
        const files = recoverySheets({ entries }).map(({ file }) => file);
        expect(new Set(files).size).toBe(new Set(departments).size);
        for (const file of files) expect(file).toMatch(/^recovery-[a-z0-9-]{1,130}\.csv$/);
        expect(recoveryCsv({ entries })).not.toMatch(/(?:^|,)"?[=+@|%]/m);
      }),
    );
  });
});

it('a table that lies around for a week says when something was seen, not how long ago that was', () => {
  const csv = recoveryCsv(recovery());
  expect(csv).toMatch(/2026-11-\d\d \d\d:\d\d UTC/);
  expect(csv).not.toMatch(/\d+s ago/);
});

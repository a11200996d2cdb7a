import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AdviceFacts } from '../../../../src/database/advise/facts.ts';
import { linkRate, movedShare } from '../../../../src/database/advise/forecast.ts';
import { adviseLanes, measuredBackup } from '../../../../src/database/advise/index.ts';
import {
  type DatabaseFinding,
  LANES,
  type Lane,
  laneForecast,
} from '../../../../src/journal/database-facts.ts';
import { tableFacts } from '../../../support/databases.ts';

const finding = (code: string, closes: readonly Lane[] = []): DatabaseFinding => ({
  code,
  severity: closes.length > 0 ? 'blocker' : 'warning',
  subject: 'database',
  what: `${code} was found`,
  remedy: `mend ${code}`,
  closes: [...closes],
  evidence: [],
});

const MBIT = 1e6 / 8;
const link = (mbit: number) => ({ fromPublisher: mbit * MBIT, toSubscriber: mbit * MBIT * 2 });

/** 50 GB in a few tables, a clone of Sunday. */
const facts = (more: Partial<AdviceFacts> = {}): AdviceFacts => ({
  plan: { lane: 'auto', clone: { database: 'Orders_Dev' }, backup: { folder: '/b', reads_as: '/b' } },
  tables: [
    tableFacts('Orders', { bytes: 30e9, rows: 60_000_000 }),
    tableFacts('Lines', { bytes: 19e9, rows: 200_000_000 }),
    tableFacts('Audit', { bytes: 1e9, rows: 5_000_000, key: [], carriedBy: 'reload' }),
  ],
  findings: [],
  drift: [],
  distributorAt: 'subscriber',
  link: link(1000),
  sample: {
    share: 0.01,
    byBytes: 0.012,
    clustered: true,
    rows: 100_000,
    of: 265_000_000,
    tables: 2,
    skipped: 1,
  },
  hoursLeft: 96,
  ...more,
});

const advised = (more: Partial<AdviceFacts> = {}) => {
  const lanes = adviseLanes(facts(more));
  const at = (lane: Lane) => {
    const found = lanes.find(each => each.lane === lane);
    if (found === undefined) throw new Error(`no ${lane}`);
    return found;
  };
  return { lanes, at, best: lanes.find(({ verdict }) => verdict === 'recommended')?.lane };
};

describe('the advice', () => {
  it('is plain data, one forecast a lane, one of them recommended', () => {
    const { lanes } = advised();
    expect(lanes.map(({ lane }) => lane)).toEqual([...LANES]);
    for (const each of lanes) expect(laneForecast.parse(JSON.parse(JSON.stringify(each)))).toEqual(each);
    expect(lanes.filter(({ verdict }) => verdict === 'recommended')).toHaveLength(1);
  });

  it('takes a fresh backup where the link is quick', () => {
    const { best, at } = advised();
    expect(best).toBe('backup');
    expect(at('backup').hours).toBeLessThan(0.6);
    expect(at('backup').bytes).toBeCloseTo(50e9 / 3, -8);
  });

  it('takes the clone where the link makes the difference', () => {
    const { best, at } = advised({ link: link(10) });
    expect(best).toBe('clone');
    expect(at('backup').hours).toBeGreaterThan(3);
    expect(at('clone').bytes).toBeLessThan(0.05 * 50e9);
    expect(at('clone').why[0]).toMatch(/^only what differs travels: .* against /);
  });

  it('does not take a clone that differs everywhere', () => {
    const sample = {
      ...{ share: 0.9, byBytes: 0.9, clustered: false, rows: 100_000, of: 265_000_000 },
      ...{ tables: 2, skipped: 0 },
    };
    expect(advised({ link: link(10), sample }).best).toBe('backup');
  });

  it('takes the clone where files would be carried by hand', () => {
    expect(advised({ findings: [finding('files-by-hand')] }).best).toBe('clone');
  });

  it('takes change tracking where the edition cannot publish, and log shipping without a clone', () => {
    const web = finding('edition-cannot-publish', ['backup', 'clone', 'snapshot']);
    expect(advised({ findings: [web] }).best).toBe('change-tracking');
    const none = finding('no-clone', ['clone', 'snapshot', 'change-tracking']);
    expect(advised({ findings: [web, none] }).best).toBe('log-shipping');
  });

  it('a schema that cannot be aligned closes the lanes that fill it, with what is in the way', () => {
    const drift = [
      {
        ...{ kind: 'column', subject: 'dbo.Orders.Note', severity: 'blocker' as const },
        ...{ what: 'it is narrower in the clone', aligned: false },
      },
    ];
    const { at } = advised({ drift });
    for (const lane of ['clone', 'snapshot', 'change-tracking'] as const) {
      expect(at(lane).verdict).toBe('closed');
      expect(at(lane).why[0]).toMatch(/^dbo\.Orders\.Note: /);
    }
    expect(at('backup').verdict).toBe('recommended');
  });

  it('says what each leaves out and can lose', () => {
    const { at } = advised({
      backup: { logEveryMinutes: 15 },
      tables: [
        tableFacts('Orders'),
        tableFacts('Secrets', { carriedBy: 'none' }),
        tableFacts('Audit', { key: [], carriedBy: 'reload' }),
        tableFacts('Prices', { carriedBy: 'change-tracking' }),
      ],
    });
    expect(at('clone').leavesOut.join('\n')).toMatch(
      /dbo\.Secrets do not travel[\s\S]*dbo\.Audit \(4\.00 GB\) is copied whole[\s\S]*dbo\.Prices cannot be published/,
    );
    expect(at('change-tracking').leavesOut.join('\n')).not.toMatch(/Prices/);
    expect(at('log-shipping').canLose).toMatch(/every 15m/);
    expect(at('clone').canLose).toMatch(/Log Reader/);
    expect(advised({ distributorAt: 'publisher' }).at('clone').canLose).toMatch(/distributor at the source/);
  });

  it('tells no hours where the link was not measured, and never divides by it', () => {
    const { link: _link, ...rest } = facts();
    for (const each of adviseLanes(rest)) expect(each.hours).toBeUndefined();
    expect(linkRate({ link: link(100), linkLimit: 1000 })).toBe(1000);
  });

  it('where every lane is closed, none is recommended, and each says why', () => {
    const { lanes, best } = advised({ findings: [finding('same-server', LANES)] });
    expect(best).toBeUndefined();
    for (const each of lanes) {
      expect(each).toMatchObject({ verdict: 'closed', why: ['same-server was found: mend same-server'] });
      expect(each.hours).toBeUndefined();
    }
  });

  it('a lane is recommended exactly where one is open, whatever was found and measured', () => {
    const lane = fc.constantFrom(...LANES);
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom('a', 'files-by-hand', 'edition-cannot-publish'), fc.uniqueArray(lane)),
        ),
        fc.option(fc.double({ min: 0, max: 1e10, noNaN: true }), { nil: undefined }),
        fc.option(fc.double({ min: -10, max: 400, noNaN: true }), { nil: undefined }),
        (found, rate, hoursLeft) => {
          const { hoursLeft: _hours, link: _link, ...rest } = facts();
          const lanes = adviseLanes({
            ...rest,
            findings: found.map(([code, closes]) => finding(code, closes)),
            ...(rate === undefined ? {} : { link: { fromPublisher: rate, toSubscriber: rate } }),
            ...(hoursLeft === undefined ? {} : { hoursLeft }),
          });
          const open = lanes.filter(({ verdict }) => verdict !== 'closed');
          expect(lanes.filter(({ verdict }) => verdict === 'recommended')).toHaveLength(
            open.length > 0 ? 1 : 0,
          );
          for (const { hours = 0 } of lanes) expect(Number.isFinite(hours)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what a reconcile moves', () => {
  it('grows with what differs, and is less where that lies together', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        for (const clustered of [true, false])
          expect(movedShare(less, clustered)).toBeLessThanOrEqual(movedShare(more, clustered));
        expect(movedShare(a, true)).toBeLessThanOrEqual(movedShare(a, false));
      }),
    );
  });
});

describe('what the last backups tell', () => {
  const backup = (kind: string, minutesAgo: number, more: object = {}) => ({
    ...{ kind, minutesAgo, copyOnly: false, seconds: 600, bytes: 60e9, device: null, by: null },
    ...more,
  });

  it('the last full one how it compresses and how quick it is, the log how often', () => {
    expect(
      measuredBackup([
        backup('L', 3),
        backup('L', 18),
        backup('L', 33),
        backup('D', 600, { compressed: 15e9 }),
        backup('D', 2000, { compressed: 30e9 }),
      ]),
    ).toEqual({ ratio: 0.25, rate: 1e8, logEveryMinutes: 15 });
  });

  it('one that was not compressed says nothing of compression', () => {
    expect(measuredBackup([backup('D', 1, { compressed: 60e9, seconds: 1 })])).toEqual({});
    expect(measuredBackup([])).toEqual({});
  });
});

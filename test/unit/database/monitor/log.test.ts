import { expect, test } from 'vitest';
import type { Observation } from '../../../../src/database/monitor/observation.ts';
import {
  logTroubles,
  proposesDrop,
  reachesLimitIn,
} from '../../../../src/database/monitor/production-log.ts';
import type { Scene } from '../../../../src/database/stage.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import { sampleOf } from '../../../support/databases.ts';
import { scene } from '../tracking/golden.ts';

const GB = 1e9;
const HOUR = 3_600_000;

/** The plan allows 50 GB. */
const watched = (before?: { readonly at: number; readonly used: number }): Scene => {
  const given = scene('clone', 16, 'Standard Edition');
  if (before === undefined) return given;
  const { at, used } = before;
  const observed = { at, by: 'test', v: 1 as const, seq: 1, sample: sampleOf(at, { logUsedBytes: used }) };
  return { ...given, state: { ...given.state, observed } };
};

const seen = (now: number, log_used: number, reuse_wait = 'REPLICATION'): Observation => ({
  ...{ lane: 'clone', now },
  production: {
    answered: true,
    value: { ...{ now, started_at: 0, reuse_wait, state: 'ONLINE' }, ...{ log_bytes: 90 * GB, log_used } },
  },
  arrived: { answered: false, error: new LandfallError('sql.unreachable', { what: 'gone', next: [] }) },
});

test('it is proposed to drop the publication from the limit on, and only where replication holds the log', () => {
  expect(proposesDrop(watched(), seen(0, 50 * GB - 1))).toBe(false);
  expect(proposesDrop(watched(), seen(0, 50 * GB))).toBe(true);
  expect(proposesDrop(watched(), seen(0, 80 * GB, 'ACTIVE_TRANSACTION'))).toBe(false);
});

test('growth is told from half of the limit on, or where the limit is less than a day away', () => {
  const codes = (given: Scene, at: Observation): string[] => logTroubles(given, at).map(({ code }) => code);
  expect(codes(watched(), seen(0, 24 * GB))).toEqual([]);
  expect(codes(watched(), seen(0, 25 * GB))).toEqual(['log-growing']);
  const before = { at: 0, used: 10 * GB };
  expect(reachesLimitIn(watched(before), seen(HOUR, 20 * GB))).toBe(3 * HOUR);
  expect(codes(watched(before), seen(HOUR, 20 * GB))).toEqual(['log-growing']);
  expect(logTroubles(watched(before), seen(HOUR, 20 * GB))[0]?.what).toContain('in 3 h');
  expect(codes(watched(before), seen(HOUR, 11 * GB))).toEqual([]);
  expect(codes(watched(), seen(0, 50 * GB))).toEqual(['log-limit']);
});

test('two looks within a minute, a log that shrinks, and a nearly empty one predict nothing', () => {
  expect(reachesLimitIn(watched({ at: 0, used: 10 * GB }), seen(59_999, 40 * GB))).toBeUndefined();
  expect(reachesLimitIn(watched({ at: 0, used: 30 * GB }), seen(HOUR, 20 * GB))).toBeUndefined();
  expect(reachesLimitIn(watched({ at: 0, used: 0 }), seen(HOUR, 4 * GB))).toBeUndefined();
});

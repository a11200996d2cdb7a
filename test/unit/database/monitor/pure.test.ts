import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exposureOf, provenOf, wentBack } from '../../../../src/database/monitor/exposure.ts';
import { latencies, stateOf } from '../../../../src/database/monitor/hops.ts';
import { classify, isNewer, isWorthTelling } from '../../../../src/database/monitor/index.ts';
import type { Observation } from '../../../../src/database/monitor/observation.ts';
import { expiresInHours } from '../../../../src/database/monitor/queue.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import { LOG_READER_STOPPED, sampleOf } from '../../../support/databases.ts';

const agent = (overrides: object) => ({
  ...{ hop: 'log-reader' as const, id: 1, agent: 'MIA-1', runstatus: 4, said_at: 0, said: '', error_id: 0 },
  ...{ has_job: true, enabled: true, job: 'MIA-1', running: true },
  ...overrides,
});

describe('what an agent is at', () => {
  test.each([
    ['idle for days is idle', { runstatus: 4, said_at: 0 }, 'idle'],
    ['killed without a word', { runstatus: 3, running: false }, 'stopped'],
    ['failed stays failed', { runstatus: 6, running: false }, 'failed'],
    ['waits for its next try', { runstatus: 5 }, 'retrying'],
    ['begins again', { runstatus: 2 }, 'starting'],
    ['has no job and never spoke', { has_job: false, runstatus: null, running: false }, 'absent'],
    ['an unknown status', { runstatus: 99, running: true }, 'starting'],
  ])('%s', (_, overrides, state) => {
    expect(stateOf(agent(overrides))).toBe(state);
  });
});

test('latency is that of the newest token that has arrived, and never less than nothing', () => {
  const token = (to_distributor: number | null, to_subscriber: number | null) => ({
    ...{ tracer_id: 1, age_seconds: 1, to_distributor, to_subscriber },
  });
  expect(latencies([token(null, null), token(-40, null), token(9, 700)])).toEqual({
    'log-reader': 0,
    distribution: 700,
  });
  expect(latencies([])).toEqual({});
});

const away = {
  answered: false,
  error: new LandfallError('sql.unreachable', { what: 'gone', next: ['look'] }),
} as const;
const at = (now: number, more: Partial<Observation>): Observation => ({
  ...{ lane: 'clone', now, production: away, arrived: away },
  ...more,
});
const production = (now: number) =>
  ({
    answered: true,
    value: { now, started_at: 0, reuse_wait: null, state: 'ONLINE', log_bytes: 1, log_used: 1 },
  }) as const;

describe('exposure', () => {
  const toldAt = (told: number, proven: number, exposureMs: number) => ({
    ...{ at: told, sample: sampleOf(told, { proven: { id: '5', at: proven }, exposureMs }) },
  });

  test('is the publisher’s now minus the proven marker, whatever the clock of the control machine says', () => {
    const seen = at(9_999_999, {
      production: production(10_000),
      arrived: { answered: true, value: { id: '7', at: 4_000 } },
    });
    expect(exposureOf(seen, undefined)).toBe(6_000);
  });

  test('goes on counting when the publisher and the copy are gone', () =>
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e6), fc.nat(1e9), (proven, exposure, later) => {
        const told = 5_000_000;
        const gone = exposureOf(at(told + later, {}), toldAt(told, proven, exposure));
        expect(gone).toBe(exposure + later);
      }),
    ));

  test('of a copy that was restored counts from the older marker', () => {
    const seen = at(0, {
      production: production(10_000),
      arrived: { answered: true, value: { id: '3', at: 1_000 } },
    });
    expect(exposureOf(seen, toldAt(0, 9_000, 100))).toBe(9_000);
    expect(wentBack(provenOf(seen, toldAt(0, 9_000, 100)), { id: '5', at: 9_000 })).toBe(true);
  });

  test('is not known where nothing has ever arrived', () => {
    expect(exposureOf(at(0, { arrived: { answered: true, value: undefined } }), undefined)).toBeUndefined();
  });
});

test('markers are compared as numbers of any length', () => {
  expect(isNewer({ id: '10', at: 0 }, { id: '9', at: 0 })).toBe(true);
  expect(isNewer({ id: '9223372036854775807', at: 0 }, { id: '9223372036854775806', at: 0 })).toBe(true);
  expect(isNewer({ id: '9', at: 0 }, { id: '9', at: 0 })).toBe(false);
});

test('the queue gives up what has waited for as long as it keeps', () => {
  const queue = { bytes: 1, most: null, keeps_hours: 72, waits_minutes: null, status: 2 };
  expect(expiresInHours(queue)).toBe(72);
  expect(expiresInHours({ ...queue, waits_minutes: 90 })).toBe(70.5);
  expect(expiresInHours({ ...queue, waits_minutes: 1e6 })).toBe(0);
  expect(expiresInHours({ ...queue, keeps_hours: null })).toBeUndefined();
});

describe('a sample is worth telling', () => {
  const told = { at: 0, sample: sampleOf(0) };
  test.each([
    ['the first', undefined, sampleOf(0), 0, true],
    ['figures that changed', told, sampleOf(0, { pendingCommands: 99_999 }), 59_999, false],
    ['a minute', told, sampleOf(0), 60_000, true],
    [
      'the first commit that is proven',
      { at: 0, sample: { hops: [], troubles: [], proposeDrop: false } },
      { hops: [], proven: { id: '1', at: 0 }, troubles: [], proposeDrop: false },
      1,
      true,
    ],
    ['a trouble that came', told, sampleOf(0, { troubles: [LOG_READER_STOPPED] }), 1, true],
    [
      'a trouble that went',
      { at: 0, sample: sampleOf(0, { troubles: [LOG_READER_STOPPED] }) },
      sampleOf(0),
      1,
      true,
    ],
    ['the proposal to drop', told, sampleOf(0, { proposeDrop: true }), 1, true],
  ])('%s: %#', (_, before, sample, now, worth) => {
    expect(isWorthTelling(before, sample, now)).toBe(worth);
  });
});

describe('errors of agents', () => {
  test.each([
    [20598, 'row-missing', 'blocker'],
    [2627, 'duplicate-key', 'blocker'],
    [547, 'constraint-at-copy', 'blocker'],
    [544, 'identity-at-copy', 'blocker'],
    [2812, 'procedures-missing', 'blocker'],
    [1205, 'deadlock', 'warning'],
    [18752, 'second-log-reader', 'blocker'],
    [18456, 'agent-login', 'blocker'],
    [21074, 'subscription-expired', 'blocker'],
    [1105, 'distribution-full', 'blocker'],
    [21399, 'seed-refused', 'blocker'],
  ])('%i is %s', (number, code, severity) => {
    expect(classify(number, 'text')).toMatchObject({
      number,
      code,
      severity,
      remedy: expect.stringMatching(/.{20}/),
    });
  });

  test('an unknown one keeps the words of the server, made harmless', () => {
    expect(classify(99, 'a\u001b[2Jb')).toMatchObject({ code: 'agent-error', evidence: ['99: a\\x1b[2Jb'] });
  });
});

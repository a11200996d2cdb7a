import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AwayTally,
  engineerOf,
  missedBy,
  NOBODY_LOOKED,
  tallyAway,
} from '../../../../src/evacuation/engine/away.ts';
import { KEPT } from '../../../../src/evacuation/engine/session.ts';
import type { Event, EventBody } from '../../../../src/journal/events.ts';
import { arbitraryJournal } from '../../../support/events.ts';

const at = (minute: number): number => minute * 60_000;

type Told = readonly [body: EventBody, by?: string];

const events = (told: readonly Told[]): Event[] =>
  told.map(([body, by = 'root@jump1:4711'], index) => ({ ...body, v: 1, seq: index + 1, at: at(index), by }));

const tally = (told: readonly Event[], who = 'dana'): AwayTally =>
  told.reduce((now, event) => tallyAway(now, event, who), NOBODY_LOOKED);

const came: EventBody = { type: 'engineer.attached', client: 'ui' };
const left: EventBody = { type: 'engineer.left', client: 'ui' };
const dana = 'dana@jump1';
const kim = 'kim@jump1';
const passEnded: EventBody = {
  ...{ type: 'pass.ended', machine: 'web1', pass: 1, kind: 'full', mover: 'files', consistency: 'smeared' },
  ...{ startedAt: 0, ms: 1, runs: [], hot: [] },
};

describe('what an engineer missed', () => {
  test('is nothing for one who never looked before, or whose other screen was open all the time', () => {
    expect(missedBy(tally(events([[passEnded], [came, dana]])), 0)).toBeUndefined();
    const twice = events([[came, dana], [left, dana], [passEnded], [came, dana], [came, dana]]);
    expect(missedBy(tally(twice), 0)).toBeUndefined();
    expect(missedBy(tally(twice.slice(0, 4)), 1)).toBeUndefined();
  });

  test.each([
    ['before', 0],
    ['after', 1],
  ])('counts since they left, %s the journal tells that they are back', (_when, back) => {
    const away = events([
      [came, dana],
      [passEnded],
      [left, dana],
      [passEnded],
      [{ type: 'engineer.attached', client: 'cli' }, dana],
      [{ type: 'note.added', text: 'mine' }, dana],
      [{ type: 'engineer.left', client: 'cli' }, dana],
      [{ type: 'note.added', text: 'theirs' }, kim],
      [{ type: 'pass.requested', machine: 'web1', reason: 'x' }],
      [came, dana],
    ]);
    expect(missedBy(tally(away.slice(0, 9 + back)), 0)).toEqual({
      since: at(2),
      passes: 1,
      verified: 0,
      failures: 0,
      orders: ['kim: noted: theirs'],
    });
  });

  test('an engine that died took their look with it', () => {
    const died = events([
      [came, dana],
      [passEnded],
      [{ type: 'evacuation.started', pid: 1, host: 'h', landfall: '0', controlKeys: [] }],
      [passEnded],
      [came, dana],
    ]);
    expect(missedBy(tally(died), 0)).toMatchObject({ since: at(1), passes: 1 });
  });

  test('one order about many machines is one line', () => {
    const request = (machine: string): EventBody => ({ type: 'pass.requested', machine, reason: 'x' });
    const many = events([
      [came, dana],
      [left, dana],
      [request('web1'), kim],
      [request('db1'), kim],
      [request('app1'), kim],
    ]).map(event => ({ ...event, at: Math.min(event.at, at(2)) }));
    expect(missedBy(tally(many), 0)?.orders).toEqual(['kim: one more pass of web1 and others']);
  });

  test('whatever happens: counts never fall, orders stay bounded, and processes are no engineers', () => {
    fc.assert(
      fc.property(arbitraryJournal, sequence => {
        let now = NOBODY_LOOKED;
        for (const event of sequence) {
          now = tallyAway(now, event, 'dana');
          expect(now.looking).toBeGreaterThanOrEqual(0);
          expect(now.since?.orders.length ?? 0).toBeLessThanOrEqual(KEPT.orders);
        }
      }),
    );
    expect([engineerOf('dana@jump1:4711'), engineerOf('dana@jump1'), engineerOf('dana')]).toEqual([
      undefined,
      'dana',
      'dana',
    ]);
  });
});

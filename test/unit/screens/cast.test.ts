import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cast, castShape, castText, recordCast, tightened } from '../../../scripts/screens/cast.ts';

function recorded(limit?: number): Cast {
  let ms = 5_000;
  const recorder = recordCast({
    columns: 80,
    rows: 24,
    title: 'A rehearsal',
    now: () => ms,
    ...(limit === undefined ? {} : { limit }),
  });
  recorder.output('first');
  ms += 100;
  recorder.mark('Sync');
  ms += 60_000;
  recorder.output('second "é"');
  ms += 6;
  recorder.output('third');
  recorder.resize(120, 36);
  return recorder.cast();
}

describe('recordCast', () => {
  it('writes asciicast v2: a header, then what came and when', () => {
    const [header = '', ...events] = castText(recorded()).trimEnd().split('\n');
    expect(JSON.parse(header)).toEqual({
      version: 2,
      width: 80,
      height: 24,
      title: 'A rehearsal',
      env: { TERM: 'xterm-256color' },
    });
    expect(events.map(line => JSON.parse(line))).toEqual([
      [0, 'o', 'first'],
      [0.1, 'm', 'Sync'],
      [60.1, 'o', 'second "é"'],
      [60.106, 'o', 'third'],
      [60.106, 'r', '120x36'],
    ]);
  });

  it('stops at its bound and says so', () => {
    const cast = recorded(12);
    expect(cast.truncated).toBe(true);
    expect(cast.events.map(([, , data]) => data)).toEqual(['first', 'Sync']);
  });

  it('the shape leaves out what differs between two runs', () => {
    expect(castShape(recorded())).toEqual(['80x24 A rehearsal', 'm Sync', 'r 120x36']);
  });
});

describe('tightened', () => {
  it('cuts waiting, plays faster, and joins what came at once', () => {
    const events = tightened(recorded(), { idleLimit: 1, speed: 2 }).events;
    expect(events.map(([seconds, kind, data]) => [Math.round(seconds * 1000), kind, data])).toEqual([
      [0, 'o', 'first'],
      [50, 'm', 'Sync'],
      [550, 'o', 'second "é"third'],
      [553, 'r', '120x36'],
    ]);
  });

  it('loses no byte, never goes back in time, and never waits longer than the limit', () => {
    const someEvents = fc
      .array(fc.tuple(fc.nat(100_000), fc.constantFrom('o', 'm', 'r'), fc.string()))
      .map(list =>
        list
          .map(([ms, kind, data]): [number, 'o' | 'm' | 'r', string] => [ms / 1000, kind, data])
          .sort((a, b) => a[0] - b[0]),
      );
    fc.assert(
      fc.property(someEvents, fc.double({ min: 0.1, max: 5, noNaN: true }), (events, idleLimit) => {
        const cast: Cast = { columns: 80, rows: 24, title: '', truncated: false, events };
        const after = tightened(cast, { idleLimit, speed: 1 }).events;
        const bytes = (list: Cast['events']): string =>
          list.map(([, kind, data]) => (kind === 'o' ? data : '')).join('');
        expect(bytes(after)).toBe(bytes(events));
        for (const [index, [seconds]] of after.entries()) {
          const gap = seconds - (after[index - 1]?.[0] ?? 0);
          expect(gap).toBeGreaterThanOrEqual(0);
          // Pieces that were joined count from the first of them.
          expect(gap).toBeLessThanOrEqual(idleLimit + 1 / 30 + 1e-9);
        }
      }),
    );
  });
});

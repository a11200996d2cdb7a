import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinkRun } from '../../../../src/journal/facts-site.ts';
import { bottleneckOf, type LinkFigures } from '../../../../src/sync/link/bottleneck.ts';

const MB = 1e6;
const run = (streams: number, bytesPerSecond: number, cpu?: number): LinkRun => ({
  ...{ streams, bytes: bytesPerSecond, ms: 1000, bytesPerSecond },
  ...(cpu === undefined ? {} : { cpu }),
});
const of = (figures: LinkFigures) => bottleneckOf(figures).bottleneck;

describe('the bottleneck', () => {
  it.each<[string, LinkFigures, string, RegExp]>([
    ['nothing came', { forth: [] }, 'unknown', /no transfer/],
    ['more streams bring no more', { forth: [run(1, 10 * MB), run(4, 11 * MB)] }, 'link', /no more/],
    [
      'more streams bring much more',
      { forth: [run(1, 10 * MB), run(4, 38 * MB)], roundTripMs: 60 },
      'one-stream',
      /4 together .*round trip 60 ms/,
    ],
    ['an ssh is busy', { forth: [run(1, 200 * MB, 0.95), run(4, 380 * MB)] }, 'cpu', /95% of a CPU/],
    ['a stream is as fast as the cipher', { forth: [run(1, 90 * MB)], cipher: 100 * MB }, 'cpu', /encrypts/],
    ['the target is slower', { forth: [run(1, 90 * MB)], targetWrite: 40 * MB }, 'target-write', /takes/],
    [
      'the source is slowest',
      { forth: [run(1, 90 * MB)], targetWrite: 40 * MB, sourceRead: 30 * MB },
      'source-read',
      /gives/,
    ],
    ['it was held to a limit', { forth: [run(4, 9 * MB)], heldTo: 10 * MB }, 'unknown', /at least/],
    [
      'it does not reach its limit',
      { forth: [run(1, 2 * MB), run(4, 2 * MB)], heldTo: 10 * MB },
      'link',
      /no more/,
    ],
    ['one stream alone failed', { forth: [run(4, 2 * MB)] }, 'unknown', /one stream alone/],
  ])('where %s', (_name, figures, bottleneck, why) => {
    expect(of(figures)).toBe(bottleneck);
    expect(bottleneckOf(figures).why).toMatch(why);
  });

  const rate = fc.integer({ min: 1000, max: 2_000_000_000 });
  const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
  const figures: fc.Arbitrary<LinkFigures> = fc
    .record({
      one: rate,
      four: rate,
      cpu: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
      read: maybe(rate),
      write: maybe(rate),
      cipher: maybe(rate),
      held: maybe(rate),
    })
    .map(({ one, four, cpu, read, write, cipher, held }) => ({
      forth: [run(1, one, cpu), run(4, four)],
      ...(read === undefined ? {} : { sourceRead: read }),
      ...(write === undefined ? {} : { targetWrite: write }),
      ...(cipher === undefined ? {} : { cipher }),
      ...(held === undefined ? {} : { heldTo: held }),
    }));
  const best = ({ forth }: LinkFigures): number => Math.max(...forth.map(each => each.bytesPerSecond));

  it('is a disk exactly where one is slower than the line', () => {
    fc.assert(
      fc.property(figures, each => {
        const ends = [each.sourceRead ?? Infinity, each.targetWrite ?? Infinity];
        const isDisk = ['source-read', 'target-write'].includes(of(each));
        expect(isDisk).toBe(Math.min(...ends) < best(each));
      }),
    );
  });

  it('is the same on a line and hosts that are ten times as fast', () => {
    fc.assert(
      fc.property(figures, each => {
        const ten = (value: number | undefined) => (value === undefined ? undefined : value * 10);
        const [sourceRead, targetWrite, cipher, heldTo] = [
          each.sourceRead,
          each.targetWrite,
          each.cipher,
          each.heldTo,
        ].map(ten);
        const faster: LinkFigures = {
          forth: each.forth.map(one => ({ ...one, bytesPerSecond: one.bytesPerSecond * 10 })),
          ...(sourceRead === undefined ? {} : { sourceRead }),
          ...(targetWrite === undefined ? {} : { targetWrite }),
          ...(cipher === undefined ? {} : { cipher }),
          ...(heldTo === undefined ? {} : { heldTo }),
        };
        expect(of(faster)).toBe(of(each));
      }),
    );
  });

  it('is never guessed where the runs were held down and reached their limit', () => {
    fc.assert(
      fc.property(figures, each => {
        const held = { forth: each.forth, heldTo: best(each) };
        expect(of(held)).toBe('unknown');
      }),
    );
  });
});

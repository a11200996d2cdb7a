import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../../src/journal/events.ts';
import type { PeerFacts } from '../../../src/journal/facts-survey.ts';
import { fold } from '../../../src/journal/fold.ts';
import { linkKey, PEERS_KEPT } from '../../../src/journal/fold-inventory.ts';

const told = (bodies: readonly EventBody[]) =>
  fold(
    bodies.map((body, index) => ({
      ...body,
      v: 1 as const,
      seq: index + 1,
      at: (index + 1) * 1000,
      by: 'engine',
    })),
  );

const peer = (address: string, seen = 1): PeerFacts => ({
  ...{ direction: 'out', protocol: 'tcp', address, port: 5432, seen },
});

const sampled = (peers: PeerFacts[], samples = 4): EventBody => ({
  ...{ type: 'peers.sampled', machine: 'web1', samples, seconds: 4, peers },
});

describe('the wide look in the state', () => {
  it('adds up who was seen, and remembers when first and last', () => {
    const { machines } = told([
      sampled([peer('10.1.0.9', 2), peer('10.1.0.7')]),
      sampled([peer('10.1.0.9', 4)]),
    ]);
    expect(machines['web1']?.peerSamples).toBe(8);
    expect(machines['web1']?.peers?.['out tcp 10.1.0.9:5432']).toMatchObject({
      ...{ seen: 6, firstAt: 1000, lastAt: 2000 },
    });
    expect(machines['web1']?.peers?.['out tcp 10.1.0.7:5432']).toMatchObject({ seen: 1, lastAt: 1000 });
  });

  it('keeps the peers that were seen last, not all of all times', () => {
    const first = Array.from({ length: PEERS_KEPT }, (_, at) => peer(`10.1.${at >> 8}.${at & 255}`));
    const peers = told([sampled(first), sampled([peer('10.9.9.9'), peer('10.1.0.0')])]).machines['web1']
      ?.peers;
    expect(Object.keys(peers ?? {})).toHaveLength(PEERS_KEPT);
    expect(peers?.['out tcp 10.9.9.9:5432']).toBeDefined();
    expect(peers?.['out tcp 10.1.0.0:5432']).toMatchObject({ seen: 2 });
    expect(peers?.['out tcp 10.1.0.1:5432']).toBeUndefined();
  });

  it('keeps the newest of everything else, with its time', () => {
    const survey = { root: true, gaps: [] };
    const state = told([
      { type: 'machine.surveyed', machine: 'web1', survey, digest: 'a' },
      { type: 'drift.seen', subject: 'web1', found: ['disk vdb was added (1 GB)'] },
      {
        ...{ type: 'link.measured', from: 'mia', to: 'dal', forth: [], back: [] },
        ...{ bottleneck: 'unknown', why: 'nothing was measured' },
      },
      { type: 'drift.seen', subject: 'web1', found: [] },
      { type: 'machine.surveyed', machine: 'web1', survey, digest: 'b' },
    ]);
    expect(state.machines['web1']?.surveyed).toEqual({ ...survey, digest: 'b', at: 5000 });
    expect(state.drift?.['web1']).toEqual({ found: [], at: 4000 });
    expect(state.links?.[linkKey('mia', 'dal')]?.at).toBe(3000);
  });

  it('keeps for a day what changed before, and replaces what was told against the same inventory', () => {
    const drift = (...looks: [hours: number, since: number, ...found: string[]][]) =>
      fold(
        looks.map(([hours, since, ...found], at) => ({
          ...({ type: 'drift.seen', subject: 'web1', found, since } as const),
          ...{ v: 1 as const, seq: at + 1, at: hours * 3600e3, by: 'engine' },
        })),
      ).drift?.['web1'];
    expect(drift([1, 7, 'a disk'], [2, 7, 'a disk (1 GB)'])).toEqual({
      ...{ found: ['a disk (1 GB)'], at: 7200e3, since: 7 },
    });
    expect(drift([1, 7, 'a'], [2, 8, 'b'], [3, 9, 'c'])?.earlier?.map(({ found }) => found)).toEqual([
      ['a'],
      ['b'],
    ]);
    expect(drift([1, 7, 'a'], [2, 8, 'b'], [26, 9, 'c'])?.earlier, 'a day is over').toBeUndefined();
    expect(drift([1, 7, 'a'], [2, 7])).toEqual({ found: [], at: 7200e3, since: 7 });
    const many = Array.from({ length: 60 }, (_, at): [number, number, string] => [1, at, `${at}`]);
    expect(drift(...many)?.earlier).toHaveLength(24);
  });
});

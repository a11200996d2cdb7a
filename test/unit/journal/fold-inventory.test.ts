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
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  linkLimitAt,
  machineOrder,
  resolveDeadline,
  sourceSite,
  targetSite,
} from '../../../src/plan/resolve.ts';
import type { Plan } from '../../../src/plan/schema.ts';
import { changed, NOW, SOUND, sound } from './sound-plan.ts';

describe('resolveDeadline', () => {
  it('counts distances from the start and takes instants as they are', () => {
    const plan = sound(changed(['in 4d6h', '2026-11-27T06:00:00-05:00']));
    expect(resolveDeadline(plan, NOW)).toEqual({
      earliestMs: NOW + 76 * 3600_000,
      expectedMs: Date.parse('2026-11-27T11:00:00Z'),
    });
  });
});

it('sites by their role', () => {
  expect([sourceSite(sound(SOUND)), targetSite(sound(SOUND))]).toEqual(['miami', 'dallas']);
});

describe('linkLimitAt', () => {
  const plan = sound(
    changed([
      'limit: 400 Mbit/s }\n',
      'limit: 400 Mbit/s }\n    - { days: [sun], from: "22:00", to: "02:00", limit: 80 Mbit/s }\n    - { days: [mon], from: "01:00", to: "09:00", limit: 160 Mbit/s }\n',
    ]),
  );
  const at = (instant: string): number => ((linkLimitAt(plan, Date.parse(instant)) ?? 0) * 8) / 1e6;

  it.each([
    ['Monday 07:59 is before the window', '2026-11-24T07:59:00-05:00', 800],
    ['Tuesday 08:00 is in it', '2026-11-24T08:00:00-05:00', 400],
    ['Tuesday 17:59 still', '2026-11-24T17:59:59-05:00', 400],
    ['Tuesday 18:00 no longer', '2026-11-24T18:00:00-05:00', 800],
    ['Wednesday has none', '2026-11-25T12:00:00-05:00', 800],
    ['Sunday night', '2026-11-22T23:30:00-05:00', 80],
    ['runs into Monday', '2026-11-23T00:30:00-05:00', 80],
    ['where two overlap the smaller holds', '2026-11-23T01:30:00-05:00', 80],
    ['then the other alone', '2026-11-23T02:00:00-05:00', 160],
    ['and again the smaller of two', '2026-11-23T08:30:00-05:00', 160],
    ['the zone is that of the plan: 12:00 UTC is 08:00 in summer', '2026-07-21T12:00:00Z', 400],
    ['and 07:00 in winter', '2026-11-24T12:00:00Z', 800],
  ])('%s', (_name, instant, wanted) => {
    expect(at(instant)).toBe(wanted);
  });

  it('is undefined where nothing is limited', () => {
    expect(
      linkLimitAt(sound(changed(['  limit: 800 Mbit/s\n', ''])), Date.parse('2026-11-25T12:00:00Z')),
    ).toBeUndefined();
  });
});

describe('machineOrder', () => {
  const base = sound(SOUND);
  const [machine] = Object.values(base.machines);
  type Node = { readonly tier: string; readonly after: string[] };
  function planOf(nodes: Readonly<Record<string, Node>>): Plan {
    if (machine === undefined) throw new Error('the sound plan has machines');
    const machines = Object.fromEntries(
      Object.entries(nodes).map(([name, node]) => [name, { ...machine, ...node }]),
    );
    return { ...base, machines };
  }

  it('goes by what waits, then by tier, then by name', () => {
    const plan = planOf({
      z: { tier: 'critical', after: [] },
      a: { tier: 'normal', after: [] },
      b: { tier: 'critical', after: ['c'] },
      c: { tier: 'normal', after: [] },
    });
    expect(machineOrder(plan)).toEqual(['z', 'a', 'c', 'b']);
  });

  it('sees through databases, which are not in the result', () => {
    const account = {
      address: 'a',
      port: 1433,
      user: 'u',
      password: 'env:P',
      encrypt: 'required',
      trust_certificate: false,
    } as const;
    const plan: Plan = {
      ...planOf({ app: { tier: 'critical', after: ['Orders'] }, disk: { tier: 'normal', after: [] } }),
      databases: {
        Orders: {
          tier: 'normal',
          publisher: account,
          subscriber: account,
          distributor_at: 'auto',
          lane: 'auto',
          production: { maxdop: 2, pause: 0, lock_timeout: 5000, log_limit: 50e9 },
          after: ['disk'],
        },
      },
    };
    expect(machineOrder(plan)).toEqual(['disk', 'app']);
  });

  it('always has every machine once, and none before what it waits for', () => {
    const graph = fc.array(fc.array(fc.nat(9), { maxLength: 4 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(graph, fc.infiniteStream(fc.constantFrom('critical', 'normal')), (edges, tiers) => {
        const nodes: Record<string, Node> = {};
        for (const [index, row] of edges.entries()) {
          // Only on earlier ones: no cycle, as the loader guarantees.
          const after = row.filter(other => other < index).map(other => `m${other}`);
          nodes[`m${index}`] = { tier: tiers.next().value ?? 'normal', after };
        }
        const order = machineOrder(planOf(nodes));
        expect([...order].sort()).toEqual(Object.keys(nodes).sort());
        for (const [name, { after }] of Object.entries(nodes)) {
          for (const other of after) expect(order.indexOf(other)).toBeLessThan(order.indexOf(name));
        }
      }),
    );
  });
});

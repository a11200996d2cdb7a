import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DATE, offsetOf } from '../../../../src/evacuation/surroundings/clocks.ts';
import type { NameResolver } from '../../../../src/evacuation/surroundings/names.ts';
import {
  hostsToAsk,
  LOOK_EVERY_MS,
  type LookParts,
  lookAround,
  Surroundings,
} from '../../../../src/evacuation/surroundings.ts';
import type { EventBody } from '../../../../src/journal/events.ts';
import { EMPTY_STATE, type State } from '../../../../src/journal/state.ts';
import type { Plan } from '../../../../src/plan/schema.ts';
import { ORDERS } from '../../../support/databases.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { scriptedHost } from '../../../support/scripted-host.ts';
import { planOf, Story, T0 } from '../../../support/state.ts';

const SIGNAL = new AbortController().signal;
const RESOLVER: NameResolver = { resolve: async () => ({ answers: ['10.20.0.11'], ttl: 120 }) };

type Answer = (host: string, line: string) => string | undefined;

interface World {
  readonly parts: LookParts;
  readonly asked: string[];
}

/** Hosts whose clock is ahead of ours by so much, and answer nothing else but whether it is synchronised. */
function world(
  overrides: {
    plan?: Plan;
    state?: State;
    env?: Record<string, string>;
    resolver?: NameResolver;
    answer?: Answer;
  } = {},
): World {
  const clock = new ManualClock(T0);
  const asked: string[] = [];
  const answer: Answer =
    overrides.answer ??
    ((_host, line) =>
      line === DATE.join(' ')
        ? `${(T0 + 250) / 1000}\n`
        : line.startsWith('timedatectl')
          ? 'yes\n'
          : undefined);
  const parts: LookParts = {
    plan: { plan: overrides.plan ?? planOf(), file: '/nowhere/plan.yaml' },
    state: () => overrides.state ?? EMPTY_STATE,
    host: async id => {
      asked.push(id);
      return scriptedHost(id, line => answer(id, line));
    },
    resolver: overrides.resolver ?? RESOLVER,
    env: overrides.env ?? {},
    clock,
  };
  return { parts, asked };
}

describe('a look around', () => {
  it('asks every record, every clock and every login once', async () => {
    const { parts, asked } = world();
    expect(await lookAround(parts, SIGNAL)).toEqual({
      type: 'surroundings.observed',
      records: [{ name: 'www.example.com', recordType: 'A', answers: ['10.20.0.11'], ttl: 120 }],
      clocks: ['mia-kvm1', 'dal-kvm1', 'web1'].map(host => ({
        ...{ host, offsetMs: 250, withinMs: 0, synchronised: true },
      })),
      credentials: ['mia-kvm1', 'dal-kvm1', 'web1'].map(host => ({ name: `ssh ${host}`, usable: true })),
    });
    expect(asked).toEqual(['mia-kvm1', 'dal-kvm1', 'web1']);
  });

  it('says of a secret whether it is there, and never what it is', async () => {
    const plan = planOf({ databases: { Orders: ORDERS } });
    const { credentials } = await lookAround(world({ plan, env: { SOURCE: 'hunter2' } }).parts, SIGNAL);
    expect(credentials.slice(0, 2)).toEqual([
      { name: 'env:SOURCE', usable: true },
      { name: 'env:TARGET', usable: false, trouble: 'the environment has no TARGET' },
    ]);
    expect(JSON.stringify(credentials)).not.toContain('hunter2');
  });

  it('goes on where a host, a name or a program fails, and says how', async () => {
    const failing: NameResolver = {
      resolve: () => Promise.reject(Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' })),
    };
    const answer: Answer = (host, line) => {
      if (host === 'web1') return undefined;
      if (line !== DATE.join(' ')) return undefined;
      return host === 'mia-kvm1' ? 'Sun Nov 22\n' : `${T0 / 1000}\n`;
    };
    const seen = await lookAround(world({ resolver: failing, answer }).parts, SIGNAL);
    expect(seen.records).toEqual([
      { name: 'www.example.com', recordType: 'A', answers: [], trouble: 'there is no such name' },
    ]);
    expect(seen.clocks).toEqual([
      { host: 'mia-kvm1', trouble: 'its date could not be read' },
      // A date without a fraction is some moment of that second; a host without systemd says nothing of synchronisation.
      { host: 'dal-kvm1', offsetMs: 500, withinMs: 500 },
      { host: 'web1', trouble: `${DATE.join(' ')} ended with 127` },
    ]);
    expect(seen.credentials.map(({ usable }) => usable)).toEqual([false, true, false]);
  });

  it('asks nothing of a source site that is dark, and no machine that a cutover switched off', () => {
    const plan = planOf();
    const story = new Story(plan).begin();
    expect(hostsToAsk(plan, story.state)).toEqual(['mia-kvm1', 'dal-kvm1', 'web1']);
    const dark = new Story(plan).begin().tell({ type: 'mode.switched', mode: 'dark' });
    expect(hostsToAsk(plan, dark.state)).toEqual(['dal-kvm1']);
    story.tell(
      {
        ...{ type: 'cutover.begun', rehearse: false, dark: false, planHash: 'p', confirmed: 'x' },
        open: [],
      },
      { type: 'cutover.powering-off', machine: 'web1', domain: 'web1', autostart: true },
    );
    expect(hostsToAsk(plan, story.state)).toEqual(['mia-kvm1', 'dal-kvm1']);
  });
});

describe('the offset of a clock', () => {
  it('is never off by more than it says, whenever within the question the host looked', () => {
    const ms = fc.integer({ min: 0, max: 20_000 });
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), ms, ms, (truth, before, after) => {
        const answer = `${((T0 + before + truth) / 1000).toFixed(9)}\n`;
        const measured = offsetOf(answer, T0, T0 + before + after);
        expect(Math.abs((measured?.offsetMs ?? Number.NaN) - truth)).toBeLessThanOrEqual(
          (measured?.withinMs ?? 0) + 1,
        );
      }),
    );
  });

  it('of a second without a fraction is known within half a second and the question', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), within => {
        const measured = offsetOf(`${Math.floor((T0 + within) / 1000)}.%N\n`, T0 + within, T0 + within);
        expect(Math.abs(measured?.offsetMs ?? Number.NaN)).toBeLessThanOrEqual(measured?.withinMs ?? 0);
      }),
    );
  });

  it('is unknown where the answer is no time, or our own clock went back', () => {
    for (const answer of ['', 'now', '-5.0', '1e9', '12 34'])
      expect(offsetOf(answer, T0, T0)).toBeUndefined();
    expect(offsetOf(`${T0 / 1000}.0`, T0, T0 - 1)).toBeUndefined();
  });
});

describe('the watch', () => {
  interface Watched {
    readonly surroundings: Surroundings;
    readonly clock: ManualClock;
    /** Resolves with how many looks were told once there are that many. */
    readonly told: (count: number) => Promise<number>;
    readonly end: () => Promise<void>;
  }

  function watched(): Watched {
    const clock = new ManualClock(T0);
    let count = 0;
    const waiting: { readonly from: number; readonly resolve: (count: number) => void }[] = [];
    const ending = new AbortController();
    const emit = async (_event: EventBody): Promise<void> => {
      count += 1;
      for (const each of waiting) if (count >= each.from) each.resolve(count);
    };
    const { parts } = world();
    const surroundings = new Surroundings({
      ...parts,
      clock,
      emit,
      onTrouble: error => expect(error).toBe('none'),
    });
    const over = surroundings.watch(ending.signal);
    onTestFinished(() => ending.abort());
    return {
      surroundings,
      clock,
      told: from =>
        count >= from
          ? Promise.resolve(count)
          : new Promise(resolve => {
              waiting.push({ from, resolve });
            }),
      end: () => {
        ending.abort();
        return over;
      },
    };
  }

  it('looks at once, when it is told to, and after a quarter of an hour', async () => {
    const { surroundings, clock, told, end } = watched();
    expect(await told(1)).toBe(1);
    surroundings.look();
    expect(await told(2)).toBe(2);
    // It sleeps again once its look is told: only then does the clock move on.
    await new Promise(resolve => setImmediate(resolve));
    clock.advance(LOOK_EVERY_MS - 1);
    await new Promise(resolve => setImmediate(resolve));
    expect(await told(2)).toBe(2);
    clock.advance(1);
    expect(await told(3)).toBe(3);
    await end();
  });

  it('looks once more where it was asked during a look, and ends with the engine', async () => {
    const { surroundings, told, end } = watched();
    surroundings.look();
    expect(await told(2)).toBe(2);
    await end();
    surroundings.look();
    expect(await told(2)).toBe(2);
  });

  it('ends at once although a host never answers, and tells of nothing it did not see', async () => {
    const ending = new AbortController();
    const told: EventBody[] = [];
    const { parts } = world();
    const watch = new Surroundings({
      ...parts,
      host: () => new Promise(() => undefined),
      emit: async event => void told.push(event),
      onTrouble: () => undefined,
    }).watch(ending.signal);
    ending.abort();
    await watch;
    expect(told).toEqual([]);
  });
});

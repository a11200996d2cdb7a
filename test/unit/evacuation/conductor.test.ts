import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LandfallError } from '../../../src/foundation/errors.ts';
import type { Step } from '../../../src/step/step.ts';
import { LINK_RETRY } from '../../../src/sync/retry.ts';
import { conducted, InstantClock, linkLost, MemoryJournal, step } from '../../support/conducted.ts';
import { bodies } from '../journal/bodies.ts';

const threeTimes = {
  attempts: 3,
  pauseMs: (attempt: number) => attempt * 100,
  transient: (error: LandfallError) => error.code === 'ssh.connection-lost',
};

describe('order', () => {
  test('a step starts only after the steps that it needs are done', async () => {
    const { journal, outcome } = await conducted([
      step('c', { needs: ['b'] }),
      step('b', { needs: ['a'] }),
      step('a'),
    ]);
    expect(journal.story()).toEqual([
      'step.started a',
      'step.done a',
      'step.started b',
      'step.done b',
      'step.started c',
      'step.done c',
    ]);
    expect(outcome).toEqual({
      done: ['a', 'b', 'c'],
      failed: [],
      blocked: [],
      held: [],
      cancelled: false,
      idle: false,
    });
  });

  test('steps that appear while others run are picked up', async () => {
    const journal = new MemoryJournal();
    const { outcome } = await conducted(
      ({ state }) => [
        step('s/m/pass-1'),
        ...(state.steps['s/m/pass-1']?.status === 'done'
          ? [step('s/m/pass-2', { needs: ['s/m/pass-1'] })]
          : []),
      ],
      { journal },
    );
    expect(outcome.done).toEqual(['s/m/pass-1', 's/m/pass-2']);
  });

  test('a failure in a rehearsal sent people to the plan file of the lab', async () => {
    for (const lab of [true, false]) {
      const journal = new MemoryJournal();
      await journal.append({ ...bodies.created, name: 'rehearsal-7', lab });
      const next = ['let it end: landfall run PLAN', 'read it: landfall run PLAN --accept-plan'];
      const failing = step('a', {
        run: () => Promise.reject(new LandfallError('sync.target-full', { what: 'full', where: {}, next })),
      });
      await conducted([failing], { journal });
      const failed = journal.events.find(({ type }) => type === 'step.failed');
      expect(failed).toMatchObject({
        error: { next: lab ? ['let it end: landfall rehearse --name rehearsal-7', next[1]] : next },
      });
    }
  });

  test('a pass that failed by one mover is begun by the next one, although it bears the same name', async () => {
    const journal = new MemoryJournal();
    const chosen = (mover: 'files' | 'blocks') =>
      journal.append({
        type: 'mover.chosen',
        machine: 'm',
        mover,
        decided: 'engineer',
        reasons: [],
        against: [],
      });
    await chosen('blocks');
    const byBlocks = step('sync/m/pass-1', {
      run: () => Promise.reject(new LandfallError('blocks.impossible', { what: 'raw', next: [] })),
    });
    const { outcome } = await conducted(
      ({ state }) => [
        state.machines['m']?.mover?.mover === 'blocks' ? byBlocks : step('sync/m/pass-1'),
        ...(state.steps['sync/m/pass-1']?.status === 'failed'
          ? [step('inventory/m/mover', { run: async () => void (await chosen('files')) })]
          : []),
      ],
      { journal },
    );
    expect(outcome).toMatchObject({ done: ['inventory/m/mover', 'sync/m/pass-1'], failed: [], blocked: [] });
    expect(journal.state().machines['m']).not.toHaveProperty('failure');
  });

  test('files that take over from blocks ask again whether the receiver has the replica', async () => {
    const journal = new MemoryJournal();
    const choosing = (mover: 'files' | 'blocks') => () =>
      journal
        .append({ type: 'mover.chosen', machine: 'm', mover, decided: 'fallback', reasons: [], against: [] })
        .then(() => undefined);
    await choosing('files')();
    const byFiles = (number: number, then?: () => Promise<void>) => [
      step('build/m/attach'),
      step(`sync/m/pass-${number}`, {
        needs: ['build/m/attach'],
        ...(then === undefined ? {} : { run: then }),
      }),
    ];
    await conducted(
      ({ state }) => {
        if (state.machines['m']?.mover?.mover === 'blocks')
          return [step('sync/m/pass-2', { run: choosing('files') })];
        return state.steps['sync/m/pass-1'] === undefined || state.steps['sync/m/pass-1'].status === 'running'
          ? byFiles(1, choosing('blocks'))
          : byFiles(3);
      },
      { journal },
    );
    expect(journal.story().filter(each => each.startsWith('step.started'))).toEqual([
      'step.started build/m/attach',
      'step.started sync/m/pass-1',
      'step.started sync/m/pass-2',
      'step.started build/m/attach',
      'step.started sync/m/pass-3',
    ]);
  });

  test('a step that repeats is run whenever it is listed again', async () => {
    const journal = new MemoryJournal();
    const times = (): number => journal.story().filter(each => each === 'step.done cutover/m/quiet').length;
    const quiet = step('cutover/m/quiet', { phase: 'cutover', repeats: true });
    const other = step('cutover/m/undo-quiet', { phase: 'cutover', repeats: true });
    // Taken back once, then done again: as a second cutover would.
    await conducted(
      () => (times() === 0 ? [quiet] : journal.story().length < 4 ? [other] : times() === 1 ? [quiet] : []),
      { journal },
    );
    expect(journal.story().filter(each => each.startsWith('step.done'))).toEqual([
      'step.done cutover/m/quiet',
      'step.done cutover/m/undo-quiet',
      'step.done cutover/m/quiet',
    ]);
  });

  test('a need that the planner no longer lists counts as met when the journal knows it as done', async () => {
    const journal = new MemoryJournal();
    await journal.append({ type: 'step.done', step: 'old', phase: 'build', ms: 1, already: false });
    const { outcome } = await conducted([step('new', { needs: ['old'] })], { journal });
    expect(outcome.done).toEqual(['new']);
  });
});

describe('failure', () => {
  test('the failure of one machine never stops another', async () => {
    const broken = new LandfallError('build.space', { what: 'no room', next: ['make room'] });
    const { outcome, journal } = await conducted([
      step('build/web1/replica', { run: () => Promise.reject(broken) }),
      step('build/web1/receiver', { needs: ['build/web1/replica'] }),
      step('build/db1/replica'),
      step('build/db1/receiver', { needs: ['build/db1/replica'] }),
    ]);
    expect(outcome.done).toEqual(['build/db1/replica', 'build/db1/receiver']);
    expect(outcome.failed).toEqual(['build/web1/replica']);
    expect(outcome.blocked).toEqual(['build/web1/receiver']);
    expect(journal.state().steps['build/web1/replica']?.error?.next).toEqual(['make room']);
  });

  test('what a step has taken apart and not put back is asked again before anything that needs it', async () => {
    let isApart = false;
    const broken = new LandfallError('prove.leftover', { what: 'an overlay is left', next: ['try again'] });
    const pass = step('sync/m/pass-2', {
      needs: ['sync/m/path'],
      resources: [{ key: 'replica:m', units: 1 }],
      run: () => (isApart ? Promise.reject(new Error('wrote into an overlay')) : Promise.resolve()),
    });
    const proof = step('prove/m/proof-1', {
      needs: ['build/m/prepare'],
      resources: [{ key: 'replica:m', units: 1 }],
      disturbs: ['build/m/attach', 'build/m/prepare'],
      run: () => {
        isApart = true;
        return Promise.reject(broken);
      },
    });
    const attach = step('build/m/attach', {
      done: () => Promise.resolve(false),
      run: () => {
        isApart = false;
        return Promise.resolve();
      },
    });
    const { journal, outcome } = await conducted(
      ({ state }) => [
        attach,
        step('build/m/prepare', { needs: ['build/m/attach'] }),
        step('sync/m/path', { needs: ['build/m/prepare'] }),
        // The order to prove came first; the pass was waiting for the replica.
        ...(state.steps['sync/m/path']?.status === 'done' ? [proof, pass] : []),
      ],
      { budget: { limit: () => 1 } },
    );
    expect(outcome.failed).toEqual(['prove/m/proof-1']);
    expect(journal.story().slice(journal.story().indexOf('step.failed prove/m/proof-1'))).toEqual([
      'step.failed prove/m/proof-1',
      'step.started build/m/attach',
      'step.done build/m/attach',
      'step.started build/m/prepare',
      'step.done build/m/prepare',
      'step.started sync/m/path',
      'step.done sync/m/path',
      'step.started sync/m/pass-2',
      'step.done sync/m/pass-2',
    ]);
  });

  test('an error that nobody foresaw is journalled as our bug, not swallowed', async () => {
    const { journal } = await conducted([
      step('x', { run: () => Promise.reject(new TypeError('undefined is not a function')) }),
    ]);
    expect(journal.state().steps['x']?.error).toMatchObject({ code: 'bug', family: 'bug' });
  });

  test('an error while asking the world whether a step is done fails the step', async () => {
    const { outcome } = await conducted([step('x', { done: () => Promise.reject(linkLost()) })]);
    expect(outcome.failed).toEqual(['x']);
  });
});

describe('retry', () => {
  test('is off unless the step asks for it', async () => {
    const { outcome, clock } = await conducted([step('x', { run: () => Promise.reject(linkLost()) })]);
    expect(outcome.failed).toEqual(['x']);
    expect(clock.waits).toEqual([]);
  });

  test('tries as often as the policy says, with its pauses, then fails', async () => {
    let runs = 0;
    const { journal, clock } = await conducted([
      step('x', {
        retry: threeTimes,
        run: () => {
          runs += 1;
          return Promise.reject(linkLost());
        },
      }),
    ]);
    expect(runs).toBe(3);
    expect(clock.waits).toEqual([200, 300]);
    expect(journal.state().steps['x']).toMatchObject({ status: 'failed', attempts: 3 });
  });

  test.each([
    ['30 s', 30_000],
    ['10 min', 600_000],
    ['5 h', 5 * 3_600_000],
  ])('a pass outlives a line that is cut for %s, by itself', async (_name, outage) => {
    const clock = new InstantClock();
    const { outcome } = await conducted(
      [
        step('sync/web1/pass-2', {
          phase: 'sync',
          retry: LINK_RETRY,
          run: () => (clock.now() < outage ? Promise.reject(linkLost()) : Promise.resolve()),
        }),
      ],
      { clock },
    );
    expect(outcome).toMatchObject({ done: ['sync/web1/pass-2'], failed: [] });
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(60_000);
  });

  test('an error that is not transient ends it at once', async () => {
    let runs = 0;
    const full = new LandfallError('sync.target-full', { what: 'full', next: ['make room'] });
    await conducted([
      step('x', {
        retry: threeTimes,
        run: () => {
          runs += 1;
          return Promise.reject(full);
        },
      }),
    ]);
    expect(runs).toBe(1);
  });
});

describe('resume', () => {
  test('what the world says is done is not run again', async () => {
    const { journal, outcome } = await conducted([
      step('x', { done: () => Promise.resolve(true), run: () => Promise.reject(new Error('ran')) }),
    ]);
    expect(journal.story()).toEqual(['step.done x']);
    expect(journal.events[0]).toMatchObject({ already: true });
    expect(outcome.idle).toBe(true);
  });

  test('what the journal calls done is asked again, because the world may have changed', async () => {
    const journal = new MemoryJournal();
    await journal.append({ type: 'step.done', step: 'x', phase: 'build', ms: 1, already: false });
    const { outcome } = await conducted([step('x', { done: () => Promise.resolve(false) })], { journal });
    expect(outcome.done).toEqual(['x']);
    expect(journal.story()).toEqual(['step.done x', 'step.started x', 'step.done x']);
  });
});

describe('cancel', () => {
  test('nothing new starts, what runs is told, and it is journalled as cancelled', async () => {
    const abort = new AbortController();
    const { outcome, journal } = await conducted(
      [
        step('running', {
          run: (_context, signal) => {
            abort.abort();
            return Promise.reject(signal.reason);
          },
        }),
        step('later', { needs: ['running'] }),
      ],
      { signal: abort.signal },
    );
    expect(outcome).toMatchObject({ cancelled: true, failed: [], done: [] });
    expect(journal.story()).toEqual(['step.started running', 'step.cancelled running']);
  });
});

describe('a journal that cannot be written', () => {
  test('ends the run: whatever still runs is stopped, and the error comes out', async () => {
    const journal = new MemoryJournal();
    const unwritable = new LandfallError('state.unwritable', { what: 'disk full', next: ['make room'] });
    let stopped = false;
    const steps = [
      step('long', {
        run: (_context, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              stopped = true;
              reject(signal.reason);
            });
          }),
      }),
      step('short', { run: () => Promise.reject(unwritable) }),
    ];
    await expect(conducted(steps, { journal })).rejects.toBe(unwritable);
    expect(stopped).toBe(true);
  });
});

describe('budget', () => {
  test('holds for every order of arrival and every size, and everything runs in the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            key: fc.constantFrom('link', 'host:a', 'host:b'),
            units: fc.integer({ min: 1, max: 5 }),
          }),
          { maxLength: 25 },
        ),
        async wishes => {
          const used = new Map<string, number>();
          const limits: Record<string, number> = { link: 3, 'host:a': 1, 'host:b': 2 };
          const steps: Step[] = wishes.map(({ key, units }, i) =>
            step(`s${i}`, {
              resources: [{ key, units }],
              run: async () => {
                const now = (used.get(key) ?? 0) + units;
                used.set(key, now);
                // Alone it may be larger than the budget; together never.
                if (now > (limits[key] ?? 0) && now !== units) throw new Error(`over budget: ${key} ${now}`);
                await Promise.resolve();
                used.set(key, (used.get(key) ?? 0) - units);
              },
            }),
          );
          const { outcome } = await conducted(steps, { budget: { limit: key => limits[key] ?? 0 } });
          expect(outcome.failed).toEqual([]);
          expect(outcome.done.length).toBe(wishes.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

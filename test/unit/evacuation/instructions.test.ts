import { describe, expect, test } from 'vitest';
import type { NextWhenIdle } from '../../../src/evacuation/conductor.ts';
import { ControlDesk } from '../../../src/evacuation/instructions.ts';
import { asLandfallError, LandfallError } from '../../../src/foundation/errors.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import type { Step } from '../../../src/step/step.ts';
import { conducted, linkLost, MemoryJournal, step } from '../../support/conducted.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const CREATED: EventBody = {
  type: 'evacuation.created',
  name: 'test',
  planHash: 'h',
  rehearsal: true,
  lab: true,
  landfall: '0',
  deadline: { earliest: 1, expected: 2 },
  machines: ['web1', 'db1'],
  databases: [],
};

async function begun(): Promise<MemoryJournal> {
  const journal = new MemoryJournal();
  await journal.append(CREATED);
  return journal;
}

/** Runs until its signal fires or it is let go. */
function gated(id: string, options: Partial<Step> = {}) {
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const held = step(id, {
    run: (_context, signal) => {
      runs += 1;
      started.resolve();
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        void gate.promise.then(resolve);
      });
    },
    ...options,
  });
  return { step: held, started: started.promise, release: gate.resolve, runs: () => runs };
}

const failure = (): LandfallError => new LandfallError('build.space', { what: 'full', next: ['make room'] });

describe('holds', () => {
  test('nothing starts while the evacuation is paused; the outcome says what waits', async () => {
    const journal = await begun();
    await journal.append({ type: 'evacuation.paused' });
    const { outcome } = await conducted(
      [step('build/web1/a'), step('build/web1/b', { needs: ['build/web1/a'] })],
      {
        journal,
      },
    );
    expect(outcome).toMatchObject({
      done: [],
      failed: [],
      blocked: [],
      held: ['build/web1/a', 'build/web1/b'],
    });
    expect(journal.story()).toEqual([]);
  });

  test('a paused machine and a held stage wait alone; what failed before them is blocked, not held', async () => {
    const journal = await begun();
    await journal.append({ type: 'machine.paused', machine: 'web1' });
    await journal.append({ type: 'stages.held', phases: ['sync'] });
    const { outcome } = await conducted(
      [
        step('build/web1/a'),
        step('build/db1/a'),
        step('sync/db1/a', { phase: 'sync', needs: ['build/db1/a'] }),
        step('build/mail1/a', { run: () => Promise.reject(failure()) }),
        step('sync/mail1/a', { phase: 'sync', needs: ['build/mail1/a'] }),
      ],
      { journal },
    );
    expect(outcome).toMatchObject({
      done: ['build/db1/a'],
      failed: ['build/mail1/a'],
      blocked: ['sync/mail1/a'],
      held: ['build/web1/a', 'sync/db1/a'],
    });
  });

  test('cleaning up is never held', async () => {
    const journal = await begun();
    await journal.append({ type: 'evacuation.paused' });
    await journal.append({ type: 'stages.held', phases: ['cutover'] });
    const { outcome } = await conducted([step('cutover/web1/clean', { phase: 'cutover' })], { journal });
    expect(outcome.done).toEqual(['cutover/web1/clean']);
  });
});

describe('instructions', () => {
  test('an interrupted step is stopped on its hosts, journalled as cancelled, and begins again when it may', async () => {
    const journal = await begun();
    const controls = new ControlDesk();
    const halts: string[] = [];
    const over: string[] = [];
    const copy = gated('sync/web1/pass-1', { halt: async () => void halts.push('stopped') });
    const running = conducted([copy.step, step('sync/db1/pass-1')], {
      journal,
      controls,
      onOver: id => over.push(id),
      nextWhenIdle: async outcome => (outcome.held.length > 0 ? 'wait' : 'end'),
    });
    await copy.started;
    await journal.append({ type: 'machine.paused', machine: 'web1' });
    controls.interrupt(({ subject }) => subject === 'web1', 'paused by dana');
    await expect.poll(() => over.includes('sync/web1/pass-1')).toBe(true);
    expect(halts).toEqual(['stopped']);
    expect(journal.story().at(-1)).toBe('step.cancelled sync/web1/pass-1');
    expect(copy.runs()).toBe(1);

    copy.release();
    await journal.append({ type: 'machine.resumed', machine: 'web1' });
    controls.wake();
    const { outcome } = await running;
    expect(outcome).toMatchObject({ held: [], failed: [], cancelled: false });
    expect(copy.runs()).toBe(2);
  });

  test('a held step that waits for its next attempt is given up at once, without another question', async () => {
    const journal = await begun();
    const controls = new ControlDesk();
    let asked = 0;
    const waiting = step('build/web1/prepare', {
      retry: { attempts: 8, pauseMs: () => 60_000, transient: () => true },
      done: async () => {
        asked += 1;
        return false;
      },
      run: () => Promise.reject(linkLost()),
    });
    const clock = new ManualClock();
    const running = conducted([waiting], { journal, controls, clock });
    await expect.poll(() => journal.story().at(-1)).toBe('step.retrying build/web1/prepare');
    await journal.append({ type: 'machine.paused', machine: 'web1' });
    controls.wake();
    const { outcome } = await running;
    expect(outcome.held).toEqual(['build/web1/prepare']);
    expect(asked).toBe(1);
    expect(journal.story().at(-1)).toBe('step.cancelled build/web1/prepare');
  });

  test('an order that arrives in the moment of the end is carried out before it', async () => {
    const controls = new ControlDesk();
    const first = step('sync/web1/pass-1');
    const second = step('sync/web1/pass-2');
    const steps = [first];
    let asked = 0;
    const { outcome } = await conducted(() => steps, {
      controls,
      nextWhenIdle: async () => 'end',
      mayEnd: () => {
        asked += 1;
        if (asked > 1) return true;
        // The order has been taken and is being written: it is carried out a moment later.
        setImmediate(() => {
          steps.push(second);
          controls.wake();
        });
        return false;
      },
    });
    expect(outcome.done).toEqual(['sync/web1/pass-1', 'sync/web1/pass-2']);
    expect(asked).toBe(2);
  });

  test('the end of landfall stops nothing on hosts', async () => {
    const stop = new AbortController();
    let halts = 0;
    const halt = async (): Promise<void> => {
      halts += 1;
    };
    const copy = gated('sync/web1/pass-1', { halt });
    const running = conducted([copy.step], { signal: stop.signal });
    await copy.started;
    stop.abort();
    expect((await running).outcome.cancelled).toBe(true);
    expect(halts).toBe(0);
  });

  test('a pause that cannot be carried out is tried as the step would be, then it fails with the reason', async () => {
    const journal = await begun();
    const controls = new ControlDesk();
    let halts = 0;
    const copy = gated('sync/web1/pass-1', {
      retry: { attempts: 3, pauseMs: () => 1000, transient: error => error.code === 'ssh.connection-lost' },
      halt: () => {
        halts += 1;
        return Promise.reject(linkLost());
      },
    });
    const running = conducted([copy.step], { journal, controls });
    await copy.started;
    await journal.append({ type: 'machine.paused', machine: 'web1' });
    controls.interrupt(() => true, 'paused by dana');
    const { outcome, clock } = await running;
    expect(outcome.failed).toEqual(['sync/web1/pass-1']);
    expect(halts).toBe(3);
    expect(clock.waits).toEqual([1000, 1000]);
    expect(journal.events.at(-1)).toMatchObject({
      type: 'step.failed',
      error: { code: 'ssh.connection-lost' },
    });
  });

  test('a pause that an earlier process did not carry out is carried out once', async () => {
    const journal = await begun();
    await journal.append({ type: 'step.started', step: 'sync/web1/pass-1', phase: 'sync', attempt: 1 });
    await journal.append({ type: 'step.cancelled', step: 'sync/web1/pass-1', phase: 'sync' });
    await journal.append({ type: 'machine.paused', machine: 'web1' });
    let halts = 0;
    const halt = async (): Promise<void> => {
      halts += 1;
    };
    const { outcome } = await conducted([step('sync/web1/pass-1', { halt }), step('build/db1/a')], {
      journal,
    });
    expect(halts).toBe(1);
    expect(outcome.held).toEqual(['sync/web1/pass-1']);
  });

  test('a retried step runs again, what it needs is asked again, and what it blocked follows', async () => {
    const journal = await begun();
    const controls = new ControlDesk();
    let asked = 0;
    let runs = 0;
    const steps = [
      step('build/web1/a', {
        done: () => {
          asked += 1;
          return Promise.resolve(asked > 1);
        },
      }),
      step('build/web1/b', {
        needs: ['build/web1/a'],
        run: () => {
          runs += 1;
          return runs === 1 ? Promise.reject(failure()) : Promise.resolve();
        },
      }),
      step('build/web1/c', { needs: ['build/web1/b'] }),
      step('build/db1/a', { done: () => Promise.resolve(true) }),
    ];
    const { outcome } = await conducted(steps, {
      journal,
      controls,
      nextWhenIdle: async ({ failed, blocked }) => {
        if (failed.length === 0) return 'end';
        expect({ failed, blocked }).toEqual({ failed: ['build/web1/b'], blocked: ['build/web1/c'] });
        controls.retry(failed);
        return 'wait';
      },
    });
    expect(outcome).toMatchObject({ failed: [], blocked: [] });
    expect(outcome.done.toSorted()).toEqual(['build/db1/a', 'build/web1/a', 'build/web1/b', 'build/web1/c']);
    expect({ asked, runs }).toEqual({ asked: 2, runs: 2 });
  });

  test('a cancellation that nobody ordered is a failure, not an endless loop', async () => {
    const { outcome } = await conducted([
      step('build/web1/a', {
        run: () => Promise.reject(asLandfallError(new DOMException('gone', 'AbortError'))),
      }),
    ]);
    expect(outcome.failed).toEqual(['build/web1/a']);
  });
});

describe('idleness', () => {
  test('events of the answer are journalled and looked at; then it is asked again', async () => {
    const journal = await begun();
    const answers: Awaited<ReturnType<NextWhenIdle>>[] = [[{ type: 'note.added', text: 'go' }], 'end'];
    const { outcome } = await conducted(
      ({ state }) => ((state.evacuation?.notes.length ?? 0) > 0 ? [step('build/web1/a')] : []),
      { journal, nextWhenIdle: async () => answers.shift() ?? 'end' },
    );
    expect(outcome.done).toEqual(['build/web1/a']);
    expect(answers).toEqual([]);
  });

  test('events that set nothing going are not asked for again and again', async () => {
    const journal = await begun();
    const stop = new AbortController();
    let asked = 0;
    const running = conducted([], {
      journal,
      signal: stop.signal,
      nextWhenIdle: async () => {
        asked += 1;
        setImmediate(() => stop.abort());
        return [{ type: 'note.added', text: 'still nothing' }];
      },
    });
    expect((await running).outcome.cancelled).toBe(true);
    expect(asked).toBe(1);
  });

  test('an answer that comes after an instruction no longer counts', async () => {
    const journal = await begun();
    const controls = new ControlDesk();
    const late = Promise.withResolvers<readonly EventBody[]>();
    const signals: AbortSignal[] = [];
    const asked = Promise.withResolvers<void>();
    const running = conducted([], {
      journal,
      controls,
      nextWhenIdle: (_outcome, _state, signal) => {
        signals.push(signal);
        asked.resolve();
        return signals.length === 1 ? late.promise : Promise.resolve('end');
      },
    });
    await asked.promise;
    controls.wake();
    await running;
    late.resolve([{ type: 'note.added', text: 'too late' }]);
    expect(signals.map(signal => signal.aborted)).toEqual([true, true]);
    expect(journal.events.map(({ type }) => type)).toEqual(['evacuation.created']);
  });

  test('a question that fails ends the run with its error', async () => {
    await expect(
      conducted([], { nextWhenIdle: () => Promise.reject(new RangeError('no schedule')) }),
    ).rejects.toThrow('no schedule');
  });
});

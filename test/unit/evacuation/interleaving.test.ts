import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canBeStopped } from '../../../src/evacuation/engine/orders/decision.ts';
import { holdOf, isHeld } from '../../../src/evacuation/held.ts';
import { ControlDesk } from '../../../src/evacuation/instructions.ts';
import { LandfallError } from '../../../src/foundation/errors.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import type { Step } from '../../../src/step/step.ts';
import { conducted, linkLost, MemoryJournal, step } from '../../support/conducted.ts';

const MACHINES = ['app1', 'db1', 'web1'];

type Op = {
  readonly what: 'pause' | 'resume' | 'retry';
  readonly machine: string | undefined;
  readonly turns: number;
};

const op: fc.Arbitrary<Op> = fc.record({
  what: fc.constantFrom<Op['what']>('pause', 'pause', 'resume', 'resume', 'retry'),
  machine: fc.constantFrom(undefined, ...MACHINES),
  turns: fc.nat({ max: 4 }),
});

interface Nature {
  readonly asks: number;
  readonly turns: number;
  readonly ends: readonly ('well' | 'link' | 'failure')[];
  readonly halting: 'none' | 'well' | 'link';
}

/** How a step behaves: turns that its question and each run take, and how its first runs end. */
const nature: fc.Arbitrary<Nature> = fc.record({
  asks: fc.nat({ max: 2 }),
  turns: fc.nat({ max: 5 }),
  ends: fc.array(fc.constantFrom<Nature['ends'][number]>('well', 'link', 'failure'), { maxLength: 3 }),
  halting: fc.constantFrom<Nature['halting']>('none', 'well', 'link'),
});

/** Watches every start: nothing that is held, and nothing twice at once. */
class Watched {
  readonly journal = new (class extends MemoryJournal {
    readonly wrong: string[] = [];

    override append(body: EventBody): Promise<void> {
      if (body.type === 'step.started') {
        const [, subject = ''] = body.step.split('/');
        if (isHeld({ id: body.step, phase: 'sync', subject }, this.state()))
          this.wrong.push(`${body.step} was started while it was held`);
      }
      return super.append(body);
    }
  })();
  readonly running = new Set<string>();
  readonly done = new Set<string>();
  readonly wrong: string[] = [];

  steps(natures: readonly Nature[]): Step[] {
    return MACHINES.flatMap((machine, m) =>
      ['a', 'b', 'c'].map((name, s) => {
        const { asks, turns, ends, halting } = natures[(m * 3 + s) % natures.length] ?? SIMPLE;
        const id = `sync/${machine}/${name}`;
        let runs = 0;
        let halts = 0;
        return step(id, {
          phase: 'sync',
          needs: s === 0 ? [] : [`sync/${machine}/${'abc'[s - 1]}`],
          retry: { attempts: 2, pauseMs: () => 1, transient: error => error.code === 'ssh.connection-lost' },
          done: async () => {
            for (let left = asks; left > 0; left -= 1) await turn();
            return this.done.has(id);
          },
          run: async (_context, signal) => {
            if (this.running.has(id)) this.wrong.push(`${id} twice at once`);
            if (this.done.has(id)) this.wrong.push(`${id} after its end`);
            this.running.add(id);
            try {
              for (let left = turns; left > 0; left -= 1) {
                await turn();
                signal.throwIfAborted();
              }
              const end = ends[runs] ?? 'well';
              runs += 1;
              if (end === 'link') throw linkLost();
              if (end === 'failure')
                throw new LandfallError('build.space', { what: 'full', next: ['make room'] });
              this.done.add(id);
            } finally {
              this.running.delete(id);
            }
          },
          ...(halting === 'none'
            ? {}
            : {
                halt: async () => {
                  if (this.running.has(id)) this.wrong.push(`${id} halted while it runs`);
                  await turn();
                  halts += 1;
                  if (halting === 'link' && halts === 1) throw linkLost();
                },
              }),
        });
      }),
    );
  }
}

const SIMPLE: Nature = { asks: 0, turns: 0, ends: [], halting: 'none' };

const orderFor = ({ what, machine }: Op): EventBody => {
  if (machine === undefined) return { type: what === 'pause' ? 'evacuation.paused' : 'evacuation.resumed' };
  return { type: what === 'pause' ? 'machine.paused' : 'machine.resumed', machine };
};

test('whatever is ordered when: no held step starts, none is lost, none runs twice at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(op, { maxLength: 12 }),
      fc.array(nature, { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 4 }),
      async (ops, natures, budget) => {
        const watched = new Watched();
        const { journal } = watched;
        await journal.append({
          type: 'evacuation.created',
          name: 'test',
          planHash: 'h',
          rehearsal: true,
          lab: true,
          landfall: '0',
          deadline: { earliest: 1, expected: 2 },
          machines: MACHINES,
          databases: [],
        });
        const controls = new ControlDesk();
        let isCalm = false;
        const steps = watched
          .steps(natures)
          .map(each => ({ ...each, resources: [{ key: 'link', units: 1 }] }));
        const ended = conducted(steps, {
          journal,
          controls,
          budget: { limit: () => budget },
          nextWhenIdle: async ({ failed, held }) => {
            if (!isCalm) return 'wait';
            if (failed.length + held.length === 0) return 'end';
            controls.retry(failed);
            return 'wait';
          },
        });
        const failedNow = (): string[] =>
          Object.values(journal.state().steps).flatMap(({ id, status }) => (status === 'failed' ? [id] : []));
        for (const each of ops) {
          for (let left = each.turns; left > 0; left -= 1) await turn();
          if (each.what === 'retry') {
            controls.retry(failedNow());
            continue;
          }
          await journal.append(orderFor(each));
          if (each.what === 'pause')
            controls.interrupt(
              one => canBeStopped(one) && holdOf(one, journal.state())?.kind === 'paused',
              'paused',
            );
          controls.wake();
        }
        for (const machine of [undefined, ...MACHINES])
          await journal.append(orderFor({ what: 'resume', machine, turns: 0 }));
        isCalm = true;
        controls.wake();
        const { outcome } = await ended;
        expect([...watched.wrong, ...journal.wrong]).toEqual([]);
        expect(watched.running.size).toBe(0);
        expect([...watched.done].toSorted()).toEqual(steps.map(({ id }) => id).toSorted());
        expect(outcome).toMatchObject({ failed: [], blocked: [], held: [], cancelled: false });
      },
    ),
    { numRuns: 150 },
  );
});

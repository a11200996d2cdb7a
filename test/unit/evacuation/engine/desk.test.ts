import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, commandSchema, type Reply } from '../../../../src/evacuation/engine/command.ts';
import { Desk } from '../../../../src/evacuation/engine/desk.ts';
import { LONGEST_WAIVER_MS } from '../../../../src/evacuation/engine/orders/gates.ts';
import type { Controls } from '../../../../src/evacuation/instructions.ts';
import { type Event, type EventBody, eventBody } from '../../../../src/journal/events.ts';
import { STORM_MODES } from '../../../../src/journal/events-cutover.ts';
import { fold } from '../../../../src/journal/fold.ts';
import type { State } from '../../../../src/journal/state.ts';
import type { Step } from '../../../../src/step/step.ts';
import { step } from '../../../support/conducted.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story } from '../../../support/state.ts';

const PLAN = planOf({ machines: { db1: machinePlan(), web1: machinePlan() } });
const DANA = 'dana@jump1';

/** A desk over a story, and what it told the conductor. */
class Counter {
  readonly told: string[] = [];
  readonly events: Event[];
  readonly desk: Desk;
  now: number;
  interrupted: ((step: Step) => boolean) | undefined;

  constructor(story: Story, steps: readonly Step[] = []) {
    this.events = [...story.events];
    this.now = story.now;
    const controls: Controls = {
      wake: () => void this.told.push('wake'),
      retry: ids => void this.told.push(`retry ${ids.join()}`),
      recheck: subjects => void this.told.push(`recheck ${subjects.join()}`),
      interrupt: (which, reason) => {
        this.interrupted = which;
        this.told.push(`interrupt: ${reason}`);
      },
    };
    this.desk = new Desk({
      plan: story.plan,
      clock: { now: () => this.now, monotonic: () => this.now, sleep: () => Promise.resolve() },
      journal: { state: () => this.state, append: (bodies, by) => this.append(bodies, by) },
      steps: () => steps,
      controls,
      stop: () => void this.told.push('stop'),
    });
  }

  get state(): State {
    return fold(this.events);
  }

  append(bodies: readonly EventBody[], by: string): Promise<void> {
    for (const body of bodies)
      this.events.push({ ...eventBody.parse(body), v: 1, seq: this.events.length + 1, at: this.now, by });
    return Promise.resolve();
  }

  order(command: Command, by = DANA): Promise<Reply> {
    return this.desk.order(command, by);
  }

  async said(command: Command, by = DANA): Promise<string> {
    const reply = await this.order(command, by);
    if (!reply.ok) throw new Error(`refused: ${reply.error.what}`);
    return reply.said;
  }

  async refused(command: Command) {
    const reply = await this.order(command);
    if (reply.ok) throw new Error(`accepted: ${reply.said}`);
    return reply.error;
  }

  /** The types of what was journalled after the story, and by whom. */
  journalled(story: Story): string[] {
    return this.events.slice(story.events.length).map(({ type, by }) => `${type} ${by}`);
  }
}

const copying = (): Story =>
  new Story(PLAN)
    .begin()
    .evacuate('web1')
    .observe('db1')
    .build('db1')
    .startPass('db1', 1)
    .tell({ type: 'step.started', step: 'sync/db1/pass-1', phase: 'sync', attempt: 1 });

/** Its pass can be stopped. */
const PASS = step('sync/db1/pass-1', { phase: 'sync', halt: () => Promise.resolve() });

describe('pause and resume', () => {
  test('a machine: what runs is stopped, twice says so, and resuming tells for how long it was', async () => {
    const story = copying();
    const desk = new Counter(story, [PASS]);
    expect(await desk.said({ kind: 'pause', machine: 'db1', reason: 'backup' })).toBe(
      'db1 is paused; 1 running step is being stopped, and what has arrived stays.',
    );
    expect(desk.told).toEqual(['interrupt: paused by dana@jump1', 'wake']);
    expect(desk.interrupted?.(PASS)).toBe(true);
    expect(desk.interrupted?.({ ...PASS, id: 'sync/web1/pass-3', subject: 'web1' })).toBe(false);
    desk.now += 12 * MINUTE;
    expect(await desk.said({ kind: 'pause', machine: 'db1' }, 'kim@jump2')).toBe(
      'db1 is paused by dana@jump1 (backup) already, for 12m00s.',
    );
    expect(await desk.said({ kind: 'resume', machine: 'db1' })).toBe('db1 goes on after 12m00s.');
    expect(await desk.said({ kind: 'resume', machine: 'db1' })).toBe('db1 is not paused.');
    expect(desk.journalled(story)).toEqual(['machine.paused dana@jump1', 'machine.resumed dana@jump1']);
  });

  test('everything: a machine paused by itself stays so, and each says what else holds it', async () => {
    const desk = new Counter(copying(), [PASS]);
    expect(await desk.said({ kind: 'pause', machine: 'web1' })).toBe(
      'web1 is paused; nothing of it was running.',
    );
    expect(await desk.said({ kind: 'pause' })).toMatch(/^the evacuation is paused; 1 running step/);
    expect(desk.interrupted?.({ ...PASS, id: 'sync/mia-kvm1/pass-1', subject: 'mia-kvm1' })).toBe(true);
    expect(desk.interrupted?.({ ...PASS, id: 'cutover/web1/clean', subject: 'web1' })).toBe(false);
    expect(await desk.said({ kind: 'resume', machine: 'db1' })).toBe(
      'db1 is not paused by itself: the whole evacuation is paused by dana@jump1.',
    );
    expect(await desk.said({ kind: 'resume' })).toBe(
      'the evacuation goes on after 0.0s; web1 stays paused, each by an order of its own.',
    );
  });

  test('what cannot be stopped in the middle comes to its end: a disk is never formatted twice at once', async () => {
    const formatting = (machine: string) => ({
      type: 'step.started' as const,
      step: `build/${machine}/prepare`,
      phase: 'build',
      attempt: 1,
    });
    const prepare = step('build/web1/prepare');
    const alone = new Counter(copying().tell(formatting('web1')), [PASS, prepare]);
    expect(await alone.said({ kind: 'pause', machine: 'web1' })).toBe(
      'web1 is paused; 1 running step comes to its end first.',
    );
    expect(alone.interrupted?.(prepare)).toBe(false);
    const both = new Counter(copying().tell(formatting('web1'), formatting('db1')), [PASS, prepare]);
    expect(await both.said({ kind: 'pause' })).toBe(
      'the evacuation is paused; 1 running step is being stopped, and what has arrived stays; 2 more steps come to their end first.',
    );
  });

  test('what failed since the pause is tried again with the resume', async () => {
    const story = copying().tell({ type: 'machine.paused', machine: 'db1' }).wait(MINUTE).fail('db1');
    const desk = new Counter(story, [step('sync/db1/pass')]);
    await desk.said({ kind: 'resume', machine: 'db1' });
    expect(desk.told).toEqual(['retry sync/db1/pass', 'wake']);
    expect(desk.journalled(story)).toEqual(['machine.resumed dana@jump1', 'step.retry-requested dana@jump1']);
  });

  test('an unknown machine is refused with the one that was meant', async () => {
    expect(await new Counter(copying()).refused({ kind: 'pause', machine: 'wev1' })).toMatchObject({
      code: 'command.refused',
      what: 'the plan has no machine called wev1',
      next: ['did you mean "web1"?'],
    });
  });
});

describe('sync, retry and throttle', () => {
  test('one more pass where there was one; what failed is tried again', async () => {
    const story = copying().fail('db1');
    const desk = new Counter(story, [step('sync/db1/pass')]);
    expect(await desk.said({ kind: 'sync' })).toBe(
      'one more pass of 1 machine; 1 failed step tried again; 1 machine still before the end of the first pass.',
    );
    expect(desk.told).toEqual(['recheck web1', 'retry sync/db1/pass', 'wake']);
    expect(desk.state.machines['web1']?.requested).toMatchObject({ reason: 'ordered by dana@jump1' });
    expect(await desk.said({ kind: 'sync', machine: 'web1' })).toBe('1 had been asked for already.');
  });

  test('a held machine is promised nothing', async () => {
    const desk = new Counter(copying().tell({ type: 'machine.paused', machine: 'web1' }));
    expect(await desk.said({ kind: 'sync', machine: 'web1' })).toBe(
      'one more pass of 1 machine; they wait until what holds them is lifted.',
    );
  });

  test('retry: all, one, none, a wrong name; a step that waits for its next attempt is hurried', async () => {
    const retrying = copying()
      .fail('web1')
      .tell({
        type: 'step.retrying',
        step: 'sync/db1/pass-1',
        phase: 'sync',
        attempt: 1,
        inMs: 60_000,
        error: { code: 'sync.link-lost', family: 'program', what: 'lost', next: [] },
      });
    const steps = [step('sync/web1/pass'), step('sync/db1/pass-1')];
    const desk = new Counter(retrying, steps);
    expect(await desk.refused({ kind: 'retry', step: 'sync/web1/pas' })).toMatchObject({
      next: ['did you mean "sync/web1/pass"?'],
    });
    expect(await desk.said({ kind: 'retry' })).toMatch(/^2 steps are tried again/);
    expect(desk.told).toEqual(['retry sync/web1/pass,sync/db1/pass-1', 'wake']);
    expect(desk.journalled(retrying)).toEqual(['step.retry-requested dana@jump1']);
    expect(desk.state.machines['web1']?.failure).toBeUndefined();
    expect(await new Counter(copying()).said({ kind: 'retry', machine: 'web1' })).toBe(
      'nothing of web1 has failed: there is nothing to try again.',
    );
  });

  test('a throttle says what it reaches and what not', async () => {
    const desk = new Counter(copying());
    expect(await desk.said({ kind: 'throttle', bytesPerSecond: null })).toMatch(/^the link is not throttled/);
    expect(await desk.said({ kind: 'throttle', bytesPerSecond: 5e6, reason: 'office hours' })).toBe(
      'the link is limited to 40 Mbit/s, for passes that begin from now on; 1 step that copies now keeps its rate: pause and resume applies it at once.',
    );
    expect(desk.state.evacuation?.throttle).toMatchObject({ bytesPerSecond: 5e6, by: DANA });
    expect(await desk.said({ kind: 'throttle', bytesPerSecond: null })).toMatch(/^the throttle is lifted/);
    expect(desk.state.evacuation?.throttle).toBeUndefined();
  });
});

describe('gates', () => {
  const gate = 'machine/web1/at-rest';
  const open = (): Counter =>
    new Counter(new Story(PLAN).begin().evacuate('web1').startPass('web1', 3).wait(MINUTE));
  const waive = (desk: Counter, changes: Partial<Extract<Command, { kind: 'waive' }>> = {}): Command => ({
    kind: 'waive',
    gate,
    reason: 'known',
    until: desk.now + HOUR,
    ...changes,
  });

  test('a gate that does not pass is waived for a time, and the waiver is withdrawn', async () => {
    const desk = open();
    expect(await desk.said(waive(desk))).toBe(
      'machine/web1/at-rest is waived by dana@jump1 for 1h00m; 1 waiver is in force.',
    );
    expect(desk.state.evacuation?.waivers?.[gate]).toMatchObject({ by: DANA, reason: 'known' });
    expect(await desk.said({ kind: 'unwaive', gate })).toBe(
      'the waiver of machine/web1/at-rest by dana@jump1 is withdrawn; 0 remain.',
    );
    expect(await desk.refused({ kind: 'unwaive', gate })).toMatchObject({ code: 'command.refused' });
  });

  test.each<[string, Partial<Extract<Command, { kind: 'waive' }>>, RegExp]>([
    ['what does not exist', { gate: 'machine/web1/at-ret' }, /no gate called/],
    ['what passes', { gate: 'machine/web1/first-pass' }, /passes: there is nothing to waive/],
    ['what nobody may accept', { gate: 'machine/db1/built' }, /cannot be waived: without a target/],
    ['the past', { until: 1 }, /ended before it begins/],
    ['no time at all', { until: Number.NaN }, /ended before it begins/],
    ['for ever', { until: Number.MAX_SAFE_INTEGER }, /lasts 14d 00h at most/],
  ])('%s is refused', async (_name, changes, what) => {
    const desk = open();
    const refused = await desk.refused(waive(desk, changes));
    expect(refused.what).toMatch(what);
    expect(refused.next.length).toBeGreaterThan(0);
    expect(desk.state.evacuation?.waivers).toBeUndefined();
  });

  test('two weeks are the most', async () => {
    const desk = open();
    expect(await desk.said(waive(desk, { until: desk.now + LONGEST_WAIVER_MS }))).toMatch(/14d 00h/);
    expect(await desk.refused(waive(desk, { until: desk.now + LONGEST_WAIVER_MS + 1 }))).toBeDefined();
  });
});

describe('the course', () => {
  test('stages are approved in their order, once', async () => {
    const story = copying().tell({ type: 'stages.held', phases: ['sync', 'build'] });
    const desk = new Counter(story, [step('build/db1/a'), step('sync/db1/a', { phase: 'sync' })]);
    expect(await desk.refused({ kind: 'approve', phase: 'sync' })).toMatchObject({
      what: 'build comes before sync and waits for approval, too',
      next: ['approve in this order: build, sync'],
    });
    expect(await desk.refused({ kind: 'approve', phase: 'bild' })).toMatchObject({
      next: ['did you mean "build"?'],
    });
    expect(await desk.said({ kind: 'approve', phase: 'build' })).toBe(
      'build may begin: 1 step of it is to do; sync waits for an approval of its own.',
    );
    expect(await desk.said({ kind: 'approve', phase: 'build' })).toBe(
      'build does not wait for approval; sync does.',
    );
    expect(await desk.said({ kind: 'approve', phase: 'sync' })).toBe(
      'sync may begin: 1 step of it is to do.',
    );
    expect(desk.told).toEqual(['wake', 'wake']);
  });

  test('a note is kept with its author', async () => {
    const desk = new Counter(copying());
    expect(await desk.said({ kind: 'note', text: 'called the carrier' })).toBe(
      'noted; 1 note in the journal.',
    );
    expect(desk.state.evacuation?.notes).toMatchObject([{ by: DANA, text: 'called the carrier' }]);
  });

  test('the engine ends only when its name is typed, and takes no order after that', async () => {
    const story = copying();
    const desk = new Counter(story);
    expect(await desk.refused({ kind: 'stop', confirm: 'miami' })).toMatchObject({
      next: ['type its name to end the engine: miami-to-dallas'],
    });
    expect(desk.told).toEqual([]);
    expect(await desk.said({ kind: 'stop', confirm: 'miami-to-dallas' })).toMatch(
      /^the engine ends; 1 copy may go on/,
    );
    expect(desk.told).toEqual(['wake', 'stop']);
    await desk.desk.close();
    expect(await desk.refused({ kind: 'note', text: 'late' })).toMatchObject({ code: 'command.refused' });
    expect(desk.journalled(story)).toEqual(['stop.requested dana@jump1']);
  });

  test('a proof is ordered once, waits for a copy that runs, and is refused without a copy', async () => {
    const desk = new Counter(copying());
    expect(await desk.refused({ kind: 'prove', machine: 'db1' })).toMatchObject({
      code: 'command.refused',
      what: 'db1 has no complete copy yet that could boot',
    });
    expect(await desk.said({ kind: 'prove' })).toBe(
      '1 machine is to be proved; db1 has no complete copy yet.',
    );
    expect(await desk.said({ kind: 'prove', machine: 'web1' })).toBe(
      'the proof of web1 is ordered or under way already.',
    );
    expect(desk.state.machines['web1']?.proofRequested).toMatchObject({
      by: DANA,
      reason: `ordered by ${DANA}`,
    });
    const pass = { type: 'step.started' as const, step: 'sync/web1/pass-3', phase: 'sync', attempt: 1 };
    const busy = new Counter(copying().startPass('web1', 3).tell(pass));
    expect(await busy.said({ kind: 'prove', machine: 'web1' })).toMatch(
      /the proof of web1 waits for the end of the copy that runs/,
    );
  });

  test('a proof that is paused or held is kept, and says what it waits for', async () => {
    const held = new Counter(copying().tell({ type: 'stages.held', phases: ['prove'] }));
    expect(await held.said({ kind: 'prove', machine: 'web1' })).toMatch(
      /landfall approve miami-to-dallas prove/,
    );
    const paused = new Counter(copying());
    await paused.said({ kind: 'pause', machine: 'web1' });
    expect(await paused.said({ kind: 'prove', machine: 'web1' })).toMatch(
      /it waits: web1 is paused by dana@jump1/,
    );
  });
});

test.each([1e-300, 100, 1e13, 1e308])(
  'a limit of %d bytes a second is none that rsync could keep',
  async bytesPerSecond => {
    const desk = new Counter(copying());
    expect(await desk.refused({ kind: 'throttle', bytesPerSecond })).toMatchObject({
      code: 'command.refused',
      what: expect.stringMatching(/^a limit lies between 8 kbit\/s and 8000\.00 Gbit\/s$/),
    });
    expect(desk.told).toEqual([]);
  },
);

test('orders are decided one after the other, each on what the one before has left', async () => {
  const desk = new Counter(copying());
  const replies = await Promise.all([1, 2, 3].map(() => desk.said({ kind: 'pause' })));
  expect(replies.filter(said => said.includes('already'))).toHaveLength(2);
});

test('an engine that wants to end waits for the order that is being written, and takes none after it', async () => {
  const desk = new Counter(copying());
  const written = Promise.withResolvers<void>();
  const append = desk.append.bind(desk);
  desk.append = async (...args) => {
    await written.promise;
    await append(...args);
  };
  const answered = desk.said({ kind: 'pause' });
  expect(desk.desk.closeIfQuiet()).toBe(false);
  written.resolve();
  expect(await answered).toMatch(/^the evacuation is paused/);
  // What was ordered is told first, the end is asked for again after it.
  expect(desk.told).toEqual(['interrupt: paused by dana@jump1', 'wake', 'wake']);
  expect(desk.desk.closeIfQuiet()).toBe(true);
  expect(await desk.refused({ kind: 'resume' })).toMatchObject({ code: 'command.refused' });
});

test('an order that cannot be journalled is a refusal, and nothing comes of it', async () => {
  const desk = new Counter(copying());
  desk.append = () => Promise.reject(new RangeError('no journal'));
  expect(await desk.refused({ kind: 'pause' })).toMatchObject({ code: 'bug' });
  expect(desk.told).toEqual([]);
});

const machine = fc.option(fc.constantFrom('web1', 'db1', 'constructor', '__proto__', 'x'), {
  nil: undefined,
});
const some = fc.constantFrom('web1', 'db1', 'constructor', '__proto__');
const words = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' });
const scoped = <K extends 'pause' | 'resume' | 'sync' | 'retry'>(kind: K) =>
  machine.map(name => (name === undefined ? { kind } : { kind, machine: name }));
const anyCommand = fc
  .oneof(
    scoped('pause'),
    scoped('resume'),
    scoped('sync'),
    scoped('retry'),
    fc.record({ kind: fc.constant('retry'), step: fc.constantFrom('sync/web1/pass', 'toString') }),
    fc.record({
      kind: fc.constant('throttle'),
      bytesPerSecond: fc.option(fc.double({ min: 1e-9, noNaN: true })),
    }),
    fc.record({
      kind: fc.constant('mover'),
      machine: some,
      mover: fc.constantFrom('files', 'blocks', 'auto'),
    }),
    fc.record({ kind: fc.constant('prove'), machine: some }),
    fc.record({
      kind: fc.constant('mover'),
      machine: some,
      mover: fc.constantFrom('files', 'blocks', 'auto'),
    }),
    fc.record({
      kind: fc.constant('waive'),
      gate: fc.constantFrom(
        'machine/web1/at-rest',
        'machine/db1/verified',
        'evacuation/miami-to-dallas/deadline',
        '__proto__',
      ),
      reason: words,
      until: fc.double(),
    }),
    fc.record({ kind: fc.constant('unwaive'), gate: fc.constantFrom('machine/web1/at-rest', '__proto__') }),
    fc.record({ kind: fc.constant('note'), text: words }),
    fc.record({ kind: fc.constant('approve'), phase: fc.constantFrom('build', 'sync', 'toString') }),
    fc.record({ kind: fc.constant('mode'), mode: fc.constantFrom(...STORM_MODES) }),
    fc.record({ kind: fc.constant('cutover'), step: words, act: fc.constantFrom('tick', 'run', 'abort') }),
    fc.record({ kind: fc.constant('stop'), confirm: fc.oneof(words, fc.constant('miami-to-dallas')) }),
  )
  .map(raw => commandSchema.safeParse(raw))
  .filter(parsed => parsed.success)
  .map(({ data }) => data);

test('whatever is ordered in whatever order: one sentence, or a refusal with what to do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCommand, { maxLength: 12 }), async commands => {
      const story = copying()
        .fail('web1')
        .tell({ type: 'stages.held', phases: ['build', 'sync'] });
      const desk = new Counter(story, [step('sync/web1/pass'), step('sync/db1/pass-1')]);
      for (const command of commands) {
        const reply = await desk.order(command);
        if (reply.ok) expect(reply.said).toMatch(/^[^\n]+\.$/);
        else {
          expect(reply.error.code).toBe('command.refused');
          expect(reply.error.next.length).toBeGreaterThan(0);
        }
        desk.now += MINUTE;
      }
    }),
    { numRuns: 200 },
  );
});

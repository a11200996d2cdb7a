import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { engineerOf } from '../../../src/cli/engineer.ts';
import { Attendance } from '../../../src/cli/rehearsal/attendance.ts';
import { halvesOf, isFinished, isInSecondHalf } from '../../../src/cli/rehearsal/halves.ts';
import { labPlaceOf } from '../../../src/cli/rehearsal/lab-place.ts';
import { LAST_PASS } from '../../../src/cli/rehearsal/reasons.ts';
import { chooseRehearsal } from '../../../src/cli/rehearsal/rehearsal.ts';
import type { Outcome } from '../../../src/evacuation/conductor.ts';
import { systemClock } from '../../../src/foundation/clock.ts';
import { EXIT } from '../../../src/foundation/exit-codes.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import type { MachineState, State } from '../../../src/journal/state.ts';
import { labFileFor, writeLabFile } from '../../../src/lab/directory/lab-file.ts';
import { landfall } from '../../support/cli.ts';
import { fleetOf } from '../../support/fleet.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { recordedEvacuation } from '../../support/recorded-evacuation.ts';

const NOTHING: Outcome = { done: [], failed: [], blocked: [], held: [], cancelled: false, idle: true };
const never = new AbortController().signal;
const { state } = fleetOf(4);

/** Every machine with a copy has had its last pass, and it was compared; the others are left out. */
function compared(phase: 'running' | 'ended'): State {
  const machines = Object.values(state.machines).flatMap((machine): MachineState[] => {
    const last = machine.passes.findLast(pass => pass.ended !== undefined);
    if (last === undefined) return [];
    const { failure: _gone, proofs: _none, proofRequested: _asked, ...plain } = machine;
    const counts = { passStartedAt: 1, filesCompared: 1, bytesCompared: 1, live: 0, ms: 1, at: 1 };
    const verified = { pass: last.pass, mismatches: [], ...counts };
    return [{ ...plain, passes: [{ ...last, reason: LAST_PASS }], verified }];
  });
  const { evacuation } = state;
  if (evacuation === undefined || machines.length === 0) throw new Error('the fleet has copies');
  return {
    ...state,
    evacuation: { ...evacuation, phase, machines: machines.map(({ name }) => name) },
    machines: Object.fromEntries(machines.map(machine => [machine.name, machine])),
  };
}

describe('the two halves of a rehearsal', () => {
  test('when nothing is left the writer stops and every machine gets its last pass; then it is over', async () => {
    let stops = 0;
    const halves = halvesOf({
      inSecondHalf: false,
      stopWriter: async () => {
        stops += 1;
      },
    });
    expect(halves.reachedSecond).toBe(false);
    const answer = await halves.nextWhenIdle(NOTHING, state, never);
    expect(answer).toContainEqual(expect.objectContaining({ type: 'pass.requested', reason: LAST_PASS }));
    expect([halves.reachedSecond, stops]).toEqual([true, 1]);
    expect(await halves.nextWhenIdle(NOTHING, state, never)).toBe('end');
    expect(stops).toBe(1);
  });

  test('held stages are waited for, and a failure in the first half ends it without a last pass', async () => {
    const stopWriter = async (): Promise<void> => {
      throw new Error('the writer must go on');
    };
    const halves = halvesOf({ inSecondHalf: false, stopWriter });
    expect(await halves.nextWhenIdle({ ...NOTHING, held: ['build/web1/x'] }, state, never)).toBe('wait');
    expect(await halves.nextWhenIdle({ ...NOTHING, failed: ['build/web1/x'] }, state, never)).toBe('end');
    expect(halves.reachedSecond).toBe(false);
  });

  test('what was compared is booted once; a machine that failed is not', async () => {
    const ready = compared('running');
    const [first = '', ...others] = ready.evacuation?.machines ?? [];
    const failure: NonNullable<MachineState['failure']> = {
      step: 's',
      at: 1,
      error: { code: 'bug', family: 'bug', what: 'w', next: [] },
    };
    const machine = ready.machines[first];
    if (machine === undefined) throw new Error('the fleet has copies');
    const broken = { ...ready, machines: { ...ready.machines, [first]: { ...machine, failure } } };
    const halves = halvesOf({ inSecondHalf: true, stopWriter: () => Promise.resolve() });
    const answer = await halves.nextWhenIdle(NOTHING, broken, never);
    const asked = (Array.isArray(answer) ? answer : []).flatMap(body =>
      body.type === 'proof.requested' ? [body.machine] : [],
    );
    expect(asked.toSorted()).toEqual(others.toSorted());
    expect(isFinished(ready)).toBe(false);
  });

  test('a rehearsal of a landfall that booted nothing is over when it has ended', () => {
    expect(isFinished(compared('ended'))).toBe(true);
  });

  test('a journal tells whether the second half was reached, and whether it is over', () => {
    expect([isInSecondHalf(state), isFinished(state)]).toEqual([false, false]);
  });
});

describe('which rehearsal', () => {
  test('the one that is named, and never another in its place', async () => {
    const site = await recordedEvacuation({ name: 'rehearsal-2', lab: true });
    expect(await chooseRehearsal(site.root, 'rehearsal-2')).toMatchObject({
      name: 'rehearsal-2',
      state: { evacuation: { lab: true } },
    });
    await expect(chooseRehearsal(site.root, 'rehearsal-1')).rejects.toMatchObject({ code: 'state.absent' });
  });

  test('one that was never begun is not begun with a plan', async () => {
    const { root } = await recordedEvacuation({ name: 'rehearsal-2', lab: true });
    const { code, err } = await landfall(['rehearse', '--name', 'drill', '--headless', '--state', root]);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('there is no evacuation called drill');
    expect(err).toContain('begin a new one: landfall rehearse');
    expect(err).toContain('evacuations here: rehearsal-2');
    expect(err).not.toContain('landfall run');
  });

  test('is taken up in its own lab, with what that was made with; where its lab is gone it says so', async () => {
    const { root, name } = await recordedEvacuation({ name: 'rehearsal-2', lab: true });
    const { state } = await chooseRehearsal(root, name);
    const directory = join(root, 'a-lab');
    const wanted = { root, name, state, now: Date.now(), mustExist: true };
    await expect(labPlaceOf({ ...wanted, directory })).rejects.toMatchObject({
      code: 'lab.unavailable',
      facts: { next: expect.arrayContaining(['begin a new one: landfall rehearse']) },
    });
    const making = { name, seed: 7, scale: 0.2, machines: ['web1'] };
    writeLabFile(directory, labFileFor(directory, making));
    expect(await labPlaceOf({ ...wanted, directory })).toMatchObject({
      directory,
      made: { seed: 7, scale: 0.2, machines: ['web1'] },
    });
  });

  test('an evacuation by a plan is none', async () => {
    const site = await recordedEvacuation();
    await expect(chooseRehearsal(site.root, 'storm')).rejects.toMatchObject({
      code: 'usage',
      facts: { next: expect.arrayContaining([expect.stringContaining('landfall run PLAN')]) },
    });
  });
});

test('whoever gives an order to a rehearsal without an engine hears of landfall rehearse, not of a plan', async () => {
  const lab = await recordedEvacuation({ name: 'rehearsal-1', lab: true });
  for (const words of [
    ['sync', 'rehearsal-1'],
    ['stop', 'rehearsal-1'],
    ['attach', 'rehearsal-1', '--plain'],
  ]) {
    const { code, err } = await landfall([...words, '--state', lab.root]);
    expect(code).not.toBe(0);
    expect(err).toContain('landfall rehearse --name rehearsal-1');
    expect(err).not.toContain('landfall run');
  }
  const site = await recordedEvacuation();
  expect((await landfall(['sync', 'storm', '--state', site.root])).err).toContain('landfall run PLAN');
});

test('a list says how one goes on that nobody steers, and that a lab lives on', async () => {
  const lab = await recordedEvacuation({ name: 'rehearsal-1', lab: true });
  const { out, err } = await landfall(['list', '--state', lab.root]);
  expect(out).toMatch(/rehearsal-1 +engine gone/);
  expect(err).toContain('landfall rehearse --name rehearsal-1; its simulated hosts go on for 15 minutes');
});

const came: EventBody = { type: 'engineer.attached', client: 'ui' };
const left: EventBody = { type: 'engineer.left', client: 'ui' };
const event = (body: EventBody) => ({ ...body, v: 1 as const, seq: 1, at: 1, by: 'dana@jump1' });

describe('a rehearsal that stays', () => {
  test('is deserted only when nobody has looked on for all of the time', async () => {
    const clock = new ManualClock();
    const attendance = new Attendance();
    let isOver = false;
    const deserted = attendance.deserted(1000, clock, never).then(() => {
      isOver = true;
    });
    attendance.event(event(came));
    await systemClock.sleep(0);
    clock.advance(5000);
    await systemClock.sleep(0);
    expect(isOver).toBe(false);
    attendance.event(event(left));
    await systemClock.sleep(0);
    clock.advance(999);
    await systemClock.sleep(0);
    expect(isOver).toBe(false);
    clock.advance(1);
    await deserted;
  });
});

test('an engineer is who LANDFALL_ENGINEER says, else who called sudo, else the login; harmlessly', () => {
  const io = (env: Record<string, string>) => ({ env, process: { pid: 1, host: 'jump1', user: 'root' } });
  const name = (env: Record<string, string>): string => engineerOf(io(env));
  expect(name({ LANDFALL_ENGINEER: 'dana', SUDO_USER: 'kim' })).toBe('dana');
  expect(name({ LANDFALL_ENGINEER: ' ', SUDO_USER: 'kim' })).toBe('kim');
  expect(name({})).toBe('root');
  expect(name({ LANDFALL_ENGINEER: '\u001b[2Jdana' })).toBe('\\x1b[2Jdana');
});

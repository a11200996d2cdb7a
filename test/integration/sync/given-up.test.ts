import { expect, it } from 'vitest';
import { stepsOf } from '../../../src/evacuation/planner.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import { rowOf } from '../../../src/reports/rows.ts';
import type { Step, View } from '../../../src/step/step.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab } from '../lab/harness.ts';

/** The disk of web1 in the lab is a qcow2 of the old version: no blocks. */
const chosen = (decided: 'auto' | 'engineer', mover: 'files' | 'blocks' = 'blocks'): EventBody => ({
  ...{ type: 'mover.chosen', machine: 'web1', mover, decided },
  ...{ reasons: ['as in the story'], against: [] },
});

const wholeWay = (view: View): Step[] =>
  stepsOf(view, ['inventory', 'build', 'sync']).filter(
    step => step.subject === 'web1' || step.id.startsWith('inventory/'),
  );

const passesOf = (run: LabRun): unknown[] =>
  (run.state.machines['web1']?.passes ?? []).map(({ mover, ended }) => [mover, ended !== undefined]);

it('files take a machine back from blocks in one life: the replica is plugged in again, and the row tells no old failure', async () => {
  await using test = await openTestLab({ machines: ['web1'] });
  const run = await LabRun.of(test.lab);
  let told: Promise<void> | undefined;
  run.onEvent = event => {
    if (event.type === 'replica.verified') told ??= run.tell(chosen('auto'));
  };
  await run.conduct(wholeWay);
  await told;

  expect(run.failures()).toEqual([]);
  const machine = run.state.machines['web1'];
  expect(machine?.mover).toMatchObject({ mover: 'files', decided: 'fallback' });
  expect(machine?.mover?.reasons[0]).toContain('compat 0.10');
  const given = machine?.passes.find(({ mover }) => mover === 'blocks');
  expect(given?.ended).toBeUndefined();
  expect(machine?.passes.at(-1)).toMatchObject({ mover: 'files', checksum: true });
  expect(machine?.verified?.pass).toBe(machine?.passes.at(-1)?.pass);
  const attached = run.events.filter(
    event => event.type === 'step.started' && event.step === 'build/web1/attach',
  );
  expect(attached).toHaveLength(2);
  expect(rowOf(run.view, 'web1', run.clock.now()).status).toEqual({ kind: 'ok', word: 'verified' });
  expect(test.lab.violations()).toEqual([]);

  // Who asked for blocks gets the verdict; who then asks for files gets them, under the very name that has failed.
  await run.tell(chosen('engineer'));
  await run.conduct(wholeWay);
  const failed = `sync/web1/pass-${(machine?.passes.at(-1)?.pass ?? 0) + 1}`;
  expect(run.failures()).toMatchObject([{ step: failed, code: 'blocks.impossible' }]);
  expect(rowOf(run.view, 'web1', run.clock.now()).status.word).toBe('impossible');
  await run.tell({ type: 'pass.requested', machine: 'web1', reason: 'an engineer asked for one' });
  await run.tell(chosen('engineer', 'files'));
  await run.conduct(wholeWay);
  expect(run.failures()).toHaveLength(1);
  expect(run.state.steps[failed]?.status).toBe('done');
  expect(rowOf(run.view, 'web1', run.clock.now()).status).toEqual({ kind: 'ok', word: 'verified' });
  expect(passesOf(run).at(-1)).toEqual(['files', true]);
}, 120_000);

it('whatever kills landfall between the verdict on blocks and the first pass by files, files finish it', async () => {
  await using test = await openTestLab({ machines: ['web1'] });
  const run = await LabRun.of(test.lab);
  await run.conduct(wholeWay);
  const before = passesOf(run).length;
  await run.tell(chosen('auto'));
  let lives = 0;
  const isThere = (): boolean => {
    const machine = run.state.machines['web1'];
    const last = machine?.passes.at(-1);
    return (last?.pass ?? 0) > before && last?.mover === 'files' && machine?.verified?.pass === last.pass;
  };
  for (; !isThere() && lives < 60; lives += 1) {
    // Each life gets one action further than what was done before, then dies before it can record anything.
    run.diesAfter = 1;
    await run.conduct(wholeWay);
  }
  expect(lives).toBeGreaterThan(5);
  expect(isThere()).toBe(true);
  const machine = run.state.machines['web1'];
  expect(machine?.passes.filter(({ mover }) => mover === 'blocks')).toHaveLength(1);
  expect(machine?.mover).toMatchObject({ mover: 'files', decided: 'fallback' });
  expect(test.lab.violations()).toEqual([]);
  run.diesAfter = undefined;
  await run.conduct(wholeWay);
  expect(rowOf(run.view, 'web1', run.clock.now()).status).toEqual({ kind: 'ok', word: 'verified' });
}, 240_000);

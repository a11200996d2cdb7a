import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { EXIT } from '../../../src/foundation/exit-codes.ts';
import { removeTreeSync } from '../../../src/foundation/remove-tree.ts';
import type { Action } from '../../../src/step/action.ts';
import type { Step, StepContext } from '../../../src/step/step.ts';
import { linkCleanStep, linkPairs, linkStep } from '../../../src/sync/index.ts';
import { landfall } from '../../support/cli.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab, type TestLab, words } from '../lab/harness.ts';

/** What a measurement of the line leaves on the hosts of the pocket lab when landfall is killed in its middle. */

/** The step of a process that dies with the first round trip: nothing that comes later is done, its tidying least of all. */
function killedAtTrip(step: Step): Step {
  return {
    ...step,
    run(context, signal) {
      let isDead = false;
      const mortal: StepContext = {
        ...context,
        get state() {
          return context.state;
        },
        perform: (async (action: Action, options?: object) => {
          if (isDead) throw new Error('the process died');
          isDead = action.kind === 'exec' && action.note?.includes('round trips') === true;
          // The overloads of the contract differ only in what the real context gives back.
          return context.perform(action as Action & { kind: 'exec' }, options);
        }) as StepContext['perform'],
      };
      return step.run(mortal, signal);
    },
  };
}

async function killedMeasurement(test: TestLab): Promise<LabRun> {
  const run = await LabRun.of(test.lab);
  const [pair] = linkPairs(run.plan);
  if (pair === undefined) throw new Error('the plan of the lab moves machines');
  await run.conduct(() => [killedAtTrip(linkStep(pair, { limit: undefined, seconds: 1 }))]);
  expect(run.failures()).toHaveLength(1);
  return run;
}

const commands = (test: TestLab) => {
  const state = mkdtempSync(join(tmpdir(), 'landfall-clean-link-'));
  onTestFinished(() => removeTreeSync(state, tmpdir()));
  const { plan, sshConfig } = test.lab.paths;
  return (command: string, ...more: string[]) =>
    landfall([command, plan, '--state', state, '--ssh-config', sshConfig, ...more]);
};

it('what a killed measurement left is listed by doctor and taken away by clean, and nothing else is', async () => {
  await using test = await openTestLab({ machines: ['web1'] });
  const { name } = (await killedMeasurement(test)).plan;
  const run = `/run/landfall/${name}`;
  // A job of a machine with such a name, a key of somebody, and a key of a measurement for another evacuation.
  const foreign = ['ssh-ed25519 AAAA dana@jump1', `ssh-ed25519 BBBB landfall:${name}-2:link:a:b`];
  const keep = `mkdir -p "$1" && : > "$1/argv" && printf '%s\\n' ${words(...foreign)} >> ~/.ssh/authorized_keys`;
  const kept = await test.ssh('dal-kvm1', words('sh', '-c', keep, 'sh', `${run}/link-to-here-p1-0`));
  expect(kept).toMatchObject({ code: 0 });
  const lab = commands(test);

  const listed = await lab('doctor', '--leftovers');
  expect(listed).toMatchObject({ code: EXIT.ok });
  expect(listed.out).toContain(`file link-to-dal-kvm1 (of ${name}`);
  expect(listed.out).toContain(`file link-from-mia-kvm1.recv (of ${name}`);
  expect(listed.out).toContain(`key landfall:${name}:link:mia-kvm1:dal-kvm1`);
  expect(listed.out).toContain(`next: landfall clean removes what is left of ${name}`);

  const preview = await lab('clean', '--dry-run');
  expect(preview.out).toContain('cutover/dal-kvm1/clean-link');
  expect(preview.out).toContain('directories and forced command of a measurement');
  const cleaned = await lab('clean');
  expect(cleaned).toMatchObject({ code: EXIT.ok });
  expect(cleaned.out).toContain('clean: 1 machine, ');

  const left = await lab('doctor', '--leftovers');
  expect(left.out).not.toContain('link-from');
  expect(left.out).not.toContain(':link:mia-kvm1');
  expect(left.out).toContain('link-to-here-p1-0');
  const { stdout: keys } = await test.ssh('dal-kvm1', words('cat', '/root/.ssh/authorized_keys'));
  for (const line of foreign) expect(keys).toContain(line);
  expect(test.lab.violations()).toEqual([]);
}, 120_000);

it('a measurement that runs is not pulled away from under itself', async () => {
  await using test = await openTestLab({ machines: ['web1'] });
  const run = await killedMeasurement(test);
  const place = `/run/landfall/${run.plan.name}/link-to-dal-kvm1`;
  const wait = 'while [ -e "$1/key" ]; do sleep 0.05; done';
  const start = `sh -c ${words(wait)} sh "$1" </dev/null >/dev/null 2>&1 & echo $!`;
  const { stdout } = await test.ssh('mia-kvm1', words('sh', '-c', start, 'sh', place));
  const clean = [linkCleanStep('mia-kvm1')];

  await run.conduct(() => clean);
  expect(run.failures().at(-1)).toMatchObject({
    ...{ step: 'cutover/mia-kvm1/clean-link', code: 'job.conflict' },
    what: 'a measurement of the line runs on mia-kvm1 now: nothing of it was removed',
  });
  expect(await test.ssh('mia-kvm1', words('test', '-e', `${place}/key`))).toMatchObject({ code: 0 });

  const end = 'rm "$1/key"; while [ -e "/proc/$2" ]; do sleep 0.05; done';
  await test.ssh('mia-kvm1', words('sh', '-c', end, 'sh', place, stdout.trim()));
  await run.conduct(() => clean);
  expect(await test.ssh('mia-kvm1', words('test', '-e', place))).toMatchObject({ code: 1 });
}, 120_000);

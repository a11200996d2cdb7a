import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildSteps } from '../../../src/build/index.ts';
import type { Deed } from '../../../src/cutover/deed.ts';
import {
  bringUpDeed,
  checkDeed,
  commitDeed,
  lastCopyDeed,
  powerOffDeed,
  quietDeed,
} from '../../../src/cutover/machine/index.ts';
import { inventorySteps } from '../../../src/inventory/index.ts';
import type { Step, View } from '../../../src/step/step.ts';
import { syncSteps } from '../../../src/sync/index.ts';
import { LabRun } from '../../support/lab-run.ts';
import { differences, walk } from '../../support/walk.ts';
import { openTestLab, type TestLab } from '../lab/harness.ts';

/** The deeds of one machine over real SSH, against sites that really do what virsh and systemctl say. */

const M = 'web1';

const ordinary = (view: View): Step[] => {
  const known = new Set([M, ...Object.keys(view.plan.hypervisors)]);
  return [...inventorySteps(view), ...buildSteps(view, M), ...syncSteps(view, M)].filter(({ subject }) =>
    known.has(subject),
  );
};

const evidence: string[] = [];
const stepOf = (name: string, deed: Deed, way: 'run' | 'undo' = 'run'): Step => {
  const part = way === 'run' ? deed : deed.undo;
  if (part === undefined) throw new Error(`${name} cannot be taken back`);
  return {
    ...{ id: `cutover/${M}/${way === 'run' ? name : `undo-${name}`}`, phase: 'cutover', subject: M },
    ...{ title: name, needs: [], resources: [] },
    preview: view => part.preview(view),
    done: (context, signal) => part.done(context, signal),
    run: async (context, signal) => void evidence.push(...(await part.run(context, signal))),
  };
};

const beginning = (dark: boolean): Step => ({
  ...{ id: `cutover/${M}/begin`, phase: 'cutover', subject: M, title: 'begin', needs: [], resources: [] },
  preview: () => [],
  done: async () => false,
  run: context =>
    context.emit({
      type: 'cutover.begun',
      ...{ rehearse: true, dark, planHash: 'h', confirmed: 'x', open: [] },
    }),
});
const begin = beginning(false);
const darkened = beginning(true);

async function evacuated(site: TestLab): Promise<LabRun> {
  // A standby that is not well says so within the time of a test.
  const run = await LabRun.of(site.lab, plan => ({ ...plan, proof: { ...plan.proof, boot_within: 15_000 } }));
  await run.conduct(ordinary);
  expect(run.failures()).toEqual([]);
  await site.lab.writer.pause();
  return run;
}

async function does(run: LabRun, ...steps: readonly Step[]): Promise<void> {
  for (const step of steps) await run.conduct(() => [step]);
  expect(run.failures()).toEqual([]);
}

const sourceOf = (site: TestLab) => site.lab.treeOf(M)[0]?.sourceDirectory ?? '';
const replicaOf = (site: TestLab) => site.lab.replicaOf(M)[0]?.replicaDirectory ?? '';

/** Quiet, the last copy, and the source off. */
async function toPowerOff(run: LabRun): Promise<void> {
  await does(run, begin, stepOf('quiet', quietDeed(M)));
  await run.conduct(view => syncSteps(view, M));
  await does(run, stepOf('last-copy', lastCopyDeed(M)), stepOf('power-off', powerOffDeed(M)));
}

const LIST =
  'systemctl list-units --type=service,timer,socket,path --state=active,activating,reloading --all --no-legend --no-pager --plain --full';
const infoOn = async (site: TestLab, hypervisor: string): Promise<string> =>
  (await site.ssh(hypervisor, `virsh -c qemu:///system dominfo ${M}`)).stdout;

test('an abort gives the source back and costs no copy; then the machine goes over without a byte lost', async () => {
  await using site = await openTestLab({ machines: [M] });
  const run = await evacuated(site);
  const units = (await site.ssh(M, LIST)).stdout;
  await toPowerOff(run);
  await does(run, stepOf('bring-up', bringUpDeed(M)));
  expect(await infoOn(site, 'mia-kvm1')).toMatch(/State: +shut off\n[\s\S]*Autostart: +disable/);

  await does(
    run,
    stepOf('bring-up', bringUpDeed(M), 'undo'),
    stepOf('power-off', powerOffDeed(M), 'undo'),
    stepOf('quiet', quietDeed(M), 'undo'),
  );
  expect((await site.ssh(M, LIST)).stdout).toBe(units);
  expect(await infoOn(site, 'mia-kvm1')).toMatch(/State: +running\n[\s\S]*Autostart: +enable/);
  expect(run.state.cutover?.machines[M]).toEqual({});

  evidence.length = 0;
  await toPowerOff(run);
  expect(evidence.join('\n')).toMatch(
    /units stopped and seen inactive[\s\S]*no difference[\s\S]*is off, after/,
  );
  const passes = run.state.machines[M]?.passes ?? [];
  expect(passes.map(({ kind }) => kind)).toEqual(['full', ...passes.slice(1).map(() => 'delta')]);
  expect(passes.at(0)?.ended?.consistency).toBe('smeared');
  expect(passes.at(-1)?.ended?.consistency).toBe('application');
  const last = walk(sourceOf(site));
  await does(run, stepOf('bring-up', bringUpDeed(M)));
  const pristine = walk(replicaOf(site));
  expect(differences(last, pristine).filter(line => !/lost\+found/.test(line))).toEqual([]);
  await does(run, stepOf('check', checkDeed(M)));
  expect(run.state.cutover?.machines[M]?.started?.address).toMatch(/^127\.77\.2\./);
  expect(differences(pristine, walk(replicaOf(site)))).toEqual([]);

  await does(run, stepOf('commit', commitDeed(M)));
  expect(await infoOn(site, 'dal-kvm1')).toMatch(/State: +running\n[\s\S]*Autostart: +enable/);
  const volumes = await site.ssh('dal-kvm1', 'virsh -c qemu:///system vol-list default');
  expect(volumes.stdout).not.toContain('-live-');
  const interfaces = path.join(replicaOf(site), 'etc/network/interfaces');
  expect(readFileSync(interfaces, 'utf8')).not.toContain('127.77.1.');
  expect(site.lab.violations()).toEqual([]);
}, 180_000);

test('in the dark the standby starts from its last verified pass, from the target side alone', async () => {
  await using site = await openTestLab({ machines: [M] });
  const run = await evacuated(site);
  await site.lab.faults.siteLost();
  evidence.length = 0;
  await does(
    run,
    darkened,
    stepOf('bring-up', bringUpDeed(M, { dark: true })),
    stepOf('check', checkDeed(M)),
  );
  const verified = run.state.machines[M]?.verified;
  expect(evidence.join('\n')).toMatch(/the source was not asked whether it runs/);
  expect(evidence.join('\n')).toContain(new Date(verified?.passStartedAt ?? 0).toISOString());
  expect(await infoOn(site, 'dal-kvm1')).toMatch(/State: +running/);
  const power = run.performed
    .filter(line => / (?:destroy|start|shutdown) \S+-receiver$/.test(line))
    .slice(-3);
  expect(power.map(line => line.split(' ')[3])).toEqual(['destroy', 'start', 'shutdown']);

  await does(run, stepOf('bring-up', bringUpDeed(M, { dark: true }), 'undo'));
  expect(await infoOn(site, 'dal-kvm1')).toMatch(/State: +shut off/);
  expect(run.state.cutover?.machines[M]).toEqual({});
  expect(site.lab.violations()).toEqual([]);
}, 180_000);

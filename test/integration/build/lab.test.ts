import { describe, expect, it } from 'vitest';
import { buildSteps } from '../../../src/build/index.ts';
import { inventorySteps } from '../../../src/inventory/index.ts';
import { isUnknown, describe as line, waitsFor } from '../../../src/step/action.ts';
import type { Step, View } from '../../../src/step/step.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab } from '../lab/harness.ts';

const stepsFor =
  (...machines: string[]) =>
  (view: View): Step[] => {
    const all = [...inventorySteps(view), ...machines.flatMap(machine => buildSteps(view, machine))];
    const known = new Set([...machines, ...Object.keys(view.plan.hypervisors)]);
    return all.filter(step => known.has(step.subject));
  };

const acting = (lines: readonly string[]): string[] =>
  lines.filter(text =>
    /^(?:flock -w \d+ \S+ (?:sfdisk|mkfs|mkswap)|mount|virsh -c \S+ (?:vol-create-as|define|start|attach-device))/.test(
      text,
    ),
  );

describe('build on the pocket lab', () => {
  it('builds two machines, and finds everything done the second time', async () => {
    await using test = await openTestLab({ machines: ['db1', 'files1'] });
    const run = await LabRun.of(test.lab);
    const steps = stepsFor('db1', 'files1');

    const outcome = await run.conduct(steps);
    expect(run.failures()).toEqual([]);
    expect(outcome).toMatchObject({ failed: [], blocked: [] });
    const db1 = run.state.machines['db1'];
    expect(db1?.receiver?.prepared?.mounts).toEqual([
      expect.objectContaining({ mountpoint: '/', device: '/dev/sda2' }),
      expect.objectContaining({ mountpoint: '/var/lib/mysql', device: '/dev/sdb1' }),
    ]);
    expect(db1?.receiver?.prepared?.seededBytes).toBeGreaterThan(0);
    expect(db1?.observed?.guest.productUuid).toBe(db1?.observed?.domain.uuid);
    expect(test.lab.mountsOf('files1.receiver').map(mount => mount.path)).toEqual(
      expect.arrayContaining(['/mnt/t', '/mnt/t/srv']),
    );
    expect(test.lab.violations()).toEqual([]);

    const deeds = acting(run.performed);
    expect(deeds.filter(text => text.includes('attach-device'))).toHaveLength(4);
    const performed = run.performed.length;
    const again = await run.conduct(steps);
    expect(again.failed).toEqual([]);
    expect(run.performed.slice(performed)).toEqual([]);
    expect(run.events.filter(e => e.type === 'step.done' && !e.already)).toHaveLength(outcome.done.length);
  });

  it('dies after every single action and still ends the same, each action done once', async () => {
    await using test = await openTestLab({ machines: ['app2'] });
    const run = await LabRun.of(test.lab);
    const steps = stepsFor('app2');
    run.diesAfter = 1;
    let lives = 1;
    while ((await run.conduct(steps)).failed.length > 0) {
      lives += 1;
      expect(lives, 'it gets further in every life').toBeLessThan(30);
    }
    expect(lives).toBeGreaterThan(8);
    expect(run.failures().every(({ what }) => what.includes('the process died'))).toBe(true);
    const deeds = acting(run.performed);
    expect(deeds.length).toBeGreaterThanOrEqual(9);
    expect(new Set(deeds).size, deeds.join('\n')).toBe(deeds.length);
    expect(run.state.machines['app2']?.receiver?.prepared?.mounts).toHaveLength(2);
    expect(test.lab.violations()).toEqual([]);
  });

  it('previews without a network, and waits only for facts that a step will find', async () => {
    await using test = await openTestLab({ machines: ['db1'] });
    const run = await LabRun.of(test.lab);
    const blind = stepsFor('db1')(run.view).flatMap(step => step.preview(run.view));
    expect(blind.length).toBeGreaterThan(30);
    const ids = new Set([...stepsFor('db1')(run.view).map(step => step.id), 'the start of the evacuation']);
    for (const action of blind) {
      for (const { from } of waitsFor(action)) expect(ids).toContain(from);
    }

    await run.conduct(stepsFor('db1'));
    const known = buildSteps(run.view, 'db1').flatMap(step => step.preview(run.view));
    const open = known.filter(action => waitsFor(action).length > 0).map(line);
    expect(open.every(text => text.includes('handle'))).toBe(true);
    // What was performed was announced in these very words.
    const announced = new Set(known.map(line));
    expect(run.performed.filter(text => !announced.has(text))).toEqual([]);
    expect(
      known.every(
        a =>
          a.kind === 'write' ||
          a.kind === 'sql' ||
          a.argv.every(word => !isUnknown(word) || word.from !== ''),
      ),
    ).toBe(true);
  });
});

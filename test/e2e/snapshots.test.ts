import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { buildSteps } from '../../src/build/index.ts';
import { inventorySteps } from '../../src/inventory/index.ts';
import type { Step, View } from '../../src/step/step.ts';
import { syncSteps } from '../../src/sync/index.ts';
import { openTestLab } from '../integration/lab/harness.ts';
import { LabRun } from '../support/lab-run.ts';

const wholeWay = (view: View): Step[] =>
  [...inventorySteps(view), ...buildSteps(view, 'app2'), ...syncSteps(view, 'app2')].filter(
    step => step.subject === 'app2' || step.id.startsWith('inventory/'),
  );

it('passes from snapshots hold what a live writer wrote at one instant, and verification explains the rest', {
  timeout: 240_000,
}, async () => {
  await using test = await openTestLab({ machines: ['app2'] });
  const srv = test.lab.mountsOf('app2').find(mount => mount.path === '/srv')?.directory ?? '';
  const pair = (name: string): string => path.join(srv, 'pair', name);
  mkdirSync(path.join(srv, 'pair'));
  // Both files in one turn of the lab's own thread: no instant has two different numbers.
  let count = 0;
  const write = (): void => {
    count += 1;
    for (const name of ['a', 'z']) writeFileSync(pair(name), `${count}\n`);
  };
  for (let at = 0; at < 200; at += 1) writeFileSync(path.join(srv, 'pair', `m${at}`), Buffer.alloc(2000, at));
  write();
  const writer = setInterval(write, 3);
  try {
    const run = await LabRun.of(test.lab, plan => ({
      ...plan,
      machines: Object.fromEntries(
        Object.entries(plan.machines).map(([name, machine]) => [
          name,
          {
            ...machine,
            snapshot: 'auto',
            hooks: { before: ['true'], after: ['true'], timeout: 10_000 },
          },
        ]),
      ),
    }));
    await run.conduct(wholeWay);
    expect(run.failures()).toEqual([]);
    const known = run.state.machines['app2'];
    const passes = known?.passes ?? [];
    expect(passes.length).toBeGreaterThan(1);
    for (const pass of passes) expect(pass.ended?.consistency).toBe('application');
    expect(known?.verified?.mismatches).toEqual([]);
    expect(known?.verified?.live).toBeGreaterThan(0);

    const replica = test.lab.replicaOf('app2').find(({ mountpoint }) => mountpoint === '/srv');
    const copied = (name: string): string =>
      readFileSync(path.join(replica?.replicaDirectory ?? '', 'pair', name), 'utf8');
    expect(copied('a')).toBe(copied('z'));
    expect(Number(copied('a'))).toBeGreaterThan(0);
    expect(Number(copied('a'))).toBeLessThan(count);

    // Nothing stays, in the journal or in the world.
    expect(known?.snapshots).toEqual([]);
    expect((await test.ssh('app2', 'lvs --noheadings -o lv_name')).stdout).not.toContain('landfall');
    expect(test.lab.mountsOf('app2').filter(mount => mount.path.startsWith('/run/landfall'))).toEqual([]);
    expect(test.lab.violations()).toEqual([]);
  } finally {
    clearInterval(writer);
  }
});

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { buildSteps } from '../../../src/build/index.ts';
import { inventorySteps } from '../../../src/inventory/index.ts';
import type { Step, View } from '../../../src/step/step.ts';
import { cleanStep, syncSteps } from '../../../src/sync/index.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab, words } from '../lab/harness.ts';

const wholeWay = (view: View): Step[] =>
  [...inventorySteps(view), ...buildSteps(view, 'web1'), ...syncSteps(view, 'web1')].filter(
    step => step.subject === 'web1' || step.id.startsWith('inventory/'),
  );

it('nothing of landfall stays on the source, the key opens nothing, and no part of a file stays in the replica', async () => {
  await using test = await openTestLab({ machines: ['web1'] });
  const run = await LabRun.of(test.lab);
  await run.conduct(wholeWay);
  expect(run.failures()).toEqual([]);
  const [replica] = test.lab.replicaOf('web1');
  if (replica?.replicaDirectory === undefined) throw new Error('the lab has a replica of web1');
  const leftover = path.join(replica.replicaDirectory, 'srv/.rsync-partial');
  mkdirSync(leftover, { recursive: true });
  writeFileSync(path.join(leftover, 'half'), 'a file that is gone');
  const runtime = `/run/landfall/${run.plan.name}`;
  const left = async () => (await test.ssh('web1', words('find', runtime, '-maxdepth', '1'))).stdout;
  expect(await left()).toContain('path-web1');

  const cleaned = await run.conduct(() => [cleanStep('web1')]);

  expect(cleaned).toMatchObject({ done: ['cutover/web1/clean'], failed: [] });
  expect(await left()).toBe('');
  expect(existsSync(leftover)).toBe(false);
  expect(run.state.machines['web1']?.path).toBeUndefined();
  const performed = run.performed.length;
  await run.conduct(() => [cleanStep('web1')]);
  expect(run.performed.length).toBe(performed);

  // The evacuation goes on all the same: another key, another pass.
  await run.conduct(wholeWay);
  expect(run.failures()).toEqual([]);
  expect(await left()).toContain('path-web1');
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildSteps } from '../../../src/build/index.ts';
import { inventorySteps } from '../../../src/inventory/index.ts';
import { onReceiver } from '../../../src/readiness/by-hand.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import type { Step, View } from '../../../src/step/step.ts';
import { LabRun } from '../../support/lab-run.ts';
import { run as execute, openTestLab } from '../lab/harness.ts';

const stepsOf = (view: View): Step[] => {
  const all = [...inventorySteps(view), ...buildSteps(view, 'app2')];
  const known = new Set(['app2', ...Object.keys(view.plan.hypervisors)]);
  return all.filter(step => known.has(step.subject));
};

const bash = (line: string) => execute('bash', ['--norc', '-c', `set -o pipefail; ${line}`]);

describe('commands to check by hand, on the pocket lab', () => {
  it('review: they work by themselves with the real ssh client, and refuse another key than the pinned one', async () => {
    await using test = await openTestLab({ machines: ['app2'] });
    const lab = await LabRun.of(test.lab, plan => ({ ...plan, ssh: { config: test.lab.paths.sshConfig } }));
    await lab.conduct(stepsOf);
    expect(lab.failures()).toEqual([]);
    const knownHosts = path.join(test.lab.directory, 'known_hosts');
    const before = readFileSync(knownHosts, 'utf8');

    const lines = gatesOf(lab.view, Date.now()).flatMap(each => each.checkByHand ?? []);
    expect(lines.some(line => line.includes('KnownHostsCommand'))).toBe(true);
    const refused = [];
    for (const line of new Set(lines)) {
      const { code, stderr } = await bash(line);
      // diff says with 1 that it found something: nothing but the seed lies at the target yet.
      const ran = code === 0 || (line.startsWith('diff ') && code === 1 && stderr === '');
      if (!ran) refused.push({ line, code, stderr });
    }
    expect(refused).toEqual([]);
    expect(readFileSync(knownHosts, 'utf8')).toBe(before);

    const wanted = lab.plan.machines['app2'];
    const machine = lab.state.machines['app2'];
    if (wanted === undefined || machine?.receiver === undefined) throw new Error('there is no receiver');
    const foreign = readFileSync(`${test.lab.paths.identity}.pub`, 'utf8').trim();
    const other = { ...machine, receiver: { ...machine.receiver, hostKey: foreign } };
    const line = onReceiver(lab.plan, wanted, other, ['true']);
    const { code, stderr } = await bash(line ?? 'exit 99');
    expect(code).toBe(255);
    expect(stderr).toMatch(/host key verification failed/i);
  });
});

import { describe, expect, test } from 'vitest';
import { LandfallError } from '../../../src/foundation/errors.ts';
import { refuseSwapped } from '../../../src/inventory/machine/swapped.ts';
import { type Reply, scriptedHost } from '../../support/scripted-host.ts';
import { machinePlan, planOf } from '../../support/state.ts';

const plan = planOf({ machines: { web1: machinePlan() } });
const { source, target } = plan.machines.web1 ?? expect.fail('the plan has no web1');

function sites(here: (verb: string) => Reply, there: (verb: string) => Reply) {
  const of = (id: string, answer: (verb: string) => Reply) =>
    scriptedHost(id, line => answer(/domstate|dumpxml/.exec(line)?.[0] ?? ''));
  const hosts = new Map([
    [source.hypervisor, of(source.hypervisor, here)],
    [target.hypervisor, of(target.hypervisor, there)],
  ]);
  return { plan, host: async (id: string) => hosts.get(id) ?? expect.fail(`asked ${id}`) };
}

const ABSENT: Reply = { code: 1, stderr: "error: failed to get domain 'web1'\n\n" };
const nowhere = () => ABSENT;
const refusal = (context: ReturnType<typeof sites>) =>
  refuseSwapped(context, 'web1', 'web1', new AbortController().signal);

describe('source and target swapped in the plan', () => {
  test('a domain that runs at the target is no machine to start at the source', async () => {
    const world = sites(nowhere, verb => (verb === 'domstate' ? 'running\n\n' : ABSENT));
    await expect(refusal(world)).rejects.toMatchObject({ code: 'identity.mismatch' });
  });

  test('a standby of ours at what the plan calls the source is never advised to be started', async () => {
    const standby =
      '<domain><metadata><landfall:standby xmlns:landfall="urn:landfall:1"/></metadata></domain>';
    const world = sites(verb => (verb === 'dumpxml' ? standby : 'shut off\n\n'), nowhere);
    await expect(refusal(world)).rejects.toMatchObject({
      code: 'identity.mismatch',
      facts: { next: [expect.stringContaining('.address'), expect.stringContaining('start nothing')] },
    });
  });

  test('a machine that is merely off, or misspelt, is left to its own message', async () => {
    await refusal(sites(nowhere, nowhere));
    await refusal(sites(verb => (verb === 'dumpxml' ? '<domain/>' : 'shut off\n\n'), nowhere));
    await refusal(sites(nowhere, verb => (verb === 'domstate' ? 'shut off\n\n' : '<domain/>')));
  });

  test('a target that cannot be reached does not hide what is wrong at the source', async () => {
    const world = sites(nowhere, nowhere);
    const host = (id: string) => {
      if (id === source.hypervisor) return world.host(id);
      return Promise.reject(new LandfallError('ssh.unreachable', { what: `${id} is away`, next: [] }));
    };
    await refusal({ ...world, host });
  });
});

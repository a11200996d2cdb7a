import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { contextFor } from '../../../../src/evacuation/context.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import type { Host } from '../../../../src/remote/host.ts';
import { describe as line } from '../../../../src/step/action.ts';
import { relayEnds } from '../../../../src/sync/movers/blocks/path.ts';
import { RELAY_ADDRESSES, relayed, relayPort } from '../../../../src/sync/relay.ts';
import { syncSteps } from '../../../../src/sync/steps.ts';
import { machinePlan, planOf, Story } from '../../../support/state.ts';

const plan = planOf({ machines: { web1: machinePlan({ mover: 'blocks' }) } });
const story = new Story({ ...plan, link: { ...plan.link, path: 'relay' } })
  .begin()
  .observe('web1')
  .tell({
    type: 'path.keyed',
    machine: 'web1',
    publicKey: 'ssh-ed25519 AAAA',
    expiresAt: 2e12,
    between: { from: ['10.20.0.1'], login: 'root', hostKeys: ['ssh-ed25519 AAAAhost'] },
  });
const port = relayPort('miami-to-dallas', 'web1');

it('lets the source hypervisor knock at its own loopback, with the key of the target pinned as before', () => {
  const path = syncSteps(story.view, 'web1').find(({ id }) => id.endsWith('/blocks-path'));
  const actions = path?.preview(story.view) ?? [];
  const rsh = actions.find(action => action.kind === 'write' && action.path.endsWith('/rsh'));
  const content = rsh?.kind === 'write' ? String(rsh.content) : '';
  expect(content).toContain('HostName=127.0.0.1');
  expect(content).toContain(`Port=${port}`);
  expect(content).toContain('HostKeyAlias=dal-kvm1');
  const door = actions.find(action => action.kind === 'exec');
  expect(door === undefined ? '' : line(door)).toContain(RELAY_ADDRESSES);
  const pass = syncSteps(story.view, 'web1').find(({ id }) => id.endsWith('/pass-1'));
  const shipping = pass?.preview(story.view).find(each => each.kind === 'job' && each.job.includes('-ship-'));
  expect(shipping?.kind === 'job' ? shipping.note : '').toContain('through the machine that runs landfall');
});

it('opens the way from hypervisor to hypervisor while the pass runs, and closes it however that ends', async () => {
  const calls: string[] = [];
  const hostOf = (id: string): Host => {
    const unused = () => Promise.reject(new Error('not here'));
    return {
      id,
      exec: unused,
      write: unused,
      read: unused,
      job: () => {
        throw new Error('not here');
      },
      tunnels: {
        listen: async (at: number) => {
          calls.push(`${id} listens at ${at}`);
          return { close: async () => void calls.push(`${id} closed`) };
        },
        dial: async () => Duplex.from([]),
      },
    } as unknown as Host;
  };
  const failing = new LandfallError('sync.link-lost', { what: 'lost', next: [] });
  const step = relayed(
    {
      ...{ id: 's', phase: 'sync', subject: 'web1', title: '', needs: [], resources: [] },
      preview: () => [],
      done: async () => false,
      run: async () => {
        calls.push('runs');
        throw failing;
      },
    },
    'web1',
    relayEnds,
  );
  const unused = async (): Promise<void> => undefined;
  const context = contextFor(step, {
    plan: story.plan,
    evacuation: story.plan.name,
    state: () => story.state,
    host: async id => hostOf(id),
    emit: unused,
    onSample: () => undefined,
    keepLog: unused,
    clock: { now: () => 0, monotonic: () => 0, sleep: unused },
    random: { next: () => 0.5, bytes: count => new Uint8Array(count) },
  });
  await expect(step.run(context, new AbortController().signal)).rejects.toBe(failing);
  expect(calls).toEqual([`mia-kvm1 listens at ${port}`, 'runs', 'mia-kvm1 closed']);
  expect(relayEnds(story.view, 'web1')).toEqual({ from: 'mia-kvm1', port, to: 'dal-kvm1', sshPort: 22 });
});

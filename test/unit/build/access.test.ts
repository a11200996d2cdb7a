import { describe, expect, it } from 'vitest';
import { buildSteps } from '../../../src/build/index.ts';
import { staticAddress } from '../../../src/build/receiver/address.ts';
import { contextFor } from '../../../src/evacuation/context.ts';
import { LandfallError } from '../../../src/foundation/errors.ts';
import type { PlanInput } from '../../../src/plan/schema.ts';
import type { Host } from '../../../src/remote/host.ts';
import { describe as line } from '../../../src/step/action.ts';
import { InstantClock } from '../../support/conducted.ts';
import { type Reply, scriptedHost } from '../../support/scripted-host.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';

const TARGET_ID = 'd'.repeat(32);
const key = (fill: string): string =>
  `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, fill)]).toString('base64')}`;
const KEY = key('k');

function story(plan: Partial<PlanInput> = {}): Story {
  const hypervisor = (name: string, hostId: string) => ({
    type: 'hypervisor.observed' as const,
    hypervisor: name,
    version: 'libvirt 9.0.0',
    cpus: 8,
    memory: 1e10,
    pools: {},
    networks: [],
    hostId,
  });
  return new Story(planOf(plan))
    .begin()
    .tell({
      type: 'evacuation.started',
      pid: 4711,
      host: 'jump1',
      landfall: '0.1.0',
      controlKeys: ['ssh-ed25519 AAAA dana@jump1'],
    })
    .tell(hypervisor('dal-kvm1', TARGET_ID), hypervisor('mia-kvm1', 's'.repeat(32)))
    .observe('web1')
    .tell({ type: 'receiver.started', machine: 'web1', domain: 'r', uuid: 'receiver-uuid' });
}

const network = {
  'dal-servers': { site: 'dallas', libvirt: 'servers', cidr: '10.30.0.0/24', gateway: '10.30.0.1' },
};

/** A guest whose agent answers; `set` is what becomes of guest-exec. */
class Guest {
  addresses: string[] = ['10.30.0.99'];
  hostKey = KEY;
  set: Reply | undefined;
  exitcode = 0;
  readonly hypervisor = scriptedHost('dal-kvm1', asked => this.answer(asked));

  private answer(asked: string): Reply | undefined {
    if (asked === 'cat /etc/machine-id') return TARGET_ID;
    if (asked.startsWith('tail ')) return '';
    const json = /qemu-agent-command \S+ ([\s\S]*) --timeout 10$/.exec(asked)?.[1];
    if (json === undefined) return undefined;
    const { execute } = JSON.parse(json) as { execute: string };
    const returns = (value: unknown): string => JSON.stringify({ return: value });
    switch (execute) {
      case 'guest-file-open':
        return returns(1);
      case 'guest-file-read':
        return returns({
          count: 1,
          'buf-b64': Buffer.from(`${this.hostKey} root@golden\n`).toString('base64'),
          eof: true,
        });
      case 'guest-network-get-interfaces':
        return returns([{ name: 'eth0', 'ip-addresses': this.addresses.map(a => ({ 'ip-address': a })) }]);
      case 'guest-exec':
        if (this.set === undefined) this.addresses.push('10.30.0.11');
        return this.set ?? returns({ pid: 7 });
      case 'guest-exec-status':
        return returns({
          exited: true,
          exitcode: this.exitcode,
          'err-data': Buffer.from('RTNETLINK answers: No such device\n').toString('base64'),
        });
      default:
        return returns({});
    }
  }
}

/** Runs the step; `login` makes the receiver's host, or fails as SSH would. */
async function access(told: Story, guest: Guest, login: () => Promise<Host>): Promise<unknown> {
  const step = buildSteps(told.view, 'web1').find(item => item.id === 'build/web1/access');
  if (step === undefined) throw new Error('no step');
  const context = contextFor(step, {
    plan: told.plan,
    evacuation: told.plan.name,
    state: () => told.state,
    host: id => (id === 'web1.receiver' ? login() : Promise.resolve(guest.hypervisor)),
    emit: event => Promise.resolve(void told.tell(event)),
    onSample: () => undefined,
    keepLog: () => Promise.resolve(),
    clock: new InstantClock(),
    random: { next: () => 0, bytes: count => new Uint8Array(count) },
  });
  return step.run(context, new AbortController().signal).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const open = (): Promise<Host> => Promise.resolve(scriptedHost('web1.receiver', () => 'receiver-uuid'));
const executed = (guest: Guest): string[] =>
  guest.hypervisor.asked.filter(text => text.includes('"guest-exec"'));

describe('the address of a receiver', () => {
  it('is set through the agent where the receiver lacks it, on the interface with the MAC address that it was given', async () => {
    const told = story({ networks: network });
    const guest = new Guest();
    expect(await access(told, guest, open)).toBeUndefined();
    expect(executed(guest)).toHaveLength(1);
    expect(executed(guest)[0]).toContain('10.30.0.11/24","10.30.0.1"');
    expect(executed(guest)[0]).toMatch(/"52:54:00:[0-9a-f:]{8}"/);
    expect(told.state.machines['web1']?.receiver).toMatchObject({
      hostKey: KEY,
      addresses: ['10.30.0.99', '10.30.0.11'],
    });
  });

  it('is left alone where the receiver has it', async () => {
    const guest = new Guest();
    guest.addresses = ['10.30.0.11'];
    expect(await access(story({ networks: network }), guest, open)).toBeUndefined();
    expect(executed(guest)).toEqual([]);
  });

  it('names the ways out where the agent may not run commands', async () => {
    const guest = new Guest();
    guest.set = {
      code: 1,
      stderr:
        "error: internal error: unable to execute QEMU agent command 'guest-exec': Command guest-exec has been disabled\n",
    };
    const error = await access(story({ networks: network }), guest, open);
    expect(error).toMatchObject({ code: 'build.network' });
    const next = error instanceof LandfallError ? error.facts.next.join('\n') : '';
    expect(next).toContain('net-update servers add ip-dhcp-host');
    expect(next).toContain('seed: nocloud');
    expect(next).toContain('guest-exec');
  });

  it('tells what the guest said where it could not be set', async () => {
    const guest = new Guest();
    guest.exitcode = 1;
    const error = await access(story({ networks: network }), guest, open);
    expect(error).toMatchObject({
      code: 'build.network',
      facts: { evidence: ['RTNETLINK answers: No such device'] },
    });
  });

  it('is known better than by DHCP only where the plan says enough', () => {
    const at = (target: object, cidr?: string) =>
      staticAddress(
        planOf({
          networks: {
            'dal-servers': { site: 'dallas', libvirt: 'servers', ...(cidr === undefined ? {} : { cidr }) },
          },
          machines: { web1: machinePlan({ target: { ...machinePlan().target, ...target } }) },
        }),
        'web1',
      );
    expect(at({}, '10.30.0.0/16')).toEqual({ address: '10.30.0.11', prefix: 16, gateway: undefined });
    expect(at({})).toBeUndefined();
    expect(at({}, '10.31.0.0/16')).toBeUndefined();
    expect(at({ address: 'web1-dal' }, '10.30.0.0/16')).toBeUndefined();
    expect(at({ port: 2222 }, '10.30.0.0/16')).toBeUndefined();
    expect(at({ address: 'fd00::5' }, 'fd00::/64')?.prefix).toBe(64);
  });
});

describe('the door of a receiver', () => {
  const fails = (code: 'ssh.unreachable' | 'ssh.host-key-changed', evidence: string[]) => () =>
    Promise.reject(new LandfallError(code, { what: 'no way in', evidence, next: [] }));

  it('that SSH does not reach, although the agent answers, is told as a matter of routes and firewalls', async () => {
    const error = await access(
      story({ networks: network }),
      new Guest(),
      fails('ssh.unreachable', ['EHOSTUNREACH']),
    );
    expect(error).toMatchObject({ code: 'build.network' });
    expect(String(error)).toContain('runs, but nobody answers by SSH at 10.30.0.11 port 22');
    expect(error instanceof LandfallError && error.facts.evidence).toEqual([
      'guest agent of dal-kvm1: answers',
      'addresses of the receiver: 10.30.0.99, 10.30.0.11',
      'SSH: no way in',
      'EHOSTUNREACH',
    ]);
  });

  it('behind which somebody else answers is told with both fingerprints', async () => {
    const prints = ['presented: ssh-ed25519 SHA256:other', 'pinned: ssh-ed25519 SHA256:ours'];
    const error = await access(
      story({ networks: network }),
      new Guest(),
      fails('ssh.host-key-changed', prints),
    );
    expect(error).toMatchObject({ code: 'ssh.host-key-changed' });
    expect(String(error)).toContain('answers another host than the receiver of web1');
    expect(error instanceof LandfallError && error.facts.evidence).toEqual(expect.arrayContaining(prints));
  });

  it('that got another key while a copy lies behind it is not trusted again', async () => {
    const reachable = { type: 'receiver.reachable' as const, machine: 'web1', hostKey: KEY, addresses: [] };
    const guest = new Guest();
    guest.hostKey = key('x');
    const fresh = story({ networks: network }).tell(reachable);
    expect(await access(fresh, guest, open)).toBeUndefined();
    expect(fresh.state.machines['web1']?.receiver?.hostKey).toBe(guest.hostKey);

    const full = story({ networks: network }).tell(reachable).startPass('web1', 1);
    const error = await access(full, guest, open);
    expect(error).toMatchObject({ code: 'ssh.host-key-changed' });
    expect(error instanceof LandfallError && error.facts.evidence).toEqual([
      expect.stringMatching(/^recorded: ssh-ed25519 SHA256:/),
      expect.stringMatching(/^told now by its guest agent: ssh-ed25519 SHA256:/),
    ]);
    expect(full.state.machines['web1']?.receiver?.hostKey).toBe(KEY);
  });
});

it('the preview shows the MAC address for a DHCP reservation, and is complete', () => {
  const told = story({ networks: network });
  const text = buildSteps(told.view, 'web1').flatMap(step => step.preview(told.view));
  const mac = /52:54:00:[0-9a-f:]{8}/.exec(JSON.stringify(text))?.[0];
  expect(text.some(action => 'note' in action && action.note?.includes(`MAC address ${mac}`))).toBe(true);
  expect(text.map(line).filter(word => word.includes('guest-exec'))).toHaveLength(2);
});

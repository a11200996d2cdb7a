import { describe, expect, it } from 'vitest';
import { buildSteps } from '../../../src/build/index.ts';
import { AGENT_PATIENCE_MS } from '../../../src/build/receiver/access.ts';
import { seedAction, seededBytes } from '../../../src/build/replica/seed.ts';
import { contextFor } from '../../../src/evacuation/context.ts';
import type { Plan } from '../../../src/plan/schema.ts';
import type { Host } from '../../../src/remote/host.ts';
import type { Step } from '../../../src/step/step.ts';
import { InstantClock } from '../../support/conducted.ts';
import { factsOf } from '../../support/recorded-host.ts';
import { type Reply, scriptedHost } from '../../support/scripted-host.ts';
import { machinePlan, planOf, Story, T0 } from '../../support/state.ts';

const { domain, guest } = factsOf('debian-12');
const TARGET_ID = 'd'.repeat(32);
const SOURCE_ID = '5'.repeat(32);
const RECEIVER = 'landfall-miami-to-dallas-web1-receiver';

/** An evacuation whose inventory is done; used on the source: 2 879 844 352 bytes. */
function inventoried(plan?: Plan): Story {
  const hypervisor = (name: string, hostId: string) => ({
    type: 'hypervisor.observed' as const,
    hypervisor: name,
    version: 'libvirt 9.0.0',
    cpus: 8,
    memory: 1e10,
    pools: {},
    networks: [],
    images: {
      golden: { pool: 'default', volume: 'golden.qcow2', capacity: 5e9, path: '/pool/golden.qcow2' },
    },
    hostId,
  });
  const story = new Story(plan).begin();
  return story.tell(hypervisor('dal-kvm1', TARGET_ID), hypervisor('mia-kvm1', SOURCE_ID), {
    type: 'machine.observed',
    machine: 'web1',
    domain,
    guest,
    digest: 'd',
  });
}

function stepOf(story: Story, name: string): Step {
  const step = buildSteps(story.view, 'web1').find(item => item.id === `build/web1/${name}`);
  if (step === undefined) throw new Error(`no step ${name}`);
  return step;
}

/** Runs one step against scripted hosts; gives back the error it ended with. */
async function failureOf(step: Step, story: Story, host: Host, clock = new InstantClock()): Promise<unknown> {
  const context = contextFor(step, {
    plan: story.plan,
    evacuation: story.plan.name,
    state: () => story.state,
    host: () => Promise.resolve(host),
    emit: event => Promise.resolve(void story.tell(event)),
    onSample: () => undefined,
    keepLog: () => Promise.resolve(),
    clock,
    random: { next: () => 0, bytes: count => new Uint8Array(count) },
  });
  return step.run(context, new AbortController().signal).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const volume = (name: string, capacity: number, allocation = 0, backing = ''): string =>
  `<volume><name>${name}</name><capacity>${capacity}</capacity><allocation>${allocation}</allocation>` +
  `<target><path>/pool/${name}</path><format type='qcow2'/></target>${backing}</volume>`;
const pool = (available: number): string =>
  `<pool><name>default</name><capacity unit='bytes'>99</capacity><available unit='bytes'>${available}</available>` +
  '<target><path>/pool</path></target></pool>';
const noVolume: Reply = {
  code: 1,
  stderr:
    "error: failed to get vol 'x'\nerror: Storage volume not found: no storage vol with matching name 'x'\n",
};

/** Commands that would change something. */
const deeds = (asked: readonly string[]): string[] =>
  asked.filter(line =>
    /^virsh -c \S+ (?!qemu-agent)|^flock \S+ \S+ \S+ (?!true)|^(?:sfdisk|mkfs|mount|mkdir|vgchange|rsync -a)/.test(
      line,
    ),
  );

describe('replica', () => {
  const answers =
    (available: number, existing: Reply, id = TARGET_ID) =>
    (line: string): Reply | undefined => {
      if (line === 'cat /etc/machine-id') return `${id}\n`;
      if (line.includes('net-list')) return 'default\nservers\n\n';
      if (line.includes('pool-dumpxml')) return pool(available);
      if (line.includes('vol-dumpxml')) return existing;
      return undefined;
    };

  it('says how many bytes are missing, and creates nothing', async () => {
    const used = guest.fileSystems.reduce((sum, fs) => sum + fs.used, 0);
    const host = scriptedHost('dal-kvm1', answers(used - 7, noVolume));
    const story = inventoried();
    const error = await failureOf(stepOf(story, 'replica'), story, host);
    expect(error).toMatchObject({ code: 'build.space' });
    expect(String(error)).toContain('7 bytes');
    expect(deeds(host.asked)).toEqual([]);
  });

  it('counts what the replica holds already', async () => {
    const used = guest.fileSystems.reduce((sum, fs) => sum + fs.used, 0);
    const there = volume('v', 21_474_836_480, used);
    const host = scriptedHost('dal-kvm1', answers(0, there));
    const story = inventoried();
    expect(await failureOf(stepOf(story, 'replica'), story, host)).toBeUndefined();
    expect(deeds(host.asked)).toEqual([]);
    expect(story.state.machines['web1']?.replica?.volumes[0]?.path).toBe('/pool/v');
  });

  it('counts what the replicas of other machines have yet to take of the same pool', async () => {
    const own = guest.fileSystems.reduce((sum, fs) => sum + fs.used, 0);
    const others = 8e9;
    const host = scriptedHost('dal-kvm1', line =>
      line.includes('landfall-e-web2')
        ? volume('other', 2e10, 3e9)
        : answers(own + others - 3e9 - 1, noVolume)(line),
    );
    const story = inventoried(planOf({ machines: { web1: machinePlan(), web2: machinePlan() } }))
      .observe('web2')
      .build('web2');
    const error = await failureOf(stepOf(story, 'replica'), story, host);
    expect(error).toMatchObject({ code: 'build.space' });
    expect(String(error)).toContain(' 1 bytes');
    expect(deeds(host.asked)).toEqual([]);
  });

  it('leaves a volume alone that landfall did not make', async () => {
    const base = '<backingStore><path>/pool/other.qcow2</path></backingStore>';
    const host = scriptedHost('dal-kvm1', answers(1e12, volume('v', 21_474_836_480, 0, base)));
    const story = inventoried();
    const error = await failureOf(stepOf(story, 'replica'), story, host);
    expect(error).toMatchObject({ code: 'build.foreign-object' });
    expect(deeds(host.asked)).toEqual([]);
  });

  it('makes nothing where the network of the receiver is not up', async () => {
    const host = scriptedHost('dal-kvm1', line =>
      line.includes('net-list') ? 'default\n' : answers(1e12, noVolume)(line),
    );
    const story = inventoried();
    const error = await failureOf(stepOf(story, 'replica'), story, host);
    expect(error).toMatchObject({ code: 'build.network', facts: { evidence: ['active: default'] } });
    expect(deeds(host.asked)).toEqual([]);
  });

  it('leaves a volume of another capacity alone', async () => {
    const host = scriptedHost('dal-kvm1', answers(1e12, volume('v', 21_474_836_481)));
    const story = inventoried();
    expect(await failureOf(stepOf(story, 'replica'), story, host)).toMatchObject({
      code: 'build.foreign-object',
    });
    expect(deeds(host.asked)).toEqual([]);
  });

  it.each([
    ['the source hypervisor', SOURCE_ID],
    ['an unknown host', 'e'.repeat(32)],
  ])('does nothing where %s answers', async (_who, id) => {
    const host = scriptedHost('dal-kvm1', answers(1e12, noVolume, id));
    const story = inventoried();
    expect(await failureOf(stepOf(story, 'replica'), story, host)).toMatchObject({
      code: 'identity.mismatch',
    });
    expect(deeds(host.asked)).toEqual([]);
  });
});

describe('receiver', () => {
  it.each([
    ['a domain of somebody else', '<domain><name>x</name><uuid>u</uuid><devices/></domain>'],
    [
      'a domain of another evacuation',
      `<domain><name>x</name><uuid>u</uuid><metadata><landfall:receiver xmlns:landfall="urn:landfall:1" evacuation="drill" machine="web1"/></metadata></domain>`,
    ],
    [
      'the receiver of an evacuation of the same name from another control machine',
      `<domain><name>x</name><uuid>u</uuid><metadata><landfall:receiver xmlns:landfall="urn:landfall:1" evacuation="miami-to-dallas" begun="2026-11-22T03:04:05.678Z" machine="web1"/></metadata></domain>`,
    ],
  ])('leaves %s alone', async (_what, xml) => {
    const host = scriptedHost('dal-kvm1', line =>
      line === 'cat /etc/machine-id' ? TARGET_ID : line.includes('dumpxml') ? xml : undefined,
    );
    const story = inventoried();
    const error = await failureOf(stepOf(story, 'receiver'), story, host);
    expect(error).toMatchObject({ code: 'build.foreign-object' });
    expect(deeds(host.asked)).toEqual([]);
  });

  it('is not booted where an early landfall has put the replica into its definition', async () => {
    const own = `<domain><name>x</name><uuid>u</uuid><metadata><landfall:receiver xmlns:landfall="urn:landfall:1" evacuation="miami-to-dallas" begun="${new Date(T0).toISOString()}" machine="web1"/></metadata><devices>${domain.disks.map(disk => `<disk><serial>lf-${disk.target}</serial></disk>`).join('')}</devices></domain>`;
    const host = scriptedHost('dal-kvm1', line => {
      if (line === 'cat /etc/machine-id') return TARGET_ID;
      if (line.includes('domstate')) return 'shut off\n';
      return line.includes('dumpxml') ? own : undefined;
    });
    const story = started();
    const error = await failureOf(stepOf(story, 'receiver'), story, host);
    expect(error).toMatchObject({ code: 'build.foreign-object' });
    expect(String(error)).toContain('has disks of the replica in its definition');
    expect(deeds(host.asked)).toEqual([]);
  });

  it('refuses an overlay of another image', async () => {
    const base = '<backingStore><path>/pool/other.qcow2</path></backingStore>';
    const host = scriptedHost('dal-kvm1', line => {
      if (line === 'cat /etc/machine-id') return TARGET_ID;
      if (line.includes('vol-dumpxml')) return volume('receiver', 5e9, 0, base);
      if (line.includes('dumpxml')) return { code: 1, stderr: 'error: Domain not found: no domain' };
      return undefined;
    });
    const story = inventoried();
    expect(await failureOf(stepOf(story, 'receiver'), story, host)).toMatchObject({
      code: 'build.foreign-object',
    });
    expect(deeds(host.asked)).toEqual([]);
  });
});

/** A network that says nothing of its addresses: landfall gives none, the receiver has to have it. */
const BARE = { 'dal-servers': { site: 'dallas', libvirt: 'servers' } };

const started = (): Story =>
  inventoried(planOf({ networks: BARE })).tell(
    { type: 'receiver.started', machine: 'web1', domain: RECEIVER, uuid: 'receiver-uuid' },
    { type: 'receiver.reachable', machine: 'web1', hostKey: 'ssh-ed25519 AAAA', addresses: [] },
  );

describe('access', () => {
  const agent = (answer: (command: string, args: Record<string, unknown>) => Reply) => (line: string) => {
    if (line === 'cat /etc/machine-id') return TARGET_ID;
    if (line.startsWith('tail ')) return 'SeaBIOS\r\n\x1b[2JBooting from Hard Disk...\r\n\r\n';
    const json = /qemu-agent-command \S+ (\{.*\}) --timeout 10$/.exec(line)?.[1];
    if (json === undefined) return undefined;
    const { execute, arguments: args = {} } = JSON.parse(json) as {
      execute: string;
      arguments?: Record<string, unknown>;
    };
    return answer(execute, args);
  };
  const silent: Reply = {
    code: 1,
    stderr: 'error: Guest agent is not responding: QEMU guest agent is not connected\n',
  };

  it('gives up on a silent agent by the clock, with what to do', async () => {
    const clock = new InstantClock();
    const story = started();
    const host = scriptedHost(
      'dal-kvm1',
      agent(() => silent),
    );
    const error = await failureOf(stepOf(story, 'access'), story, host, clock);
    expect(error).toMatchObject({
      code: 'build.agent-silent',
      facts: {
        evidence: [
          'error: Guest agent is not responding: QEMU guest agent is not connected',
          'its console: SeaBIOS',
          'its console: Booting from Hard Disk...',
        ],
      },
    });
    expect(clock.now()).toBeGreaterThanOrEqual(AGENT_PATIENCE_MS);
    expect(clock.now()).toBeLessThan(AGENT_PATIENCE_MS + 5_000);
    expect(deeds(host.asked)).toEqual([]);
  });

  it('shows both sides when the receiver has another address than the plan, and closes the file it opened', async () => {
    const story = started();
    const host = scriptedHost(
      'dal-kvm1',
      agent(command => {
        if (command === 'guest-file-open') return '{"return":1000}';
        if (command === 'guest-file-read') {
          const key = Buffer.from('ssh-ed25519 AAAAC3Nz root@golden\n').toString('base64');
          return `{"return":{"count":33,"buf-b64":"${key}","eof":true}}`;
        }
        if (command === 'guest-network-get-interfaces') {
          return '{"return":[{"name":"lo","ip-addresses":[{"ip-address":"127.0.0.1"}]},{"name":"eth0","ip-addresses":[{"ip-address":"10.30.0.99"},{"ip-address":"fe80::1"}]}]}';
        }
        return '{"return":{}}';
      }),
    );
    const error = await failureOf(stepOf(story, 'access'), story, host);
    expect(error).toMatchObject({
      code: 'identity.mismatch',
      facts: { evidence: ['the plan: 10.30.0.11', 'the receiver: 10.30.0.99'] },
    });
    expect(host.asked.filter(line => line.includes('guest-file-close'))).toHaveLength(1);
    expect(host.asked.some(line => line.includes('authorized-keys'))).toBe(false);
  });
});

describe('prepare', () => {
  it.each([
    ['the source machine', `${domain.uuid.toUpperCase()}\n`],
    ['a stranger', 'aaaa\n'],
    ['nobody readable', { code: 1, stderr: 'Permission denied' }],
  ] as const)('formats nothing where %s answers', async (_who, reply) => {
    const story = started();
    const host = scriptedHost('web1.receiver', line => (line.includes('product_uuid') ? reply : undefined));
    const error = await failureOf(stepOf(story, 'prepare'), story, host);
    expect(error).toMatchObject({ code: 'identity.mismatch' });
    expect(deeds(host.asked)).toEqual([]);
  });

  it('says what the golden image lacks before it touches a disk', async () => {
    const story = started();
    const host = scriptedHost('web1.receiver', line =>
      line.includes('product_uuid') ? 'RECEIVER-UUID\n' : undefined,
    );
    const error = await failureOf(stepOf(story, 'prepare'), story, host);
    expect(error).toMatchObject({ code: 'remote.command-missing' });
    expect(String(error)).toContain('rsync is missing in the receiver');
    expect(deeds(host.asked)).toEqual([]);
  });

  it('formats nothing over a copy, although lsblk shows an empty disk', async () => {
    const story = started().startPass('web1', 1);
    const host = scriptedHost('web1.receiver', line => {
      if (line.includes('product_uuid')) return 'receiver-uuid';
      if (line.startsWith('rsync --version')) return 'rsync  version 3.2.7  protocol version 31\n';
      if (line.startsWith('findmnt')) return '{"filesystems":[]}';
      if (line.startsWith('flock') || line.startsWith('udevadm')) return '';
      if (!line.startsWith('lsblk')) return undefined;
      const [disk] = domain.disks;
      return JSON.stringify({
        blockdevices: [
          { name: 'vdb', path: '/dev/vdb', type: 'disk', size: disk?.capacity, serial: `lf-${disk?.target}` },
        ],
      });
    });
    const error = await failureOf(stepOf(story, 'prepare'), story, host);
    expect(error).toMatchObject({ code: 'build.foreign-object' });
    expect(String(error)).toContain('pass 1 has written');
    expect(deeds(host.asked)).toEqual([]);
  });

  it('never seeds over a replica that has seen a pass', () => {
    const story = started();
    const jobs = () =>
      stepOf(story, 'prepare')
        .preview(story.view)
        .filter(action => action.kind === 'job');
    expect(jobs()).toHaveLength(1);
    story.startPass('web1', 1);
    expect(jobs()).toEqual([]);
  });
});

describe('seed', () => {
  it('leaves nested mounts and the identity of the receiver out', () => {
    const { argv } = seedAction(inventoried().view, 'web1');
    expect(argv).toContain('--exclude=/boot/efi/*');
    expect(argv).toContain('--exclude=/etc/machine-id');
    expect(argv.slice(-2)).toEqual(['/', '/mnt/t/']);
  });

  it('reads the bytes with and without grouping', () => {
    expect(seededBytes('Total file size: 73,018,351 bytes\n')).toBe(73_018_351);
    expect(seededBytes('x\nTotal file size: 5 bytes\n')).toBe(5);
    expect(seededBytes('')).toBe(0);
  });

  it('counts a seed that found everything in place: the first pass must still compare contents and delete', () => {
    const stats = 'Total file size: 5,000 bytes\nTotal transferred file size: 0 bytes\n';
    expect(seededBytes(stats)).toBe(5000);
  });
});

import { describe, expect, it } from 'vitest';
import {
  beginningOf,
  putIn,
  putInActions,
  replicaVolumes,
  takeOut,
  takeOutActions,
} from '../../../src/build/index.ts';
import { attachStep } from '../../../src/build/receiver/attach.ts';
import { readPlugged } from '../../../src/build/receiver/disk-xml.ts';
import { prepareStep } from '../../../src/build/replica/prepare.ts';
import { contextFor } from '../../../src/evacuation/context.ts';
import { LandfallError } from '../../../src/foundation/errors.ts';
import type { Host } from '../../../src/remote/host.ts';
import { describe as line } from '../../../src/step/action.ts';
import type { Step, StepContext } from '../../../src/step/step.ts';
import { InstantClock } from '../../support/conducted.ts';
import { type Reply, scriptedHost } from '../../support/scripted-host.ts';
import { Story } from '../../support/state.ts';

const ID = 'd'.repeat(32);
const UUID = 'aaaaaaaa-0000-4000-8000-000000000001';
const GB = 1e9;
const COPY = 'landfall-miami-to-dallas-web1-proof';

/** The receiver's domain and kernel, as far as disks and mounts go: what goes in is seen, what is mounted stays. */
class Lab {
  disks: { target: string; serial: string; volume: string }[] = [];
  mounts: { device: string; path: string }[] = [];
  /** A domain that an interrupted proof has left running: it holds the replica open. */
  copy: string | undefined;
  /** Unplugging is forgotten so many times by the guest. */
  clings = 0;
  readonly files = new Map<string, string>();
  readonly hypervisor: Host & { asked: string[] };
  readonly receiver: Host & { asked: string[] };

  constructor() {
    const hypervisor = scriptedHost('dal-kvm1', asked => this.virsh(asked));
    this.hypervisor = {
      ...hypervisor,
      write: (path, content) => Promise.resolve(void this.files.set(path, String(content))),
    };
    this.receiver = scriptedHost('web1.receiver', asked => this.guest(asked));
  }

  get volumes(): string[] {
    return this.disks.map(({ volume }) => volume);
  }

  private xml(): string {
    const shown = this.disks.map(
      ({ target, serial, volume }) =>
        `<disk type='volume'><source pool='default' volume='${volume}' index='2'/><target dev='${target}' bus='scsi'/><serial>${serial}</serial></disk>`,
    );
    return `<domain><devices><disk type='volume'><source pool='default' volume='own'/><target dev='vda'/></disk>${shown.join('')}</devices></domain>`;
  }

  private virsh(asked: string): Reply | undefined {
    if (asked === 'cat /etc/machine-id') return ID;
    if (asked.endsWith(`dumpxml ${COPY}`))
      return this.copy ?? { code: 1, stderr: `error: failed to get domain '${COPY}'` };
    if (asked.endsWith(`destroy ${COPY}`)) {
      this.copy = undefined;
      return '';
    }
    if (asked.includes(' dumpxml ')) return this.xml();
    const [, verb, file = ''] = / (attach|detach)-device \S+ (\S+) --live$/.exec(asked) ?? [];
    const [disk] = readPlugged(`<domain><devices>${this.files.get(file)}</devices></domain>`) ?? [];
    if (disk === undefined) return undefined;
    if (verb === 'attach') {
      if (this.copy !== undefined) return { code: 1, stderr: 'error: Failed to get "write" lock' };
      if (this.disks.some(({ target }) => target === disk.target))
        return { code: 1, stderr: 'target exists' };
      this.disks.push({ ...disk, volume: disk.volume ?? '' });
    } else if (this.clings > 0) {
      this.clings -= 1;
    } else {
      if (this.mounts.length > 0) throw new Error('a mounted disk was pulled');
      // As libvirt does: by target alone.
      this.disks = this.disks.filter(({ target }) => target !== disk.target);
    }
    return '';
  }

  private guest(asked: string): Reply | undefined {
    if (asked.startsWith('cat /sys/class/dmi')) return UUID;
    if (
      asked.startsWith('udevadm') ||
      asked === 'sync' ||
      asked.startsWith('sh -c') ||
      asked.startsWith('mkdir')
    )
      return '';
    if (asked.startsWith('lsblk')) {
      const blockdevices = this.disks.map(({ serial, target }) => ({
        name: target,
        path: `/dev/${target}`,
        type: 'disk',
        size: 20 * GB,
        serial,
        children: [
          {
            name: `${target}1`,
            path: `/dev/${target}1`,
            type: 'part',
            size: 20 * GB,
            fstype: 'ext4',
            uuid: 'aaaa-1',
          },
        ],
      }));
      return JSON.stringify({ blockdevices });
    }
    if (asked.startsWith('findmnt')) {
      const filesystems = this.mounts.map(({ device, path }) => ({
        target: path,
        source: device,
        uuid: 'aaaa-1',
        used: 5 * GB,
      }));
      return JSON.stringify({ filesystems });
    }
    if (asked === 'rsync --version') return 'rsync  version 3.2.7  protocol version 31\n';
    if (asked === 'cat /etc/machine-id') return 'receiver';
    if (asked.startsWith('flock') && asked.endsWith(' true')) return '';
    if (asked === 'cat /proc/self/mounts')
      return [
        'proc /proc proc rw 0 0',
        ...this.mounts.map(m => `${m.device} ${m.path} ext4 rw 0 0`),
        '',
      ].join('\n');
    if (asked === 'umount -R /mnt/t') {
      this.mounts = [];
      return '';
    }
    const [, device, path] = /^mount (\S+) (\/mnt\/t\S*)$/.exec(asked) ?? [];
    if (device === undefined || path === undefined) return undefined;
    this.mounts.push({ device, path });
    return '';
  }
}

function story(): Story {
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
  return new Story()
    .begin()
    .tell(hypervisor('dal-kvm1', ID), hypervisor('mia-kvm1', 's'.repeat(32)))
    .observe('web1', {
      blocks: [
        { device: '/dev/vda', type: 'disk', size: 20 * GB },
        {
          device: '/dev/vda1',
          type: 'part',
          size: 20 * GB,
          parent: '/dev/vda',
          fstype: 'ext4',
          uuid: 'AAAA-1',
        },
      ],
      partitionTables: {
        '/dev/vda': 'label: dos\ndevice: /dev/vda\n\n/dev/vda1 : start=2048, size=4096, type=83\n',
      },
    })
    .tell(
      { type: 'receiver.started', machine: 'web1', domain: 'r', uuid: UUID },
      { type: 'receiver.reachable', machine: 'web1', hostKey: 'ssh-ed25519 AAAA', addresses: [] },
    );
}

function contextOf(step: Step, told: Story, lab: Lab): StepContext {
  return contextFor(step, {
    plan: told.plan,
    evacuation: told.plan.name,
    state: () => told.state,
    host: id => Promise.resolve(id === 'web1.receiver' ? lab.receiver : lab.hypervisor),
    emit: event => Promise.resolve(void told.tell(event)),
    onSample: () => undefined,
    keepLog: () => Promise.resolve(),
    clock: new InstantClock(),
    random: { next: () => 0, bytes: count => new Uint8Array(count) },
  });
}

const signal = new AbortController().signal;
const REPLICA = 'landfall-miami-to-dallas-web1-vda.qcow2';
const OVERLAY = { disk: 'vda', pool: 'default', volume: 'landfall-miami-to-dallas-web1-vda-proof.qcow2' };

/** A step that may do what a proof does with the disks. */
const proof: Step = {
  id: 'prove/web1/proof-1',
  phase: 'prove',
  subject: 'web1',
  title: 'prove',
  needs: [],
  resources: [],
  preview: view => [
    ...takeOutActions(view, 'web1'),
    ...putInActions(view, 'web1', [OVERLAY]),
    ...putInActions(view, 'web1', replicaVolumes(view, 'web1')),
  ],
  done: () => Promise.resolve(false),
  run: () => Promise.resolve(),
};

describe('attach', () => {
  it('plugs the replica in, records where it is, and finds it done', async () => {
    const told = story();
    const lab = new Lab();
    const step = attachStep(told.plan, 'web1');
    const context = contextOf(step, told, lab);
    expect(await step.done(context, signal)).toBe(false);
    await step.run(context, signal);
    expect(lab.volumes).toEqual([REPLICA]);
    expect(told.state.machines['web1']?.receiver?.devices).toEqual({ vda: '/dev/sda' });
    expect(await step.done(context, signal)).toBe(true);
    await step.run(context, signal);
    expect(lab.hypervisor.asked.filter(text => text.includes('attach-device'))).toHaveLength(1);
  });

  it('takes the overlay of an interrupted proof out, mounted as it is, before the replica goes in', async () => {
    const told = story();
    const lab = new Lab();
    lab.disks = [{ target: 'sda', serial: 'lf-vda', volume: OVERLAY.volume }];
    lab.mounts = [
      { device: '/dev/sda1', path: '/mnt/t' },
      { device: 'proc', path: '/mnt/t/proc' },
    ];
    lab.clings = 0;
    const step = attachStep(told.plan, 'web1');
    const context = contextOf(step, told, lab);
    expect(await step.done(context, signal)).toBe(false);
    await step.run(context, signal);
    expect(lab.volumes).toEqual([REPLICA]);
    expect(lab.mounts).toEqual([]);
  });

  const running = (begun: string): string =>
    `<domain><name>${COPY}</name><uuid>${UUID}</uuid><metadata><landfall:proof xmlns:landfall='urn:landfall:1' evacuation='miami-to-dallas' begun='${begun}' machine='web1'/></metadata></domain>`;

  it('ends the copy that a killed proof has left running, because it holds the replica open', async () => {
    const told = story();
    const lab = new Lab();
    const step = attachStep(told.plan, 'web1');
    const context = contextOf(step, told, lab);
    lab.copy = running(beginningOf(context));
    await step.run(context, signal);
    expect(lab.copy).toBeUndefined();
    expect(lab.volumes).toEqual([REPLICA]);
    expect(await step.done(context, signal)).toBe(true);
  });

  it('leaves a copy of that name alone that another evacuation has started, and plugs nothing in', async () => {
    const told = story();
    const lab = new Lab();
    const step = attachStep(told.plan, 'web1');
    lab.copy = running('2020-01-01T00:00:00.000Z');
    await expect(step.run(contextOf(step, told, lab), signal)).rejects.toMatchObject({
      code: 'prove.leftover',
    });
    expect(lab.copy).toBeDefined();
    expect(lab.volumes).toEqual([]);
  });

  it('leaves alone what is no disk of the machine', async () => {
    const told = story();
    const lab = new Lab();
    lab.disks = [{ target: 'sdb', serial: 'lf-vdb', volume: 'x' }];
    const step = attachStep(told.plan, 'web1');
    await expect(step.run(contextOf(step, told, lab), signal)).rejects.toMatchObject({
      code: 'build.foreign-object',
    });
    expect(lab.volumes).toEqual(['x']);
  });

  it('plugs nothing into a domain that does not prove to be the receiver', async () => {
    const told = story().tell({ type: 'receiver.started', machine: 'web1', domain: 'r', uuid: 'another' });
    const lab = new Lab();
    const step = attachStep(told.plan, 'web1');
    await expect(step.run(contextOf(step, told, lab), signal)).rejects.toMatchObject({
      code: 'identity.mismatch',
    });
    expect(lab.volumes).toEqual([]);
  });
});

describe('what a proof does with the disks', () => {
  it('is replica out, overlay in, overlay out, replica back; nothing is pulled that is mounted', async () => {
    const told = story();
    const lab = new Lab();
    const context = contextOf(proof, told, lab);
    const replica = replicaVolumes(context, 'web1') ?? [];
    await putIn(context, 'web1', replica, signal);
    expect(lab.mounts).toEqual([{ device: '/dev/sda1', path: '/mnt/t' }]);
    await takeOut(context, 'web1', signal);
    expect([lab.volumes, lab.mounts]).toEqual([[], []]);
    await putIn(context, 'web1', [OVERLAY], signal);
    expect([lab.volumes, lab.mounts.length]).toEqual([[OVERLAY.volume], 1]);
    await takeOut(context, 'web1', signal);
    await takeOut(context, 'web1', signal);
    await putIn(context, 'web1', replica, signal);
    await putIn(context, 'web1', replica, signal);
    expect([lab.volumes, lab.mounts.length]).toEqual([[REPLICA], 1]);
  });

  it('is announced in full once the devices are known', () => {
    const told = story().tell({ type: 'receiver.observed', machine: 'web1', devices: { vda: '/dev/sda' } });
    expect(proof.preview(told.view).map(line).slice(0, 4)).toEqual([
      'sync',
      'umount -R /mnt/t',
      `write /run/landfall/miami-to-dallas/${REPLICA}.xml (mode 0600)`,
      `virsh -c qemu:///system detach-device landfall-miami-to-dallas-web1-receiver /run/landfall/miami-to-dallas/${REPLICA}.xml --live`,
    ]);
  });

  it('gives up by the clock on a guest that does not let go, and says what holds it', async () => {
    const told = story();
    const lab = new Lab();
    lab.disks = [{ target: 'sda', serial: 'lf-vda', volume: REPLICA }];
    lab.clings = 1;
    const error = await takeOut(contextOf(proof, told, lab), 'web1', signal).catch(
      (thrown: unknown) => thrown,
    );
    expect(error instanceof LandfallError && error.facts.what).toContain(
      'does not let go of the disk lf-vda',
    );
  });
});

describe('a receiver that is made anew', () => {
  const prepared = async (told: Story): Promise<number | undefined> => {
    const lab = new Lab();
    const attach = attachStep(told.plan, 'web1');
    await attach.run(contextOf(attach, told, lab), signal);
    const prepare = prepareStep(told.plan, 'web1');
    await prepare.run(contextOf(prepare, told, lab), signal);
    expect(lab.receiver.asked.filter(text => text.startsWith('flock') && !text.endsWith(' true'))).toEqual(
      [],
    );
    return told.state.machines['web1']?.receiver?.prepared?.seededBytes;
  };

  it('before the first pass has ended lets that pass compare contents: nobody knows which files are the clone’s', async () => {
    expect(await prepared(story().startPass('web1', 1))).toBe(5 * GB);
  });

  it('after it finds a copy, and says nothing of a clone', async () => {
    expect(await prepared(story().pass('web1', 1))).toBe(0);
  });
});

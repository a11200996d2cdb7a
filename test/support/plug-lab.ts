import { readPlugged } from '../../src/build/receiver/disk-xml.ts';
import { contextFor } from '../../src/evacuation/context.ts';
import type { PlanInput } from '../../src/plan/schema.ts';
import type { Host } from '../../src/remote/host.ts';
import type { Step, StepContext } from '../../src/step/step.ts';
import { InstantClock } from './conducted.ts';
import { type Reply, scriptedHost } from './scripted-host.ts';
import { planOf, Story } from './state.ts';

const ID = 'd'.repeat(32);
export const RECEIVER_UUID = 'aaaaaaaa-0000-4000-8000-000000000001';
const GB = 1e9;
export const COPY = 'landfall-miami-to-dallas-web1-proof';

/** The receiver's domain and kernel, as far as disks and mounts go: what goes in is seen, what is mounted stays. */
export class PlugLab {
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
    if (asked.startsWith('cat /sys/class/dmi')) return RECEIVER_UUID;
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

export function story(plan?: Partial<PlanInput>): Story {
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
      { type: 'receiver.started', machine: 'web1', domain: 'r', uuid: RECEIVER_UUID },
      { type: 'receiver.reachable', machine: 'web1', hostKey: 'ssh-ed25519 AAAA', addresses: [] },
    );
}

export function contextOf(step: Step, told: Story, lab: PlugLab): StepContext {
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

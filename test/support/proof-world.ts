import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readPlugged } from '../../src/build/receiver/disk-xml.ts';
import { contextFor } from '../../src/evacuation/context.ts';
import { LandfallError } from '../../src/foundation/errors.ts';
import type { EventBody } from '../../src/journal/events.ts';
import type { RsyncFacts } from '../../src/journal/facts.ts';
import type { PlanInput } from '../../src/plan/schema.ts';
import type { ExecOptions, ExecResult, Host, HostArgv, RemoteJob } from '../../src/remote/host.ts';
import { moverOf } from '../../src/step/mover.ts';
import type { Step, StepContext } from '../../src/step/step.ts';
import { InstantClock } from './conducted.ts';
import { planOf, Story } from './state.ts';

/**
 * A target hypervisor and a receiver as far as a proof uses them. It keeps what is plugged, mounted, running and lying
 * around, and throws where a proof would do harm: a replica that boots or is open twice, an overlay pulled away from
 * under what uses it. Scripts of the receiver run for real, in a small tree.
 */

const ID = 'd'.repeat(32);
const UUID = 'aaaaaaaa-0000-4000-8000-000000000001';
const GB = 1e9;
const NAME = 'landfall-miami-to-dallas-web1';
export const REPLICA = `${NAME}-vda.qcow2`;
export const OVERLAY = `${NAME}-vda-proof.qcow2`;
export const ISLAND = `${NAME}-island`;
const DOMAIN = `${NAME}-proof`;
const ROOT_UUID = '7b9e4c11-0f07-4a63-9f0c-2a2f6e1d5b90';

const SOURCE_XML = `<domain type='kvm'>
  <name>web1</name><uuid>4c4c4544-0000-1000-8000-000000000001</uuid><memory unit='KiB'>1048576</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/pool/web1.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <interface type='network'><mac address='52:54:00:00:00:01'/><source network='servers'/><model type='virtio'/></interface>
  </devices>
</domain>`;

const AGENT_CHANNEL = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";

export type Answer = { readonly code: number; readonly out?: string; readonly err?: string };
export const ok = (out = ''): Answer => ({ code: 0, out });
export const refused = (err: string): Answer => ({ code: 1, err: `error: ${err}` });

export interface WorldOptions {
  /** How large its console is said to be, where that is more than the text. */
  readonly consoleBytes?: number;
  /** What the booted copy prints; the nonce is put in for NONCE. */
  readonly console?: string;
  /** What it answers, section by section; undefined for a copy that never answers. */
  readonly sections?: Readonly<Record<string, string>> | undefined;
  readonly plan?: Partial<PlanInput>;
  /** Whether the guest agent of the copy answers. */
  readonly agent?: boolean;
}

export class ProofWorld {
  plugged: { target: string; serial: string; volume: string }[] = [];
  mounted: { device: string; path: string }[] = [];
  readonly volumes = new Set([REPLICA]);
  /** Networks with their XML. */
  readonly networks = new Map([['default', '<network><name>default</name></network>']]);
  /** What lies below the overlay. */
  base = `/pool/${REPLICA}`;
  domain: string | undefined;
  links: string[] = [];
  readonly logs = new Map<string, Buffer>();
  readonly deeds: string[] = [];
  /** Called before each change of the world; what it throws is a command that failed. */
  beforeChange: (line: string, at: number) => void = () => {};
  replicaChanged = '2026-11-22 11:00:00.000000000 +0000';
  readonly story: Story;
  /** Asked before this world answers itself: for what a proof never touches. Undefined leaves it to this world. */
  answerFirst: (host: string, argv: readonly string[]) => Answer | undefined = () => undefined;
  readonly #files = new Map<string, string>();
  readonly #tree: string;
  readonly #options: WorldOptions;

  constructor(options: WorldOptions = {}) {
    this.#options = { console: HEALTHY, sections: SECTIONS, ...options };
    this.#tree = mkdtempSync(join(tmpdir(), 'landfall-copy-'));
    for (const [path, text] of Object.entries(TREE)) {
      mkdirSync(join(this.#tree, dirname(path)), { recursive: true });
      writeFileSync(join(this.#tree, path), text);
    }
    this.story = story(options.plan, options.agent);
    if (this.#isReceived) this.plugIn();
  }

  /** The replica in its receiver, mounted, as passes of files have it. */
  plugIn(): void {
    this.plugged = [{ target: 'sda', serial: 'lf-vda', volume: REPLICA }];
    this.mounted = [{ device: '/dev/sda1', path: '/mnt/t' }];
  }

  get #isReceived(): boolean {
    return moverOf(this.story.view, 'web1') === 'files';
  }

  dispose(): void {
    rmSync(this.#tree, { recursive: true });
  }

  /** Everything as before a proof: the replica in its receiver and mounted, or in none where blocks fill it; nothing else. */
  get isBack(): boolean {
    const [plugged, mounts] = this.#isReceived ? [REPLICA, 1] : ['', 0];
    return (
      this.plugged.map(({ volume }) => volume).join() === plugged &&
      this.mounted.length === mounts &&
      this.isClear
    );
  }

  get isClear(): boolean {
    return this.domain === undefined && this.volumes.size === 1 && !this.networks.has(ISLAND);
  }

  context(step: Step, isEmitted: (event: EventBody) => void = () => {}): StepContext {
    const hosts: Record<string, Host> = {
      'dal-kvm1': {
        ...this.#host('dal-kvm1', (line, argv) => this.#virsh(line, argv)),
        job: id => this.#targetJob(id),
      },
      web1: {
        ...this.#host('web1', line => {
          throw new Error(`web1: ${line} at the source`);
        }),
        job: () => this.#passJob(),
      },
      'mia-kvm1': this.#host('mia-kvm1', line => {
        throw new Error(`mia-kvm1: ${line} at the source`);
      }),
      'web1.standby': this.#host('web1.standby', line => {
        throw new Error(`web1.standby: ${line}`);
      }),
      'web1.receiver': this.#host('web1.receiver', (line, argv, options) => this.#guest(line, argv, options)),
    };
    return contextFor(step, {
      plan: this.story.plan,
      evacuation: this.story.plan.name,
      state: () => this.story.state,
      host: id => {
        const host = hosts[id];
        return host === undefined ? Promise.reject(new Error(`no host ${id}`)) : Promise.resolve(host);
      },
      emit: event => {
        this.story.tell(event);
        isEmitted(event);
        return Promise.resolve();
      },
      onSample: () => undefined,
      keepLog: (name, content) => Promise.resolve(void this.logs.set(name, Buffer.from(content))),
      clock: new InstantClock(),
      random: { next: () => 0, bytes: count => new Uint8Array(count).fill(0xab) },
    });
  }

  #host(
    id: string,
    answer: (line: string, argv: readonly string[], options: ExecOptions) => Answer | Promise<Answer>,
  ): Host {
    const unscripted = (): never => {
      throw new Error(`${id}: not scripted`);
    };
    return {
      id,
      exec: async (argv: HostArgv, options: ExecOptions = {}): Promise<ExecResult> => {
        options.signal?.throwIfAborted();
        const words = argv.map(String);
        const line = words.join(' ');
        const {
          code,
          out = '',
          err = '',
        } = this.answerFirst(id, words) ?? (await answer(line, words, options));
        if (!(options.codes ?? [0]).includes(code)) throw failed(id, line, code, err);
        return { code, stdout: Buffer.from(out), stderr: Buffer.from(err), ms: 1 };
      },
      stream: unscripted,
      write: (path, content) => {
        this.change(`write ${path}`);
        this.#files.set(path, String(content));
        return Promise.resolve();
      },
      read: unscripted,
      job: unscripted,
      close: () => Promise.resolve(),
    };
  }

  /** What was written into a file on a host; empty where nothing was. */
  written(path: string): string {
    return this.#files.get(path) ?? '';
  }

  /** How often a pass of an earlier landfall is still found running on the source. */
  passRuns = 0;

  #passJob(): RemoteJob {
    const unscripted = (): never => {
      throw new Error('a proof only asks whether a pass runs');
    };
    return {
      ...{ id: 'pass', directory: '/run/pass', start: unscripted, follow: unscripted, output: unscripted },
      ...{ stop: unscripted, remove: unscripted },
      status: () => {
        this.passRuns -= 1;
        return Promise.resolve(
          this.passRuns >= 0 ? { state: 'running', pid: 7, startedAtMs: 1 } : { state: 'absent' },
        );
      },
    };
  }

  /** With what a job at the target ends that merges a pass by blocks. */
  mergeCode = 0;
  /** Whether such a job was begun while the replica was open somewhere. */
  merges = 0;

  #targetJob(id: string): RemoteJob {
    let isStarted = false;
    return {
      ...{ id, directory: `/run/${id}`, output: () => Promise.resolve(Buffer.alloc(0)) },
      start: argv => {
        this.change(argv.join(' '));
        if (this.volumes.has(OVERLAY) || this.plugged.length > 0)
          throw new Error('blocks were merged into a replica that is in use');
        this.merges += 1;
        isStarted = true;
        return Promise.resolve();
      },
      status: () => Promise.resolve({ state: 'absent' }),
      follow: () => {
        if (!isStarted) throw new Error('nothing runs that could be followed');
        return Promise.resolve({ code: this.mergeCode, startedAtMs: 1, endedAtMs: 2 });
      },
      stop: () => Promise.resolve(),
      remove: () => Promise.resolve(),
    };
  }

  /** A change of the world is about to be made. */
  change(line: string): void {
    this.beforeChange(line, this.deeds.length);
    this.deeds.push(line);
  }

  #xml(): string {
    const disks = this.plugged.map(
      ({ target, serial, volume }) =>
        `<disk type='volume'><source pool='default' volume='${volume}'/><target dev='${target}' bus='scsi'/><serial>${serial}</serial></disk>`,
    );
    return `<domain><uuid>${UUID}</uuid><devices>${disks.join('')}</devices></domain>`;
  }

  #virsh(line: string, argv: readonly string[]): Answer {
    if (line === 'cat /etc/machine-id') return ok(ID);
    if (line.startsWith('stat -c')) return ok(`${2 * GB} 4096 ${this.replicaChanged}`);
    if (line.startsWith('sha256sum')) return ok(`${'ab'.repeat(32)}  x`);
    if (argv[0] === 'sh') return this.#piece(argv.at(-3) ?? '', Number(argv.at(-2)));
    if (argv[0] === 'mkdir' || argv[0] === 'rm') {
      this.change(line);
      return ok();
    }
    const isRead = argv[1] === '-r';
    const [verb = '', ...rest] = argv.slice(isRead ? 4 : 3);
    if (isRead) return this.#read(verb, rest);
    if (verb === 'qemu-agent-command')
      return this.#options.agent === true ? ok('{"return":{}}') : refused('Guest agent is not responding');
    if (verb === 'qemu-monitor-command') return ok('');
    this.change(line);
    return this.#write(verb, rest);
  }

  #read(verb: string, [first = '', , third = '']: string[]): Answer {
    switch (verb) {
      case 'dumpxml':
        if (first !== DOMAIN) return ok(this.#xml());
        return this.domain === undefined
          ? refused(`failed to get domain '${first}'\nerror: Domain not found`)
          : ok(this.domain);
      case 'domstate':
        return this.domain === undefined ? refused('Domain not found') : ok('running');
      case 'vol-dumpxml':
        return this.volumes.has(third)
          ? ok(
              `<volume><name>${third}</name><capacity>1</capacity><target><path>/pool/${third}</path></target><backingStore><path>${this.base}</path></backingStore></volume>`,
            )
          : refused(`failed to get vol '${third}'\nerror: Storage volume not found`);
      case 'net-list':
        return ok([...this.networks.keys()].join('\n'));
      case 'net-dumpxml':
        return this.networks.has(first) ? ok(this.networks.get(first)) : refused('Network not found');
      default:
        return { code: 127, err: verb };
    }
  }

  #write(verb: string, [first = '', second = '']: string[]): Answer {
    const isOpen = this.plugged.some(({ volume }) => volume === OVERLAY) || this.domain !== undefined;
    switch (verb) {
      case 'attach-device': {
        const [disk] = readPlugged(`<domain><devices>${this.#files.get(second)}</devices></domain>`) ?? [];
        if (disk?.volume === undefined) return refused('no such file');
        if (this.plugged.some(({ target }) => target === disk.target)) return refused('target exists');
        if (!this.volumes.has(disk.volume)) return refused('Storage volume not found');
        if (this.domain !== undefined) throw new Error('a disk was plugged while the copy was running');
        this.plugged.push({ target: disk.target, serial: disk.serial, volume: disk.volume });
        return ok();
      }
      case 'detach-device': {
        const [disk] = readPlugged(`<domain><devices>${this.#files.get(second)}</devices></domain>`) ?? [];
        if (this.mounted.length > 0) throw new Error('a mounted disk was pulled');
        this.plugged = this.plugged.filter(({ target }) => target !== disk?.target);
        return ok();
      }
      case 'vol-create-as':
        if (this.plugged.some(({ volume }) => volume === REPLICA))
          throw new Error('an overlay was made over a replica that is in use');
        if (this.volumes.has(second)) return refused('storage volume exists already');
        this.volumes.add(second);
        return ok();
      case 'vol-delete':
        if (first === REPLICA) throw new Error('the replica was deleted');
        if (isOpen) throw new Error('an overlay was deleted while it was in use');
        this.volumes.delete(first);
        return ok();
      case 'net-create':
        if (this.networks.has(ISLAND)) return refused('network is already active');
        this.networks.set(ISLAND, this.#files.get(first) ?? '');
        return ok();
      case 'net-destroy':
        if (this.domain !== undefined) throw new Error('the island went while the copy was on it');
        this.networks.delete(first);
        return ok();
      case 'create':
        return this.#boot(first);
      case 'destroy':
        if (first !== DOMAIN) throw new Error(`${first} was destroyed`);
        this.domain = undefined;
        return ok();
      case 'domif-setlink':
        this.links.push(second);
        return ok();
      default:
        return { code: 127, err: verb };
    }
  }

  #boot(file: string): Answer {
    const xml = this.#files.get(file) ?? '';
    if (xml.includes(REPLICA)) throw new Error('the replica itself was booted');
    if (this.plugged.length > 0) throw new Error('the copy booted while its disks were elsewhere');
    if (!this.networks.has(ISLAND) || !xml.includes(ISLAND))
      throw new Error('the copy booted off its island');
    // libvirt gives one to a domain that comes without.
    this.domain = xml.replace('<name>', '<uuid>bbbbbbbb-0000-4000-8000-000000000002</uuid><name>');
    const directory = dirname(file);
    const nonce = this.#nonce();
    this.#files.set(`${directory}/console.log`, (this.#options.console ?? '').replaceAll('NONCE', nonce));
    const sections = this.#options.sections;
    const lines = Object.entries(sections ?? {}).map(([section, text]) =>
      JSON.stringify({
        section,
        data: Buffer.from(text.replaceAll('NONCE', nonce)).toString('base64'),
        rc: section.startsWith('proof-egress') && text === '' ? 1 : 0,
      }),
    );
    this.#files.set(`${directory}/evidence.log`, lines.map(line => `${line}\r\n`).join(''));
    return ok();
  }

  /** The word that stands in the unit of the tree: what the copy would print. */
  #nonce(): string {
    const file = join(this.#tree, 'etc/systemd/system/landfall-userspace.service');
    const unit = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return /LANDFALL-USERSPACE (\w+)/.exec(unit)?.[1] ?? '';
  }

  #piece(path: string, from: number): Answer {
    const text = this.#files.get(path);
    if (text === undefined) return { code: 1 };
    return ok(`${Math.max(text.length, this.#options.consoleBytes ?? 0)}\n${text.slice(from - 1)}`);
  }

  #guest(line: string, argv: readonly string[], options: ExecOptions): Answer | Promise<Answer> {
    if (line.startsWith('cat /sys/class/dmi')) return ok(UUID);
    if (line.startsWith('udevadm') || argv[0] === 'mkdir' || argv[0] === 'sync') return ok();
    if (argv[0] === 'unshare') {
      this.change(line.slice(0, 40));
      return ok();
    }
    if (argv[0] === 'sh') return this.#script(argv, options);
    if (argv[0] === 'lsblk') {
      const blockdevices = this.plugged.map(({ serial, target }) => ({
        ...{ name: target, path: `/dev/${target}`, type: 'disk', size: 20 * GB, serial },
        children: [
          {
            ...{ name: `${target}1`, path: `/dev/${target}1`, type: 'part', size: 20 * GB },
            ...{ fstype: 'ext4', uuid: ROOT_UUID },
          },
        ],
      }));
      return ok(JSON.stringify({ blockdevices }));
    }
    if (argv[0] === 'findmnt') {
      const filesystems = this.mounted.map(({ device, path }) => ({
        target: path,
        source: device,
        uuid: ROOT_UUID,
      }));
      return ok(JSON.stringify({ filesystems }));
    }
    if (line === 'cat /proc/self/mounts')
      return ok(this.mounted.map(({ device, path }) => `${device} ${path} ext4 rw 0 0\n`).join(''));
    if (argv[0] === 'umount') {
      this.change(line);
      this.mounted = [];
      return ok();
    }
    const [, device, path] = /^mount (\S+) (\/mnt\/t\S*)$/.exec(line) ?? [];
    if (device === undefined || path === undefined) return { code: 127, err: line };
    this.change(line);
    this.mounted.push({ device, path });
    return ok();
  }

  /** Really run, on the tree that stands for what is mounted. */
  #script(argv: readonly string[], { stdin }: ExecOptions): Promise<Answer> {
    if (this.plugged[0]?.volume === REPLICA && stdin !== undefined)
      throw new Error('something was written into the replica itself');
    if (stdin !== undefined) this.change('edit');
    return new Promise(resolve => {
      const child = execFile(
        'sh',
        argv.slice(1).map(word => (word === '/mnt/t' ? this.#tree : word)),
        { maxBuffer: 1 << 26 },
        (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
      );
      // A script that reads nothing may be over before it was told anything.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(stdin === undefined ? '' : Buffer.from(stdin));
    });
  }
}

function failed(host: string, line: string, code: number, stderr: string): LandfallError {
  return new LandfallError(code === 127 ? 'remote.command-missing' : 'remote.command-failed', {
    what: `${line.slice(0, 80)} ended with ${code}`,
    where: { host },
    evidence: [stderr],
    next: [],
  });
}

const TREE: Readonly<Record<string, string>> = {
  'etc/fstab': `UUID=${ROOT_UUID} / ext4 errors=remount-ro 0 1\n`,
  'usr/lib/systemd/systemd': '',
  'etc/systemd/system/README': '',
  'etc/os-release': 'ID=debian\n',
};

export const HEALTHY =
  '[    0.000000] Linux version 6.1.0-18-amd64 (debian)\n[    2.5] systemd[1]: x\nLANDFALL-USERSPACE NONCE\n';

const LSBLK = JSON.stringify({
  blockdevices: [
    {
      ...{ name: 'vda', path: '/dev/vda', type: 'disk', size: 20 * GB },
      children: [
        { name: 'vda1', path: '/dev/vda1', type: 'part', size: 20 * GB, fstype: 'ext4', uuid: ROOT_UUID },
      ],
    },
  ],
});
const FINDMNT = JSON.stringify({
  filesystems: [
    {
      target: '/',
      source: '/dev/vda1',
      fstype: 'ext4',
      uuid: ROOT_UUID,
      label: null,
      size: 20 * GB,
      used: GB,
    },
  ],
});

/** What a copy answers that works as its source does. */
export const SECTIONS: Readonly<Record<string, string>> = {
  'proof-nonce': 'NONCE\n0123456789abcdef0123456789abcdef\nb00t\n6.1.0-18-amd64\n',
  'proof-cmdline': `root=UUID=${ROOT_UUID}\n`,
  'proof-running': 'running\n',
  'proof-failed': '',
  'proof-keyscan': '127.0.0.1 ssh-ed25519 AAAAkey\n',
  'proof-egress:ping:10.20.0.1': '',
  'proof-egress:tcp-22:10.20.0.1': '',
  'os-release': 'ID=debian\nVERSION_ID=12\n',
  'machine-id': '0123456789abcdef0123456789abcdef\n',
  hostname: 'web1\n',
  kernel: '6.1.0-18-amd64\n',
  architecture: 'x86_64\n',
  findmnt: FINDMNT,
  lsblk: LSBLK,
  swaps: '',
  services: 'nginx.service loaded active running x\nssh.service loaded active running x\n',
  ss: 'tcp LISTEN 0 511 0.0.0.0:443 0.0.0.0:* users:(("nginx",pid=1,fd=6))\n',
  end: '',
  'proof-end': '',
};

function story(plan?: Partial<PlanInput>, hasAgent = false): Story {
  const domainXml = hasAgent ? SOURCE_XML.replace('<interface', `${AGENT_CHANNEL}<interface`) : SOURCE_XML;
  const hypervisor = (name: string, hostId: string) => ({
    type: 'hypervisor.observed' as const,
    hypervisor: name,
    version: 'libvirt 9.0.0',
    ...{ cpus: 8, memory: 1e10, networks: ['servers'], hostId },
    pools: { default: { capacity: 1e12, available: 1e12, path: '/pool' } },
    virtualization: {
      types: ['kvm', 'qemu'],
      emulator: '/usr/bin/qemu-system-x86_64',
      machines: ['pc-q35-7.2'],
      aliases: { q35: 'pc-q35-7.2' },
      cpu: { modes: ['host-model'], models: [] },
      firmwares: ['bios'],
      loaders: [],
      memoryFree: 1e10,
    },
  });
  const partition = { device: '/dev/vda1', type: 'part', size: 20 * GB, parent: '/dev/vda' };
  const told = new Story(planOf(plan))
    .begin()
    .tell(hypervisor('dal-kvm1', ID), hypervisor('mia-kvm1', 's'.repeat(32)))
    .observe('web1', {
      hostKeys: ['ssh-ed25519 AAAAkey'],
      fileSystems: [
        {
          ...{ mountpoint: '/', device: '/dev/vda1', type: 'ext4', uuid: ROOT_UUID },
          ...{ size: 20 * GB, used: GB, inodesUsed: 1000 },
        },
      ],
      blocks: [
        { device: '/dev/vda', type: 'disk', size: 20 * GB },
        { ...partition, fstype: 'ext4', uuid: ROOT_UUID },
      ],
      partitionTables: {
        '/dev/vda': 'label: dos\ndevice: /dev/vda\n\n/dev/vda1 : start=2048, size=4096, type=83\n',
      },
    })
    .build('web1');
  const observed = told.state.machines['web1']?.observed;
  if (observed === undefined) throw new Error('the story has no inventory');
  const { domain, guest, digest } = observed;
  const isReceived = moverOf(told.view, 'web1') === 'files';
  return told
    .tell(
      { type: 'machine.observed', machine: 'web1', domain, guest, digest, domainXml },
      {
        type: 'replica.created',
        machine: 'web1',
        volumes: [
          { disk: 'vda', pool: 'default', volume: REPLICA, capacity: 20 * GB, path: `/pool/${REPLICA}` },
        ],
      },
      { type: 'receiver.started', machine: 'web1', domain: `${NAME}-receiver`, uuid: UUID },
    )
    .tell(...(isReceived && guest.rsync !== undefined ? receiving(guest.rsync) : []))
    .pass('web1', 1, isReceived ? {} : { mover: 'blocks' })
    .tell({ type: 'proof.requested', machine: 'web1', reason: 'test' });
}

const receiving = (rsync: RsyncFacts): EventBody[] => [
  { type: 'receiver.observed', machine: 'web1', devices: { vda: '/dev/sda' } },
  {
    ...{ type: 'receiver.prepared', machine: 'web1', machineId: 'r', rsync, seededBytes: 0 },
    mounts: [{ mountpoint: '/', device: '/dev/sda1', uuid: ROOT_UUID }],
  },
];

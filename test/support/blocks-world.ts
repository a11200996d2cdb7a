import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { contextFor } from '../../src/evacuation/context.ts';
import { systemClock } from '../../src/foundation/clock.ts';
import { LandfallError } from '../../src/foundation/errors.ts';
import type { Plan } from '../../src/plan/schema.ts';
import type { Argv, Host, RemoteJob } from '../../src/remote/host.ts';
import type { Step } from '../../src/step/step.ts';
import { syncSteps } from '../../src/sync/index.ts';
import { OwnLibvirt } from './own-libvirt.ts';
import { createSshWorld, type SshWorld } from './ssh-world.ts';
import { domainFacts, machinePlan, planOf, Story } from './state.ts';

const MIB = 1024 ** 2;
const HYPERVISORS = ['mia-kvm1', 'dal-kvm1'];

/** `df -P -B1` and `df -Pk`, with a free space that the test has said. */
const DF = `#!/bin/sh
[ -e "ROOM" ] || exec /bin/df "$@"
read -r room < "ROOM"
unit=1024
[ "$1" = -Pk ] || unit=1
printf 'Filesystem blocks Used Available Capacity Mounted on\\ntest 1 1 %s 1%% /\\n' "$((room * 1048576 / unit))"
`;

/**
 * Two hypervisors that are one real libvirt, reached over real SSH, each with a runtime directory and a scratch of its
 * own. Only the SSH between them is a script, which obeys the forced command that landfall has put into authorized_keys.
 */
export class BlocksWorld {
  readonly virt = new OwnLibvirt();
  readonly ssh: SshWorld = createSshWorld();
  readonly hosts = new Map<string, Host>();
  readonly samples: string[] = [];
  readonly logs = new Map<string, string>();
  /** Commands and jobs, as words, in their order. */
  readonly ran: string[] = [];
  /** Thrown by the journal in place of an event of this type: the process died before it recorded it. */
  diesBefore: string | undefined;
  /** Told of every job before it starts. */
  onJob: ((id: string) => void) | undefined;
  story: Story;

  constructor() {
    this.story = new Story(this.plan({}));
  }

  replica = (disk: string): string => this.virt.path(`replica-${disk}.qcow2`);
  scratch = (id: string): string => this.virt.path('run', `scratch-${id}`);

  plan(machine: Parameters<typeof machinePlan>[0]): Plan {
    const hypervisor = (id: string, site: string, address: string) => ({
      site,
      address,
      user: 'root',
      uri: 'qemu:///session',
      scratch: this.scratch(id),
    });
    return planOf({
      machines: { web1: machinePlan({ mover: 'blocks', ...machine }) },
      hypervisors: {
        'mia-kvm1': hypervisor('mia-kvm1', 'miami', '10.20.0.1'),
        'dal-kvm1': hypervisor('dal-kvm1', 'dallas', '10.30.0.1'),
      },
      passes: { small: '1 B' },
      care: { space: '1 MiB' },
    });
  }

  async open(...sizes: number[]): Promise<void> {
    const { virt } = this;
    await virt.start('web1', ...sizes);
    mkdirSync(virt.path('etc-ssh'));
    writeFileSync(virt.path('etc-ssh/ssh_host_ed25519_key.pub'), 'ssh-ed25519 AAAAhost root@dal-kvm1\n');
    for (const size of sizes.keys())
      virt.run(
        'qemu-img',
        'create',
        '-q',
        '-f',
        'qcow2',
        this.replica(`vd${'abc'[size]}`),
        `${sizes[size]}M`,
      );
    // As sshd does: the command of the line in authorized_keys, with what was asked for beside it.
    const forced = `sed -n 's/.*,command="\\([^"]*\\)" .*/\\1/p' "$HOME/.ssh/authorized_keys"`;
    writeFileSync(
      virt.path('bin/ssh'),
      `#!/bin/sh\nwhile [ "$1" != standby ]; do shift; done\nshift\nSSH_ORIGINAL_COMMAND="$*"\nexport SSH_ORIGINAL_COMMAND\n[ ! -e "${virt.path('run/cut')}" ] || exit 255\nexec $(${forced})\n`,
    );
    chmodSync(virt.path('bin/ssh'), 0o755);
    writeFileSync(virt.path('bin/df'), DF.replaceAll('ROOM', virt.path('run/room')));
    chmodSync(virt.path('bin/df'), 0o755);
    const server = await this.ssh.server({ env: virt.env });
    this.ssh.trust(server);
    for (const id of HYPERVISORS) {
      const runtime = { evacuation: 'miami-to-dallas', root: virt.path('run', id) };
      this.hosts.set(id, this.mapped(await this.ssh.connect(server, { id, runtime })));
    }
    this.begin(sizes);
  }

  /** What the file system of the scratch says of its free space from now on; undefined: the truth. */
  room(mebibytes: number | undefined): void {
    const file = this.virt.path('run/room');
    if (mebibytes === undefined) rmSync(file, { force: true });
    else writeFileSync(file, String(mebibytes));
  }

  /** The journal up to the first pass. */
  begin(sizes: readonly number[], machine: Parameters<typeof machinePlan>[0] = {}): void {
    this.story = new Story(this.plan(machine));
    this.story.now = Date.now();
    const disks = sizes.map((size, index) => ({
      target: `vd${'abc'[index]}`,
      source: this.virt.disk(index),
      format: 'qcow2',
      bus: 'virtio',
      capacity: size * MIB,
      allocation: MIB,
    }));
    this.story
      .begin()
      .observe('web1', {}, domainFacts({ disks, uuid: this.virt.virsh('domuuid', 'web1').trim() }))
      .tell({
        type: 'replica.created',
        machine: 'web1',
        volumes: disks.map(({ target, capacity }) => ({
          disk: target,
          pool: 'default',
          volume: `${target}.qcow2`,
          capacity,
          path: this.replica(target),
        })),
      });
  }

  get machine() {
    return this.story.state.machines['web1'];
  }

  /** The step of that name that is due now. */
  step(name: string): Step {
    this.story.now = Date.now();
    const step = syncSteps(this.story.view, 'web1').find(({ id }) => id === `sync/web1/${name}`);
    if (step === undefined) throw new Error(`no step ${name} is due`);
    return step;
  }

  async run(step: Step, signal = new AbortController().signal): Promise<void> {
    const context = this.context(step);
    if (!(await step.done(context, signal))) await step.run(context, signal);
  }

  async halt(step: Step): Promise<void> {
    await step.halt?.(this.context(step));
  }

  /** The number of the pass that comes next; it is asked for where none is due by itself. */
  next(): number {
    const last = this.machine?.passes.at(-1);
    if (last === undefined) return 1;
    if (last.judged === undefined) return last.pass;
    this.story.tell({ type: 'pass.requested', machine: 'web1', reason: 'asked for' });
    return last.pass + 1;
  }

  /** Opens the path and makes the pass. */
  async pass(number: number): Promise<void> {
    for (const name of ['blocks-key', 'blocks-path', `pass-${number}`]) await this.run(this.step(name));
  }

  context(step: Step) {
    return contextFor(step, {
      plan: this.story.plan,
      evacuation: this.story.plan.name,
      state: () => this.story.state,
      host: id => Promise.resolve(this.hosts.get(id) ?? Promise.reject(new Error(`no host ${id}`))),
      emit: async event => {
        if (event.type === this.diesBefore) {
          this.diesBefore = undefined;
          throw new LandfallError('bug', { what: 'the process died', next: [] });
        }
        this.story.now = Date.now();
        this.story.tell(event);
      },
      onSample: ({ text }) => void this.samples.push(text),
      keepLog: async (name, content) => void this.logs.set(name, new TextDecoder().decode(content)),
      clock: systemClock,
      random: { next: () => 0.5, bytes: count => new Uint8Array(count) },
    });
  }

  /** What qemu-img says of source and replica, bit for bit; the guest's own tables are written first. */
  compare(disk: string, index: number): string {
    this.virt.write('web1', index, 'flush');
    try {
      return this.virt.run('qemu-img', 'compare', '-U', this.virt.disk(index), this.replica(disk)).trim();
    } catch (error) {
      return error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : String(error);
    }
  }

  checkpoints(): string[] {
    return this.virt.virsh('checkpoint-list', 'web1', '--name').split(/\s+/).filter(Boolean);
  }

  /** Pieces that are left at a hypervisor. */
  pieces(id: string): string[] {
    const directory = this.scratch(id);
    if (!existsSync(directory)) return [];
    return readdirSync(directory, { recursive: true })
      .map(String)
      .filter(name => name.includes('.qcow2'));
  }

  async close(): Promise<void> {
    await this.ssh.close();
    await this.virt.dispose();
  }

  private mapped(host: Host): Host {
    const map = (word: string): string =>
      word
        .replaceAll('/run/landfall', this.virt.path('run', host.id))
        .replaceAll('/etc/ssh/', `${this.virt.path('etc-ssh')}/`);
    const words = ([program, ...args]: readonly [string, ...unknown[]]): Argv => [
      map(program),
      ...args.map(word => map(String(word))),
    ];
    const mappedJob = (job: RemoteJob): RemoteJob => ({
      ...job,
      start: argv => {
        this.ran.push(`job ${job.id}`);
        this.onJob?.(job.id);
        return job.start(words(argv));
      },
    });
    return {
      ...host,
      id: host.id,
      exec: (argv, options) => {
        this.ran.push(argv.map(String).join(' '));
        return host.exec(words(argv), options);
      },
      write: (path, content, mode) => host.write(map(path), content, mode),
      read: (path, maxBytes) => host.read(map(path), maxBytes),
      job: id => mappedJob(host.job(id)),
    };
  }
}

import { LandfallError } from '../../src/foundation/errors.ts';
import type { EventBody } from '../../src/journal/events.ts';
import type { PlanInput } from '../../src/plan/schema.ts';
import type { Step, StepContext } from '../../src/step/step.ts';
import { type Answer, ok, ProofWorld, REPLICA, refused, SECTIONS } from './proof-world.ts';
import type { Story } from './state.ts';

/**
 * Both hypervisors, the source and its standby as far as a cutover uses them, around the receiver of the world of
 * proofs. It throws where a cutover would do harm: two of one machine that run, a replica that runs before its commit or
 * is deleted, a layer that goes while it is in use.
 */

const NAME = 'landfall-miami-to-dallas-web1';
export const LAYER = `${NAME}-live-vda.qcow2`;
const RECEIVER = `${NAME}-receiver`;
const RECEIVER_UUID = 'aaaaaaaa-0000-4000-8000-000000000001';
const UUID = '4c4c4544-0000-1000-8000-000000000001';
const MACHINE_ID = '0123456789abcdef0123456789abcdef';

export const RUNNING_UNITS: Readonly<Record<string, string>> = {
  'cron.service': 'running',
  'dbus.service': 'running',
  'getty@tty1.service': 'running',
  'logrotate.timer': 'waiting',
  'networking.service': 'exited',
  'nginx.service': 'running',
  'php.socket': 'listening',
  'qemu-guest-agent.service': 'running',
  'ssh.service': 'running',
  'systemd-journald.service': 'running',
};

export class CutoverWorld {
  readonly site: ProofWorld;
  source: 'running' | 'shut off' = 'running';
  sourceAutostart = true;
  /** Whether the source heeds the order to shut down. */
  heedsShutdown = true;
  /** Units that are at work on the source, with their state. */
  readonly units = new Map(Object.entries(RUNNING_UNITS));
  /** Units that come up again when they were stopped. */
  readonly stubborn = new Set<string>();
  /** Units that will not start. */
  readonly broken = new Set<string>();
  receiver: 'running' | 'shut off' = 'running';
  isFlushed = false;
  standby: { inactive: string; live: string | undefined; autostart: boolean } | undefined;
  /** The block job of vda that was cut off: merging, or ready to be switched to. */
  job: 'running' | 'ready' | undefined;
  /** Hosts that do not answer. */
  readonly gone = new Set<string>();
  addresses = '10.30.0.11/24';
  standbySections: Readonly<Record<string, string>>;
  checkCode = 0;

  /** Files of the source that changed since its last pass; undefined where its find cannot tell. */
  freshFiles: readonly string[] | undefined = [];
  /** Whether the guest agent of the standby answers, and of the source. */
  agentAnswers = true;

  constructor(plan: Partial<PlanInput> = {}) {
    this.site = new ProofWorld({ plan });
    this.site.answerFirst = (host, argv) => this.#answer(host, argv);
    this.standbySections = { ...SECTIONS, 'boot-id': 'another-boot\n' };
    this.story.tell(
      { type: 'standby.defined', ...STANDBY, digest: '' },
      { type: 'receiver.reachable', machine: 'web1', hostKey: 'ssh-ed25519 AAAAr', addresses: [] },
    );
  }

  dispose(): void {
    this.site.dispose();
  }

  get story(): Story {
    return this.site.story;
  }

  /** What stands in the world, to be compared before and after. */
  get facts(): unknown {
    return {
      source: this.source,
      sourceAutostart: this.sourceAutostart,
      units: [...this.units.keys()].sort(),
      standbyRuns: this.standby?.live !== undefined,
      standbyIsHeld: this.standby?.inactive.includes('landfall-holds-this-standby') === true,
      layer: this.site.volumes.has(LAYER),
      replica: this.site.volumes.has(REPLICA),
      runsOn: this.#diskOf(this.standby?.live),
    };
  }

  /** Where the replica is: in its receiver and mounted, as passes need it. */
  get isReceiving(): boolean {
    return this.receiver === 'running' && this.site.isBack;
  }

  context(step: Step, isEmitted: (event: EventBody) => void = () => {}): StepContext {
    return this.site.context(step, isEmitted);
  }

  #answer(host: string, argv: readonly string[]): Answer | undefined {
    if (this.gone.has(host)) throw unreachable(host);
    switch (host) {
      case 'mia-kvm1':
        return this.#sourceHypervisor(argv);
      case 'web1':
        return this.#guest(argv);
      case 'dal-kvm1':
        return this.#targetHypervisor(argv);
      case 'web1.receiver':
        return this.#receiverGuest(argv);
      default:
        return this.#standbyGuest(argv);
    }
  }

  #sourceHypervisor(argv: readonly string[]): Answer {
    if (argv[0] === 'cat') return ok('s'.repeat(32));
    const [verb, rest] = verbOf(argv);
    if (verb === 'dominfo') return ok(infoOf(this.source, this.sourceAutostart));
    this.site.change(argv.join(' '));
    switch (verb) {
      case 'autostart':
        this.sourceAutostart = rest[0] !== '--disable';
        return ok();
      case 'shutdown':
        if (this.source !== 'running') return refused('domain is not running');
        if (this.heedsShutdown) this.#shutDown();
        return ok();
      case 'start':
        if (this.source === 'running') return refused('Domain is already active');
        if (this.standby?.live !== undefined) throw new Error('the source was started beside its standby');
        this.source = 'running';
        for (const [unit, sub] of Object.entries(RUNNING_UNITS)) this.units.set(unit, sub);
        return ok();
      default:
        return { code: 127, err: `${verb}` };
    }
  }

  #shutDown(): void {
    this.source = 'shut off';
    this.units.clear();
  }

  #guest(argv: readonly string[]): Answer {
    if (this.source !== 'running') throw unreachable('web1');
    if (argv[0] === 'cat') return ok(argv[1]?.endsWith('machine-id') === true ? MACHINE_ID : UUID);
    if (argv[0] === 'sh')
      return this.freshFiles === undefined
        ? { code: 4 }
        : ok(this.freshFiles.map(path => `${path}\0`).join(''));
    const [, verb = '', ...rest] = argv;
    if (verb === 'list-units')
      return ok([...this.units].map(([unit, sub]) => `${unit} loaded active ${sub} x`).join('\n'));
    if (verb === 'is-active') {
      const words = rest.map(unit => (this.units.has(unit) ? 'active' : 'inactive'));
      return { code: words.includes('active') ? 0 : 3, out: `${words.join('\n')}\n` };
    }
    this.site.change(argv.join(' '));
    if (verb === 'stop') {
      for (const unit of rest) if (!this.stubborn.has(unit)) this.units.delete(unit);
      return ok();
    }
    const fails = rest.some(unit => this.broken.has(unit));
    for (const unit of rest)
      if (!this.broken.has(unit)) this.units.set(unit, RUNNING_UNITS[unit] ?? 'running');
    return fails ? { code: 1, err: 'Job failed' } : ok();
  }

  #targetHypervisor(argv: readonly string[]): Answer | undefined {
    if (argv[0] !== 'virsh') return undefined;
    const [verb, rest] = verbOf(argv);
    const isRead = argv[1] === '-r';
    const names = rest.filter(word => !word.startsWith('--'));
    const isReceiver = rest.includes(RECEIVER);
    if (verb === 'dumpxml' && isReceiver) return ok(this.#receiverXml());
    if (verb === 'dumpxml' && rest.at(-1) === `${NAME}-proof`) return refused('Domain not found');
    if (isReceiver && ['dominfo', 'domstate', 'shutdown', 'destroy', 'start'].includes(verb))
      return this.#receiverDomain(verb, argv);
    if (verb === 'vol-delete' && names[0] === LAYER) {
      if (this.standby?.live?.includes(LAYER) === true) throw new Error('the layer went while it was in use');
      return undefined;
    }
    if (verb === 'define' && rest.at(-1)?.includes('-receiver') !== true)
      return this.#define(argv, rest.at(-1));
    if (names[0] !== 'web1') return undefined;
    if (verb === 'qemu-agent-command')
      return this.agentAnswers && this.standby?.live !== undefined
        ? ok('{"return":{}}')
        : refused('Guest agent is not responding');
    if (isRead || verb === 'domifaddr') return this.#readStandby(verb, rest);
    this.site.change(argv.join(' '));
    return this.#writeStandby(verb, rest);
  }

  #receiverXml(): string {
    const begun = new Date(this.story.state.evacuation?.createdAt ?? 0).toISOString();
    const disks = this.site.plugged.map(
      ({ target, serial, volume }) =>
        `<disk type='volume'><source pool='default' volume='${volume}'/><target dev='${target}' bus='scsi'/><serial>${serial}</serial></disk>`,
    );
    return `<domain><name>${RECEIVER}</name><uuid>${RECEIVER_UUID}</uuid><metadata><landfall:receiver xmlns:landfall="urn:landfall:1" evacuation="miami-to-dallas" begun="${begun}" machine="web1"/></metadata><devices>${disks.join('')}</devices></domain>`;
  }

  #receiverDomain(verb: string, argv: readonly string[]): Answer {
    if (verb === 'dominfo') return ok(infoOf(this.receiver, false));
    if (verb === 'domstate') return ok(this.receiver);
    this.site.change(argv.join(' '));
    if (verb === 'start') {
      this.receiver = 'running';
      return ok();
    }
    if (this.receiver !== 'running') return refused('domain is not running');
    if (this.site.plugged.length > 0 && (verb !== 'destroy' || !this.isFlushed))
      throw new Error('the receiver went with a disk of ours in it, and nothing was flushed');
    this.site.plugged = [];
    this.site.mounted = [];
    this.receiver = 'shut off';
    return ok();
  }

  #receiverGuest(argv: readonly string[]): Answer | undefined {
    if (this.receiver !== 'running') throw unreachable('web1.receiver');
    if (argv[0] === 'sync') this.isFlushed = true;
    return undefined;
  }

  #define(argv: readonly string[], file = ''): Answer {
    this.site.change(argv.join(' '));
    const inactive = this.site.written(file);
    this.standby = { autostart: false, live: undefined, ...this.standby, inactive };
    return ok();
  }

  #readStandby(verb: string, rest: readonly string[]): Answer {
    if (verb === 'domifaddr')
      return rest.at(-1) === 'agent'
        ? refused('Guest agent is not responding')
        : ok(` vnet0  52:54:00:00:00:01  ipv4  ${this.addresses}\n`);
    if (this.standby === undefined) return refused(`failed to get domain 'web1'\nerror: Domain not found`);
    const { inactive, live, autostart } = this.standby;
    if (verb === 'dominfo') return ok(infoOf(live === undefined ? 'shut off' : 'running', autostart));
    if (verb === 'domstate') return ok(live === undefined ? 'shut off' : 'running');
    if (verb !== 'dumpxml') return { code: 127, err: verb };
    return ok(rest.includes('--inactive') ? inactive : this.#withJob(live ?? inactive));
  }

  #withJob(xml: string): string {
    if (this.job === undefined) return xml;
    const ready = this.job === 'ready' ? " ready='yes'" : '';
    // A merge that goes on comes to its end between two looks.
    this.job = 'ready';
    return xml
      .replace("<target dev='vda'", `<mirror job='active-commit'${ready}/><target dev='vda'`)
      .replace('<target dev="vda"', `<mirror job="active-commit"${ready}/><target dev="vda"`);
  }

  #writeStandby(verb: string, rest: readonly string[]): Answer {
    const { standby } = this;
    if (standby === undefined) return refused('Domain not found');
    switch (verb) {
      case 'start':
        return this.#boot(standby);
      case 'destroy':
        if (standby.live === undefined) return refused('domain is not running');
        this.standby = { ...standby, live: undefined };
        return ok();
      case 'autostart':
        this.standby = { ...standby, autostart: !rest.includes('--disable') };
        return ok();
      case 'blockcommit':
        if (this.job !== undefined) return refused('block device vda already in an active block job');
        return this.#pivot(standby);
      case 'blockjob':
        if (this.job !== 'ready') return refused('block job is not ready');
        return this.#pivot(standby);
      default:
        return { code: 127, err: verb };
    }
  }

  #boot(standby: NonNullable<CutoverWorld['standby']>): Answer {
    if (standby.live !== undefined) return refused('Domain is already active');
    if (standby.inactive.includes('landfall-holds-this-standby')) return refused('no such medium');
    if (this.source === 'running' && !this.gone.has('mia-kvm1'))
      throw new Error('the standby was started beside its source');
    if (this.site.plugged.length > 0) throw new Error('the standby started while its disks were elsewhere');
    if (this.#diskOf(standby.inactive) !== LAYER)
      throw new Error('the standby started on the replica itself');
    if (!this.site.volumes.has(LAYER)) return refused('no such file');
    this.standby = { ...standby, live: standby.inactive };
    return ok();
  }

  #pivot(standby: NonNullable<CutoverWorld['standby']>): Answer {
    if (standby.live === undefined) return refused('domain is not running');
    this.job = undefined;
    const merged = standby.live.replace(LAYER, REPLICA);
    this.standby = { ...standby, live: merged, inactive: merged };
    return ok();
  }

  #diskOf(xml: string | undefined): string | undefined {
    return /\/pool\/([\w.-]+)/.exec(xml ?? '')?.[1];
  }

  #standbyGuest(argv: readonly string[]): Answer {
    if (this.standby?.live === undefined) throw unreachable('web1.standby');
    if (argv[0] === 'cat') return ok(UUID);
    if (argv.includes('tcp') || argv.includes('command') || argv.includes('http'))
      return { code: this.checkCode, out: 'landfall-status=200\n' };
    const lines = Object.entries(this.standbySections).map(([section, text]) =>
      JSON.stringify({ section, data: Buffer.from(text).toString('base64'), rc: 0 }),
    );
    return ok(lines.join('\n'));
  }
}

const STANDBY = {
  machine: 'web1',
  hypervisor: 'dal-kvm1',
  domain: 'web1',
  uuid: UUID,
  changes: [] as string[],
};

/** The verb and its words, without virsh's own options. */
function verbOf(argv: readonly string[]): [string, string[]] {
  const [verb = '', ...rest] = argv.slice(argv[1] === '-r' ? 4 : 3);
  return [verb, rest];
}

const infoOf = (state: string, autostart: boolean): string =>
  `Id:             -\nName:           web1\nUUID:           ${UUID}\nState:          ${state}\nAutostart:      ${autostart ? 'enable' : 'disable'}\n`;

const unreachable = (host: string): LandfallError =>
  new LandfallError('ssh.unreachable', { what: `${host} does not answer`, where: { host }, next: [] });

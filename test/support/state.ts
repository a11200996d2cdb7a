import { type Event, type EventBody, type EventOf, JOURNAL_VERSION } from '../../src/journal/events.ts';
import type { DomainFacts, GuestFacts, RsyncFacts } from '../../src/journal/facts.ts';
import { fold } from '../../src/journal/fold.ts';
import type { ProofReason } from '../../src/journal/proof-facts.ts';
import type { State } from '../../src/journal/state.ts';
import { type Plan, type PlanInput, planSchema } from '../../src/plan/schema.ts';
import type { View } from '../../src/step/step.ts';

/** Builds states the only way there is: a story of events, folded. */

export const T0 = Date.UTC(2026, 10, 22, 12);
export const MINUTE = 60e3;
export const HOUR = 3600e3;
const GB = 1e9;

export function machinePlan(
  overrides: Partial<PlanInput['machines'][string]> = {},
): PlanInput['machines'][string] {
  return {
    tier: 'critical',
    source: { hypervisor: 'mia-kvm1', address: '10.20.0.11', user: 'root' },
    target: { hypervisor: 'dal-kvm1', image: 'golden', network: 'dal-servers', address: '10.30.0.11' },
    ...overrides,
  };
}

export function planOf(overrides: Partial<PlanInput> = {}): Plan {
  return planSchema.parse({
    version: 1,
    name: 'miami-to-dallas',
    deadline: { earliest: 'in 4d', expected: 'in 5d', reason: 'hurricane' },
    contacts: [{ name: 'Dana', role: 'lead engineer', phone: '+1 305 555 0100' }],
    sites: {
      miami: { role: 'source', location: 'Miami, FL' },
      dallas: { role: 'target', location: 'Dallas, TX' },
    },
    hypervisors: {
      'mia-kvm1': { site: 'miami', address: '10.20.0.1', user: 'root' },
      'dal-kvm1': { site: 'dallas', address: '10.30.0.1', user: 'root' },
    },
    networks: {
      'mia-servers': { site: 'miami', libvirt: 'servers', cidr: '10.20.0.0/24' },
      'dal-servers': {
        site: 'dallas',
        libvirt: 'servers',
        // Large fleets have addresses in more than one network of this size.
        cidr: '10.30.0.0/16',
        replaces: 'mia-servers',
      },
    },
    images: { golden: { hypervisor: 'dal-kvm1', volume: 'golden.qcow2' } },
    tiers: {
      critical: { priority: 1, rpo: '15m', rto: '1h', cost_per_hour: 1200 },
      normal: { priority: 2, rpo: '4h', rto: '8h' },
    },
    machines: { web1: machinePlan() },
    dns: [{ name: 'www.example.com', from: '10.20.0.11', to: '10.30.0.11', ttl: '5m' }],
    cutover: { decides: 'Dana' },
    ...overrides,
  });
}

const RSYNC: RsyncFacts = {
  version: '3.2.7',
  protocol: 31,
  nanoseconds: true,
  acls: true,
  xattrs: true,
  compress: ['zstd'],
  checksums: ['xxh128'],
};

export function guestFacts(overrides: Partial<GuestFacts> = {}): GuestFacts & { rsync: RsyncFacts } {
  return {
    hostname: 'web1',
    machineId: '0123456789abcdef0123456789abcdef',
    productUuid: '4C4C4544-0000-1000-8000-000000000001',
    os: { id: 'debian', version: '12', pretty: 'Debian GNU/Linux 12 (bookworm)' },
    kernel: '6.1.0-18-amd64',
    architecture: 'x86_64',
    bootMode: 'bios',
    blocks: [],
    fileSystems: [
      {
        mountpoint: '/',
        device: '/dev/vda1',
        type: 'ext4',
        uuid: 'AAAA-1',
        size: 20 * GB,
        used: 8 * GB,
        inodesUsed: 120_000,
      },
    ],
    swap: [],
    fstab: [],
    partitionTables: {},
    addresses: ['10.20.0.11'],
    sockets: [{ protocol: 'tcp', address: '0.0.0.0', port: 443, process: 'nginx' }],
    services: ['nginx.service', 'ssh.service'],
    actsTwice: [],
    ...overrides,
    rsync: overrides.rsync ?? RSYNC,
  };
}

export function domainFacts(overrides: Partial<DomainFacts> = {}): DomainFacts {
  return {
    name: 'web1',
    uuid: '4c4c4544-0000-1000-8000-000000000001',
    state: 'running',
    memory: 4 * GB,
    vcpus: 2,
    machineType: 'pc-q35-7.2',
    firmware: 'bios',
    disks: [
      {
        target: 'vda',
        source: '/pool/web1.qcow2',
        format: 'qcow2',
        bus: 'virtio',
        capacity: 20 * GB,
        allocation: 9 * GB,
      },
    ],
    interfaces: [{ mac: '52:54:00:00:00:01', network: 'servers', model: 'virtio' }],
    ...overrides,
  };
}

export interface PassOptions {
  readonly kind?: 'full' | 'delta';
  readonly literal?: number;
  readonly ms?: number;
  readonly judged?: 'first' | 'converging' | 'converged' | 'not-converging' | 'exhausted';
  readonly code?: number;
  readonly troubles?: readonly string[];
  readonly predictedMs?: number;
  readonly reason?: string;
  readonly checksum?: boolean;
  readonly mountpoints?: readonly string[];
  readonly hot?: ReadonlyArray<{ readonly path: string; readonly bytes: number }>;
  readonly consistency?: 'smeared' | 'crash' | 'filesystem' | 'application';
  readonly mover?: 'files' | 'blocks';
}

const WHY = {
  first: 'there is nothing to compare it with yet',
  converging: 'it took less than the one before',
  converged: 'literal bytes are under 64 MB',
  'not-converging': 'literal bytes stayed above 0.8 of the pass before, twice',
  exhausted: 'ten passes were made',
} as const;

/** A story told in order: each event happens where the clock of the story stands. */
export class Story {
  readonly plan: Plan;
  now = T0;
  private readonly told: Event[] = [];

  constructor(plan: Plan = planOf()) {
    this.plan = plan;
  }

  get events(): readonly Event[] {
    return this.told;
  }

  get state(): State {
    return fold(this.told);
  }

  get view(): View {
    return { plan: this.plan, state: this.state };
  }

  /** Takes over what another story told, as it was told. */
  retell(events: readonly Event[]): this {
    this.told.push(...events);
    return this;
  }

  wait(ms: number): this {
    this.now += ms;
    return this;
  }

  tell(...bodies: readonly EventBody[]): this {
    for (const body of bodies) {
      this.told.push({
        ...body,
        v: JOURNAL_VERSION,
        seq: this.told.length + 1,
        at: this.now,
        by: 'engine@jump1:4711',
      });
    }
    return this;
  }

  begin(planHash = 'sha256:plan'): this {
    const { name, rehearsal, lab, machines, databases } = this.plan;
    return this.tell(
      {
        type: 'evacuation.created',
        name,
        planHash,
        rehearsal,
        lab,
        landfall: '0.1.0',
        deadline: { earliest: T0 + 96 * HOUR, expected: T0 + 120 * HOUR },
        machines: Object.keys(machines),
        databases: Object.keys(databases),
      },
      { type: 'evacuation.started', pid: 4711, host: 'jump1', landfall: '0.1.0', controlKeys: [] },
    );
  }

  observe(machine: string, guest: Partial<GuestFacts> = {}, domain: Partial<DomainFacts> = {}): this {
    return this.tell({
      type: 'machine.observed',
      machine,
      domain: domainFacts({ name: machine, ...domain }),
      guest: guestFacts({ hostname: machine, ...guest }),
      digest: 'd1',
    });
  }

  build(machine: string, expiresInMs = 48 * HOUR): this {
    return this.tell(
      {
        type: 'replica.created',
        machine,
        volumes: [
          {
            disk: 'vda',
            pool: 'default',
            volume: `landfall-e-${machine}-vda.qcow2`,
            capacity: 20 * GB,
            path: '/pool/x',
          },
        ],
      },
      {
        type: 'standby.defined',
        machine,
        hypervisor: 'dal-kvm1',
        domain: machine,
        uuid: '4c4c4544-0000-1000-8000-000000000001',
        changes: ['The machine type is pc-q35-7.2 instead of pc-q35-rhel9.2.0.'],
        digest: 'sha256:standby',
      },
      { type: 'receiver.started', machine, domain: `landfall-e-${machine}-receiver`, uuid: 'u' },
      {
        type: 'receiver.prepared',
        machine,
        machineId: 'r',
        mounts: [{ mountpoint: '/', device: '/dev/vdb1', uuid: 'aaaa-1' }],
        rsync: guestFacts().rsync,
        seededBytes: 2 * GB,
      },
      { type: 'path.keyed', machine, publicKey: 'ssh-ed25519 AAAA', expiresAt: this.now + expiresInMs },
      { type: 'path.opened', machine, expiresAt: this.now + expiresInMs },
    );
  }

  startPass(machine: string, pass: number, options: PassOptions = {}): this {
    return this.tell({
      type: 'pass.started',
      machine,
      pass,
      kind: options.kind ?? (pass === 1 ? 'full' : 'delta'),
      mover: options.mover ?? 'files',
      reason: options.reason ?? (pass === 1 ? 'first copy' : 'the source changed'),
      checksum: options.checksum ?? false,
      ...(options.predictedMs === undefined ? {} : { predictedMs: options.predictedMs }),
    });
  }

  pass(machine: string, pass: number, options: PassOptions = {}): this {
    const startedAt = this.now;
    const ms = options.ms ?? 2 * MINUTE;
    const kind = options.kind ?? (pass === 1 ? 'full' : 'delta');
    const literalBytes = options.literal ?? (pass === 1 ? 6 * GB : 40e6);
    return this.startPass(machine, pass, options)
      .wait(ms)
      .tell(
        {
          type: 'pass.ended',
          machine,
          pass,
          kind,
          mover: options.mover ?? 'files',
          consistency: options.consistency ?? 'smeared',
          startedAt,
          ms,
          runs: (options.mountpoints ?? ['/']).map(mountpoint => ({
            mountpoint,
            job: `pass-${pass}`,
            code: options.code ?? 0,
            files: 1000,
            filesTransferred: 10,
            filesDeleted: 0,
            totalBytes: 8 * GB,
            transferredBytes: literalBytes,
            literalBytes,
            matchedBytes: 0,
            sentBytes: Math.round(literalBytes / 2),
            receivedBytes: 1000,
            listSeconds: 1,
            ms,
            vanished: 0,
            troubles: [...(options.troubles ?? [])],
          })),
          hot: [...(options.hot ?? [])],
        },
        {
          type: 'pass.judged',
          machine,
          pass,
          verdict: options.judged ?? (pass === 1 ? 'first' : 'converged'),
          why: WHY[options.judged ?? (pass === 1 ? 'first' : 'converged')],
          help: options.judged === 'not-converging' ? ['exclude the hot path'] : [],
        },
      );
  }

  verify(machine: string, pass: number, mismatches: readonly string[] = [], ms = MINUTE): this {
    const passStartedAt =
      this.state.machines[machine]?.passes.find(each => each.pass === pass)?.startedAt ?? this.now;
    return this.wait(ms).tell({
      type: 'replica.verified',
      machine,
      pass,
      passStartedAt,
      ms,
      filesCompared: 1000,
      bytesCompared: 8 * GB,
      live: 3,
      mismatches: [...mismatches],
    });
  }

  fail(machine: string, facts: Partial<FailureFacts> = {}): this {
    const step = `sync/${machine}/pass`;
    return this.tell(
      { type: 'step.started', step, phase: 'sync', attempt: 1 },
      {
        type: 'step.failed',
        step,
        phase: 'sync',
        attempts: 1,
        error: {
          code: 'sync.target-full',
          family: 'act',
          what: 'the target file system is full',
          next: ['enlarge the replica volume'],
          ...facts,
        },
      },
    );
  }

  /** The whole good way of one machine: everything that this version checks is met. */
  evacuate(machine: string): this {
    return this.observe(machine).build(machine).pass(machine, 1).pass(machine, 2).verify(machine, 2);
  }

  /** Boots an overlay of its newest pass; well, unless a reason is given. */
  prove(machine: string, reason?: ProofReason): this {
    const known = fold(this.told).machines[machine];
    const pass = known?.passes.findLast(({ ended }) => ended !== undefined)?.pass ?? 0;
    const proof = 1 + Math.max(0, ...(known?.proofs ?? []).map(each => each.proof));
    const startedAt = this.now;
    this.tell({ type: 'proof.started', machine, proof, pass, domain: `${machine}-proof`, nonce: 'n0nce' });
    this.wait(2 * MINUTE);
    return this.tell({
      type: 'proof.ended',
      ...{ machine, proof, pass, startedAt, ms: 2 * MINUTE, console: `${machine}-proof-${proof}.log` },
      verdict: reason === undefined ? 'proven' : 'failed',
      checks: [
        {
          check: 'userspace',
          verdict: reason === undefined ? 'pass' : 'fail',
          found: 'it comes up',
          detail: [],
        },
      ],
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** Names, clocks, credentials, the targets and the copy of the journal: all as they should be. */
  lookAround(overrides: Partial<EventOf<'surroundings.observed'>> = {}): this {
    const { hypervisors, machines, dns } = this.plan;
    const targets = new Set(Object.values(machines).map(({ target }) => target.hypervisor));
    const hosts = [...Object.keys(hypervisors), ...Object.keys(machines)];
    for (const hypervisor of targets) this.observeHypervisor(hypervisor);
    return this.tell(
      {
        type: 'surroundings.observed',
        records: dns.map(({ name, type, from }) => ({ name, recordType: type, answers: [from], ttl: 120 })),
        clocks: hosts.map(host => ({ host, offsetMs: 12, withinMs: 4, synchronised: true })),
        credentials: hosts.map(host => ({ name: `ssh ${host}`, usable: true })),
        ...overrides,
      },
      ...[...targets].slice(0, 1).map(hypervisor => ({
        type: 'mirror.written' as const,
        hypervisor,
        path: `/var/lib/landfall/${this.plan.name}`,
        upTo: this.told.length + 1,
        head: 'c0ffee',
      })),
    );
  }

  observeHypervisor(hypervisor: string, overrides: Partial<EventOf<'hypervisor.observed'>> = {}): this {
    return this.tell({
      type: 'hypervisor.observed',
      hypervisor,
      version: '9.0.0',
      cpus: 64,
      memory: 4000 * GB,
      pools: { default: { capacity: 90_000 * GB, available: 60_000 * GB, path: '/pool' } },
      networks: ['servers'],
      hostId: `id-of-${hypervisor}`,
      ...overrides,
    });
  }

  /** Evacuated, and proved to boot; what stands around it was looked at just now. */
  ready(machine: string): this {
    return this.evacuate(machine).prove(machine).lookAround();
  }
}

interface FailureFacts {
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly next: string[];
  readonly evidence: string[];
}

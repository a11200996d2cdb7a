import { z } from 'zod';
import { cutoverBodies } from './events-cutover.ts';
import { databaseBodies } from './events-database.ts';
import { inventoryBodies } from './events-inventory.ts';
import { consistency, passRun, syncBodies } from './events-sync.ts';
import { domainFacts, guestFacts, rsyncFacts, virtualizationFacts } from './facts.ts';
import { fixup, proofCheck, proofReason } from './proof-facts.ts';

/**
 * Everything that ever happened in an evacuation, one JSON object a line. The fold of these lines is the only
 * state there is. Add event types and optional fields; never rename or remove: old journals stay readable
 * (fixtures/journals/).
 */

export const JOURNAL_VERSION = 1;

/** An error as a journal and other processes of ours tell it. */
export { consistency, passRun };

export const errorRecord = z.strictObject({
  code: z.string(),
  family: z.enum(['act', 'cancelled', 'program', 'bug']),
  what: z.string(),
  why: z.string().optional(),
  where: z
    .strictObject({
      host: z.string().optional(),
      machine: z.string().optional(),
      command: z.string().optional(),
      file: z.string().optional(),
      line: z.number().optional(),
      column: z.number().optional(),
    })
    .optional(),
  next: z.array(z.string()),
  evidence: z.array(z.string()).optional(),
});

const bodies = [
  z.strictObject({
    type: z.literal('evacuation.created'),
    name: z.string(),
    planHash: z.string(),
    rehearsal: z.boolean(),
    lab: z.boolean(),
    landfall: z.string(),
    /** Epoch ms; relative deadlines are resolved here, once. */
    deadline: z.strictObject({ earliest: z.number(), expected: z.number() }),
    machines: z.array(z.string()),
    databases: z.array(z.string()),
  }),
  z.strictObject({
    type: z.literal('evacuation.started'),
    pid: z.number(),
    host: z.string(),
    landfall: z.string(),
    /** Public keys with which this control machine logs in; receivers are told to accept them. */
    controlKeys: z.array(z.string()),
  }),
  z.strictObject({
    type: z.literal('evacuation.ended'),
    outcome: z.enum(['complete', 'partial', 'failed', 'cancelled']),
  }),
  z.strictObject({
    type: z.literal('plan.accepted'),
    planHash: z.string(),
    diff: z.string(),
    /** What the accepted plan evacuates; absent in older journals. */
    machines: z.array(z.string()).optional(),
    databases: z.array(z.string()).optional(),
    /** Parts of what it evacuates that are not as they were: `machine/web1/target`; absent in older journals. */
    changed: z.array(z.string()).optional(),
  }),
  z.strictObject({ type: z.literal('lock.taken-over'), from: z.string(), reason: z.string() }),
  z.strictObject({ type: z.literal('journal.mended'), cutBytes: z.number(), atByte: z.number() }),

  z.strictObject({
    type: z.literal('step.started'),
    step: z.string(),
    phase: z.string(),
    attempt: z.number(),
  }),
  z.strictObject({
    type: z.literal('step.done'),
    step: z.string(),
    phase: z.string(),
    ms: z.number(),
    /** True where the world was already as the step wants it. */
    already: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('step.retrying'),
    step: z.string(),
    phase: z.string(),
    attempt: z.number(),
    inMs: z.number(),
    error: errorRecord,
  }),
  z.strictObject({
    type: z.literal('step.failed'),
    step: z.string(),
    phase: z.string(),
    attempts: z.number(),
    error: errorRecord,
  }),
  z.strictObject({ type: z.literal('step.cancelled'), step: z.string(), phase: z.string() }),

  z.strictObject({
    type: z.literal('hypervisor.observed'),
    hypervisor: z.string(),
    version: z.string(),
    cpus: z.number(),
    memory: z.number(),
    /** Free bytes by pool. */
    pools: z.record(
      z.string(),
      z.strictObject({ capacity: z.number(), available: z.number(), path: z.string() }),
    ),
    networks: z.array(z.string()),
    hostId: z.string(),
    /** Clones and golden images of the plan that were found here, by their name in the plan. */
    images: z
      .record(
        z.string(),
        z.strictObject({ pool: z.string(), volume: z.string(), capacity: z.number(), path: z.string() }),
      )
      .optional(),
    /** Absent in older journals. */
    virtualization: virtualizationFacts.optional(),
  }),
  z.strictObject({
    type: z.literal('machine.observed'),
    machine: z.string(),
    domain: domainFacts,
    guest: guestFacts,
    /** Content hash of both, to see drift. */
    digest: z.string(),
    /** `virsh dumpxml` of the source, from which the standby is made; absent in older journals. */
    domainXml: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('replica.created'),
    machine: z.string(),
    volumes: z.array(
      z.strictObject({
        disk: z.string(),
        pool: z.string(),
        volume: z.string(),
        capacity: z.number(),
        path: z.string(),
      }),
    ),
    /** Disks whose volumes were there before and keep what they hold; absent where none was. */
    kept: z.array(z.string()).optional(),
  }),
  z.strictObject({
    type: z.literal('receiver.started'),
    machine: z.string(),
    domain: z.string(),
    uuid: z.string(),
  }),
  z.strictObject({
    type: z.literal('receiver.reachable'),
    machine: z.string(),
    /** known_hosts line fragment: `ssh-ed25519 AAAA…`. */
    hostKey: z.string(),
    addresses: z.array(z.string()),
  }),
  z.strictObject({
    type: z.literal('receiver.observed'),
    machine: z.string(),
    /** Where the receiver's kernel put each replica disk, found by serial: `vda` -> `/dev/vdb`. */
    devices: z.record(z.string(), z.string()),
    /** UUIDs, partition GUIDs and labels that the receiver's own disk shares with the source; absent in older journals. */
    shared: z.array(z.string()).optional(),
  }),
  z.strictObject({
    type: z.literal('receiver.prepared'),
    machine: z.string(),
    machineId: z.string(),
    mounts: z.array(z.strictObject({ mountpoint: z.string(), device: z.string(), uuid: z.string() })),
    rsync: rsyncFacts,
    /** Bytes that came from the clone at the target and need not travel. */
    seededBytes: z.number(),
  }),
  z.strictObject({
    type: z.literal('standby.defined'),
    machine: z.string(),
    hypervisor: z.string(),
    domain: z.string(),
    uuid: z.string(),
    /** What was changed of the source's definition, one sentence each. */
    changes: z.array(z.string()),
    /** SHA-256 of the XML that was defined. */
    digest: z.string(),
  }),
  z.strictObject({ type: z.literal('proof.requested'), machine: z.string(), reason: z.string() }),
  z.strictObject({
    type: z.literal('proof.started'),
    machine: z.string(),
    proof: z.number(),
    /** The newest ended pass: the copy that is booted is this one. */
    pass: z.number(),
    /** The domain that boots, and a word that only this boot can say. */
    domain: z.string(),
    nonce: z.string(),
  }),
  z.strictObject({
    type: z.literal('fixups.planned'),
    machine: z.string(),
    /** A proof makes them in its overlay, a cutover in the replica. */
    purpose: z.enum(['proof', 'cutover']),
    fixups: z.array(fixup),
  }),
  z.strictObject({
    type: z.literal('proof.ended'),
    machine: z.string(),
    proof: z.number(),
    pass: z.number(),
    verdict: z.enum(['proven', 'failed']),
    startedAt: z.number(),
    ms: z.number(),
    /** In the order in which a boot gives it. */
    checks: z.array(proofCheck),
    /** Why it does not boot into a working state; absent where it does. */
    reason: proofReason.optional(),
    /** Name of the kept console log. */
    console: z.string(),
  }),
  z.strictObject({
    type: z.literal('path.keyed'),
    machine: z.string(),
    publicKey: z.string(),
    expiresAt: z.number(),
    /** Between hypervisors, for the blocks mover: from where the source comes, and who and where it finds the target. */
    between: z
      .strictObject({
        from: z.array(z.string()),
        login: z.string(),
        /** Public host keys of the target hypervisor, read through landfall's own connection. */
        hostKeys: z.array(z.string()),
        /** Where the source's hypervisor finds the target's; absent in older journals: what the plan says. */
        reach: z.strictObject({ address: z.string(), port: z.number() }).optional(),
      })
      .optional(),
  }),
  z.strictObject({ type: z.literal('path.opened'), machine: z.string(), expiresAt: z.number() }),
  /** The key is gone from both sides, and with it everything that landfall had put on the source. */
  z.strictObject({ type: z.literal('path.removed'), machine: z.string() }),

  z.strictObject({ type: z.literal('note.added'), text: z.string() }),

  /** What engineers order; `by` says who. Passes that run when an order comes are told of below, by their steps. */
  z.strictObject({
    type: z.literal('stages.held'),
    /** These stages wait until somebody approves them; replaces what was held before. */
    phases: z.array(z.string()),
  }),
  z.strictObject({ type: z.literal('stage.approved'), phase: z.string() }),
  z.strictObject({ type: z.literal('evacuation.paused'), reason: z.string().optional() }),
  z.strictObject({ type: z.literal('evacuation.resumed') }),
  z.strictObject({
    type: z.literal('machine.paused'),
    machine: z.string(),
    reason: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('machine.resumed'), machine: z.string() }),
  /** The share of the link, in place of the plan's, for every pass that begins from now on; null ends it. */
  z.strictObject({
    type: z.literal('link.throttled'),
    bytesPerSecond: z.number().nullable(),
    reason: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('step.retry-requested'), step: z.string() }),
  z.strictObject({
    type: z.literal('gate.waived'),
    /** Id of the gate: `machine/web1/at-rest`. */
    gate: z.string(),
    reason: z.string(),
    /** Epoch ms; from then on the gate speaks again. */
    until: z.number(),
  }),
  z.strictObject({ type: z.literal('gate.waiver-withdrawn'), gate: z.string() }),
  z.strictObject({ type: z.literal('stop.requested'), reason: z.string().optional() }),
  /** Who looks on through a client of the engine, and until when: for the line that says what they missed. */
  z.strictObject({ type: z.literal('engineer.attached'), client: z.enum(['ui', 'cli']) }),
  z.strictObject({ type: z.literal('engineer.left'), client: z.enum(['ui', 'cli']) }),

  ...databaseBodies,
  ...cutoverBodies,
  ...syncBodies,
  ...inventoryBodies,
] as const;

export const eventBody = z.discriminatedUnion('type', bodies);

/** What a room hands to the journal; the journal adds version, number, time and author. */
export type EventBody = z.infer<typeof eventBody>;
export type EventType = EventBody['type'];
export type EventOf<T extends EventType> = Extract<EventBody, { type: T }>;

const envelope = {
  v: z.literal(JOURNAL_VERSION),
  /** 1, 2, 3 … without a gap. */
  seq: z.int().min(1),
  /** Epoch milliseconds. */
  at: z.number(),
  /** Who: `engine@jump1:4711`, or an engineer's login. */
  by: z.string(),
};

export const eventEnvelope = z.object(envelope);
export type Event = EventBody & z.infer<typeof eventEnvelope>;

export type ErrorEntry = z.infer<typeof errorRecord>;
export type PassRun = z.infer<typeof passRun>;
export type Consistency = z.infer<typeof consistency>;

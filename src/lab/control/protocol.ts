import { z } from 'zod';

/** What a client may ask of a lab process: one JSON object a line each way, over a Unix socket. */

export const FAULT_KINDS = [
  'link-drop',
  'control-drop',
  'target-full',
  'host-key',
  'kill-rsync',
  'freeze',
  'tear',
  'agent-silent',
  'receiver-key',
  'receiver-down',
  'pool-full',
  'fstab-uuid',
  'no-virtio',
  'nic-renamed',
  'no-grub',
  'unit-fails',
  'site-lost',
  'standby-does-not-start',
  'shutdown-hangs',
  'qemu-killed',
  'foreign-checkpoint',
  'foreign-job',
  'scratch-full',
  'freeze-hangs',
  'sshd-killed',
  'kill-receiver-rsync',
  'inodes-full',
  'read-only',
  'disk-detached',
  'unreadable',
  'source-reboot',
  'unmounted',
  'disk-added',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export const requestSchema = z.object({
  id: z.int(),
  ask: z.discriminatedUnion('what', [
    z.object({ what: z.literal('status') }),
    z.object({ what: z.literal('writer'), to: z.enum(['pause', 'resume', 'stop']) }),
    z.object({ what: z.literal('link'), bytesPerSecond: z.number().positive().nullable() }),
    z.object({ what: z.literal('distance'), roundTripMs: z.number().min(0).max(10_000) }),
    z.object({
      what: z.literal('fault'),
      kind: z.enum(FAULT_KINDS),
      /** A machine of the plan; a host id (`web1.receiver`, `dal-kvm1`) where the fault strikes a host. */
      at: z.string(),
      on: z.boolean(),
    }),
    z.object({ what: z.literal('trees') }),
    z.object({ what: z.literal('doors') }),
    z.object({ what: z.literal('violations') }),
    z.object({ what: z.literal('shutdown') }),
  ]),
});
export type Ask = z.output<typeof requestSchema>['ask'];

export const statusSchema = z.object({
  directory: z.string(),
  labId: z.string(),
  pid: z.int(),
  port: z.int(),
  seed: z.number(),
  scale: z.number(),
  machines: z.array(z.string()),
  writer: z.object({
    state: z.enum(['running', 'paused', 'stopped']),
    operations: z.number(),
    bytes: z.number(),
  }),
  link: z.object({
    bytesPerSecond: z.number().nullable(),
    bytes: z.number(),
    connections: z.number(),
    dropped: z.boolean(),
  }),
  faults: z.array(z.string()),
  violations: z.number(),
});
export type LabStatus = z.output<typeof statusSchema>;

export const treesSchema = z.array(
  z.object({
    machine: z.string(),
    mountpoint: z.string(),
    sourceDirectory: z.string(),
    replicaDirectory: z.string().optional(),
    /** Of the standby, while it runs. */
    standbyDirectory: z.string().optional(),
  }),
);
export type LabTree = z.output<typeof treesSchema>[number];

/** Services that listen: as their host sees it, and where that is on this machine. */
export const doorsSchema = z.array(
  z.object({
    host: z.string(),
    process: z.string(),
    port: z.int(),
    address: z.string(),
    realPort: z.int(),
  }),
);
export type LabDoor = z.output<typeof doorsSchema>[number];

/** Each as one line of text: when, where, which command, why it is one. */
export const violationsSchema = z.array(z.string());

export const replySchema = z.union([
  z.object({ id: z.int(), ok: z.literal(true), value: z.unknown() }),
  z.object({ id: z.int(), ok: z.literal(false), why: z.string() }),
]);

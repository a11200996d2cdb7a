import type { Event, EventType } from './events.ts';

/**
 * Events that are folded and told together, each listed once. An event that is in none of them is named where it is
 * folded; the compiler says when one is forgotten.
 */
const FAMILIES = {
  /** Everything about copies but the passes themselves: movers, checkpoints, snapshots, care of the source. */
  sync: [
    'blocks.observed',
    'mover.chosen',
    'mover.ordered',
    'checkpoint.made',
    'checkpoint.removed',
    'replica.advanced',
    'dirty.read',
    'snapshot.taken',
    'snapshot.removed',
    'hook.ran',
    'source.cared',
    'compression.sampled',
    'path.surveyed',
  ],
  /** The wide look at the estate. */
  inventory: [
    'machine.surveyed',
    'hypervisor.surveyed',
    'server.surveyed',
    'peers.sampled',
    'link.measured',
    'drift.seen',
  ],
  database: [
    'database.ordered',
    'database.assessed',
    'database.planned',
    'database.lane-chosen',
    'database.captured',
    'database.pinned',
    'database.aligned',
    'database.released',
    'database.observed',
    'database.validated',
    'database.besides',
    'database.torn-down',
    'reconcile.started',
    'reconcile.table',
    'reconcile.ended',
    'handover.step',
    'handover.drained',
    'handover.ended',
    'handover.thawed',
  ],
  cutover: [
    'cutover.begun',
    'cutover.ordered',
    'cutover.item',
    'cutover.quieting',
    'cutover.quiet',
    'cutover.powering-off',
    'cutover.powered-off',
    'cutover.overlaid',
    'cutover.standby-started',
    'cutover.committed',
    'cutover.taken-back',
    'cutover.no-return',
    'cutover.aborted',
    'cutover.ended',
  ],
  /** What is measured, mirrored and looked at around an evacuation. */
  around: [
    'mode.switched',
    'exposure.requested',
    'exposure.measured',
    'mirror.written',
    'mirror.failed',
    'evacuation.recovered',
    'surroundings.observed',
  ],
} as const satisfies Readonly<Record<string, readonly EventType[]>>;

type Family = keyof typeof FAMILIES;

/** An event of a family. */
export type FamilyEvent<F extends Family> = Extract<Event, { type: (typeof FAMILIES)[F][number] }>;

const FAMILY_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(FAMILIES).flatMap(([family, types]) => types.map(type => [type, family])),
);

export const isOf = <F extends Family>(event: Event, family: F): event is FamilyEvent<F> =>
  FAMILY_OF.get(event.type) === family;

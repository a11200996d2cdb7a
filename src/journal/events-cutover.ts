import { z } from 'zod';
import { STORM_MODES, type StormMode } from './storm-modes.ts';

/**
 * What happens in a cutover, and what is measured and kept for the day on which it comes. Items of the checklist are
 * told of by their ids (cutover/checklist/items.ts); what an abort needs to give the source back is recorded before it
 * is taken away.
 */

export { STORM_MODES, type StormMode };

const volume = z.strictObject({ disk: z.string(), pool: z.string(), volume: z.string(), path: z.string() });

export const cutoverBodies = [
  z.strictObject({
    type: z.literal('cutover.begun'),
    /** On the lab or staging: everything is done, nobody is told. */
    rehearse: z.boolean(),
    /** The source is gone: nothing is asked of it, the copies start from their last verified pass. */
    dark: z.boolean(),
    planHash: z.string(),
    /** The name that was typed. */
    confirmed: z.string(),
    /** Critical gates that were open all the same, by id: somebody typed the name over them. */
    open: z.array(z.string()),
    reason: z.string().optional(),
  }),
  /** `run` one item; `go`: every item that landfall can run, until one waits for people. Ends with the next `hold`. */
  z.strictObject({
    type: z.literal('cutover.ordered'),
    act: z.enum(['run', 'go', 'hold']),
    /** Of `run`. */
    item: z.string().optional(),
    confirmed: z.string().optional(),
  }),
  /** What became of an item: `by` ticked it, or the engine ran it. */
  z.strictObject({
    type: z.literal('cutover.item'),
    item: z.string(),
    outcome: z.enum(['done', 'skipped', 'reopened', 'undone']),
    how: z.enum(['ran', 'ticked']),
    /** Of what ran: when it began; `at` of the event is its end. */
    startedAt: z.number().optional(),
    evidence: z.array(z.string()),
    reason: z.string().optional(),
    confirmed: z.string().optional(),
  }),
  /** Written before the first unit is stopped: an abort starts exactly these again. */
  z.strictObject({ type: z.literal('cutover.quieting'), machine: z.string(), units: z.array(z.string()) }),
  /** Nothing writes on the source any more, except the system itself. */
  z.strictObject({ type: z.literal('cutover.quiet'), machine: z.string(), units: z.array(z.string()) }),
  z.strictObject({
    type: z.literal('cutover.powering-off'),
    machine: z.string(),
    domain: z.string(),
    /** Whether libvirt would start it with its host: switched off with it, back on by an abort. */
    autostart: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('cutover.powered-off'),
    machine: z.string(),
    evidence: z.array(z.string()),
  }),
  /** The standby has disks of its own over the replica, which stays as it was until the commit. */
  z.strictObject({ type: z.literal('cutover.overlaid'), machine: z.string(), volumes: z.array(volume) }),
  z.strictObject({
    type: z.literal('cutover.standby-started'),
    machine: z.string(),
    domain: z.string(),
    /** Where it answers, once that was found: told a second time then. */
    address: z.string().optional(),
  }),
  /** Its overlays are merged into the replica: the copy is the machine. */
  z.strictObject({ type: z.literal('cutover.committed'), machine: z.string() }),
  /** An abort has put this part back as it was. */
  z.strictObject({
    type: z.literal('cutover.taken-back'),
    machine: z.string(),
    part: z.enum(['stopped', 'poweredOff', 'overlaid', 'started']),
  }),
  /** From here on there is no way back but a failback. */
  z.strictObject({ type: z.literal('cutover.no-return'), confirmed: z.string() }),
  z.strictObject({ type: z.literal('cutover.aborted'), reason: z.string() }),
  z.strictObject({
    type: z.literal('cutover.ended'),
    outcome: z.enum(['committed', 'rolled-back']),
    startedAt: z.number(),
    /** What is known to be lost, in words; empty where nothing is. */
    lost: z.array(z.string()),
  }),

  z.strictObject({
    type: z.literal('mode.switched'),
    mode: z.enum(STORM_MODES),
    reason: z.string().optional(),
    /** Of `squeeze`: whom triage put into the set that is saved, in its order. What was previewed is what holds. */
    saved: z.array(z.string()).optional(),
  }),
  z.strictObject({ type: z.literal('exposure.requested'), machine: z.string() }),
  /** A dry pass counted what the next one would bring: the exposure of that moment, not an estimate. */
  z.strictObject({
    type: z.literal('exposure.measured'),
    machine: z.string(),
    startedAt: z.number(),
    files: z.number(),
    /** Bytes of the files that differ. */
    bytes: z.number(),
    deletions: z.number(),
  }),
  /** Plan and journal lie at the target site as of event `upTo`: what is needed when this machine is lost, too. */
  z.strictObject({
    type: z.literal('mirror.written'),
    hypervisor: z.string(),
    path: z.string(),
    upTo: z.number(),
    /** Head of the journal's hash chain at that event. */
    head: z.string(),
  }),
  z.strictObject({ type: z.literal('mirror.failed'), hypervisor: z.string(), why: z.string() }),
  /** Taken up again on another control machine from what lay at `from`: nothing after event `upTo` is known here. */
  z.strictObject({
    type: z.literal('evacuation.recovered'),
    from: z.string(),
    upTo: z.number(),
    /** When event `upTo` was written. */
    lastAt: z.number(),
    head: z.string(),
    /** What had not been mirrored, in words. */
    missing: z.array(z.string()),
  }),
  /** What was looked at from the control machine: names, clocks, credentials. */
  z.strictObject({
    type: z.literal('surroundings.observed'),
    /** Answers of the resolver, one a record of the plan; `ttl` in seconds. */
    records: z.array(
      z.strictObject({
        name: z.string(),
        recordType: z.string(),
        answers: z.array(z.string()),
        ttl: z.number().optional(),
        trouble: z.string().optional(),
      }),
    ),
    /** How far clocks are from the control machine's, ms; positive where they are ahead. */
    clocks: z.array(
      z.strictObject({
        host: z.string(),
        offsetMs: z.number().optional(),
        /** Half of the time the question took: the offset is not known better than this. */
        withinMs: z.number().optional(),
        synchronised: z.boolean().optional(),
        trouble: z.string().optional(),
      }),
    ),
    /** Secrets and keys that the cutover needs, by name, and whether they could be read; never a value. */
    credentials: z.array(
      z.strictObject({ name: z.string(), usable: z.boolean(), trouble: z.string().optional() }),
    ),
  }),
] as const;

export type CutoverEventType = z.infer<(typeof cutoverBodies)[number]>['type'];

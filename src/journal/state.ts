import type { Lane } from './database-facts.ts';
import type { ErrorEntry, EventOf, EventType } from './events.ts';
import type { StormMode } from './events-cutover.ts';
import type { HypervisorSurvey, SqlServerSurvey } from './facts-site.ts';
import type { PeerFacts, SurveyFacts } from './facts-survey.ts';

/** What is known, and only from events: the input of every screen, report, gate and exit code. */
export interface State {
  readonly evacuation: EvacuationState | undefined;
  readonly hypervisors: Readonly<Record<string, HypervisorState>>;
  readonly machines: Readonly<Record<string, MachineState>>;
  /** SQL Server databases by their name in the plan; absent before one was heard of. */
  readonly databases: Readonly<Record<string, DatabaseState>>;
  readonly steps: Readonly<Record<string, StepState>>;
  /** What numbered steps that are no longer kept added up to, by phase; absent while all are (fold-steps.ts). */
  readonly olderSteps?: Readonly<Record<string, { readonly count: number; readonly ms: number }>>;
  /** The newest cutover; absent before the first. */
  readonly cutover?: CutoverState;
  /** What was last seen of names, clocks and credentials. */
  readonly surroundings?: Omit<EventOf<'surroundings.observed'>, 'type'> & { readonly at: number };
  /** The wide look at hypervisors, by name; absent before the first. */
  readonly surveys?: Readonly<Record<string, HypervisorSurvey & { readonly at: number }>>;
  /** SQL Servers as a whole, by address and port; `planned` are databases of the plan. */
  readonly servers?: Readonly<
    Record<string, SqlServerSurvey & { readonly planned: readonly string[]; readonly at: number }>
  >;
  /** The newest measurement of each way between two hypervisors (`linkKey`). */
  readonly links?: Readonly<Record<string, Omit<EventOf<'link.measured'>, 'type'> & { readonly at: number }>>;
  /** What was not as at the last inventory when somebody looked last, by machine or hypervisor. */
  readonly drift?: Readonly<Record<string, DriftState>>;
  /** Number and time of the last event folded; 0 before the first. */
  readonly lastSeq: number;
  readonly lastAt: number;
}

export interface EvacuationState {
  readonly name: string;
  readonly planHash: string;
  readonly rehearsal: boolean;
  readonly lab: boolean;
  readonly createdAt: number;
  readonly deadline: { readonly earliest: number; readonly expected: number };
  readonly machines: readonly string[];
  readonly databases: readonly string[];
  /** Public keys of the control machine, from the last start. */
  readonly controlKeys: readonly string[];
  /** Running since the last `evacuation.started` without an end. */
  readonly phase: 'created' | 'running' | 'ended';
  readonly outcome?: EventOf<'evacuation.ended'>['outcome'];
  /** How often it was started; more than one after a crash or a deliberate second run. */
  readonly starts: number;
  readonly notes: readonly { readonly at: number; readonly by: string; readonly text: string }[];
  /** Stages that wait for an engineer's approval; absent where nothing was ever held. */
  readonly held?: readonly string[];
  /** Everything waits, by whose order; absent while it does not. */
  readonly paused?: Order;
  /** A limit of the link, bytes per second, in place of the plan's. */
  readonly throttle?: Order & { readonly bytesPerSecond: number };
  /** Accepted gates by their id; one past its `until` no longer counts. */
  readonly waivers?: Readonly<Record<string, Waiver>>;
  /** How the storm is met, by whose order; absent is `calm`. */
  readonly mode?: Order & {
    readonly mode: StormMode;
    /** Of `squeeze`: who goes on, the first first. */
    readonly saved?: readonly string[];
  };
  /** Copies of plan and journal at the target site, by hypervisor. */
  readonly mirrors?: Readonly<Record<string, MirrorState>>;
  /** From where it was taken up again, after the control machine that began it was lost. */
  readonly recovered?: Omit<EventOf<'evacuation.recovered'>, 'type'> & {
    readonly at: number;
    readonly by: string;
  };
  /** When an accepted plan last changed a part of what is evacuated: `machine/web1/target`; `*` is anything. */
  readonly planChanged?: Readonly<Record<string, number>>;
  /** Who has looked on through a client, by name. */
  readonly engineers?: Readonly<Record<string, EngineerState>>;
}

/** Who ordered something, when, and why. */
export interface Order {
  readonly by: string;
  readonly at: number;
  readonly reason?: string;
}

export interface Waiver {
  readonly by: string;
  readonly at: number;
  readonly reason: string;
  readonly until: number;
}

export interface EngineerState {
  /** Clients of this engineer that are attached now. */
  readonly attached: number;
  /** When the last of them attached or left, and the number of that event. */
  readonly lastAt: number;
  readonly lastSeq: number;
}

export interface HypervisorState extends Omit<EventOf<'hypervisor.observed'>, 'type' | 'hypervisor'> {
  readonly observedAt: number;
}

export interface PassState extends Omit<EventOf<'pass.started'>, 'type' | 'machine'> {
  readonly startedAt: number;
  readonly ended?: Omit<EventOf<'pass.ended'>, 'type' | 'machine' | 'pass' | 'kind' | 'mover'>;
  readonly judged?: Omit<EventOf<'pass.judged'>, 'type' | 'machine' | 'pass'>;
}

export interface ProofState extends Omit<EventOf<'proof.started'>, 'type' | 'machine'> {
  readonly startedAt: number;
  /** What it rests on, of the newest proof only: the source as it was known then, and the standby's digest. */
  readonly basis?: { readonly source?: readonly string[]; readonly standby?: string };
  readonly ended?: Omit<EventOf<'proof.ended'>, 'type' | 'machine' | 'proof' | 'pass' | 'startedAt'> & {
    readonly at: number;
  };
}

export interface MachineState {
  readonly name: string;
  readonly observed?: Omit<EventOf<'machine.observed'>, 'type' | 'machine'> & { readonly at: number };
  /** The wide look at the guest. */
  readonly surveyed?: SurveyFacts & { readonly digest: string; readonly at: number };
  /** Who was seen at the other end of its connections, by `peerKey`, and in how many looks in all. */
  readonly peers?: Readonly<Record<string, PeerState>>;
  readonly peerSamples?: number;
  readonly replica?: Omit<EventOf<'replica.created'>, 'type' | 'machine'> & {
    readonly at: number;
    /** The newest pass that had begun by then: its copy may be gone. Absent where there was none. */
    readonly afterPass?: number;
  };
  readonly receiver?: {
    readonly domain: string;
    readonly uuid: string;
    readonly hostKey?: string;
    readonly addresses?: readonly string[];
    /** Device of each replica disk inside the receiver, as of the last look. */
    readonly devices?: Readonly<Record<string, string>>;
    readonly prepared?: Omit<EventOf<'receiver.prepared'>, 'type' | 'machine'> & { readonly at: number };
  };
  /** Identifiers by which a booting receiver could take the replica's disks for its own; absent where there are none. */
  readonly sharedIdentifiers?: readonly string[];
  readonly path?: {
    readonly publicKey: string;
    readonly expiresAt: number;
    readonly opened: boolean;
    /** Of the blocks mover: the path leads from hypervisor to hypervisor. */
    readonly between?: EventOf<'path.keyed'>['between'];
  };
  /** The newest passes, oldest first; at most PASSES_KEPT of them (fold-machine.ts). */
  readonly passes: readonly PassState[];
  /** What the passes before those added up to; absent while all are kept. */
  readonly olderPasses?: { readonly count: number; readonly ms: number; readonly sentBytes: number };
  /** The last completed verification. */
  readonly verified?: Omit<EventOf<'replica.verified'>, 'type' | 'machine'> & { readonly at: number };
  /** The domain at the target that would boot from the replica. */
  readonly standby?: Omit<EventOf<'standby.defined'>, 'type' | 'machine'> & { readonly at: number };
  /** The newest boot proofs, oldest first; at most PROOFS_KEPT of them (fold-proof.ts). */
  readonly proofs?: readonly ProofState[];
  /** An asked-for proof that has not begun yet. */
  readonly proofRequested?: { readonly reason: string; readonly at: number; readonly by: string };
  /** What the last proof or cutover was to change in the copied system. */
  readonly fixups?: Omit<EventOf<'fixups.planned'>, 'type' | 'machine'> & { readonly at: number };
  /** An asked-for pass that has not begun yet. */
  readonly requested?: { readonly reason: string; readonly at: number };
  /** The failure that stands in the way now; cleared when that step is done. */
  readonly failure?: { readonly step: string; readonly error: ErrorEntry; readonly at: number };
  /** An asked-for measurement of the exposure that has not been made yet. */
  readonly measureRequested?: { readonly at: number };
  /** The newest measurement of what the next pass would bring. */
  readonly measured?: Omit<EventOf<'exposure.measured'>, 'type' | 'machine'> & { readonly at: number };
  /** No step of this machine starts until it is resumed. */
  readonly paused?: Order;
  /** What the source's hypervisor can do for the blocks mover, as of the last look. */
  readonly blocks?: Omit<EventOf<'blocks.observed'>, 'type' | 'machine'> & { readonly at: number };
  /** Who moves it and why; absent where the plan alone says so. */
  readonly mover?: Omit<EventOf<'mover.chosen'>, 'type' | 'machine'> & {
    readonly at: number;
    readonly by: string;
  };
  /** Another mover that an engineer asked for and that has not been taken up yet. */
  readonly moverOrdered?: Order & { readonly mover: EventOf<'mover.ordered'>['mover'] };
  /** Checkpoints of ours that are on the source, oldest first. */
  readonly checkpoints?: readonly (Omit<EventOf<'checkpoint.made'>, 'type' | 'machine'> & {
    readonly at: number;
  })[];
  /** The last pass of the blocks mover that is in the replica. */
  readonly advanced?: Omit<EventOf<'replica.advanced'>, 'type' | 'machine'> & { readonly at: number };
  /** The newest reading of what was written since a checkpoint. */
  readonly dirty?: { readonly checkpoint: string; readonly bytes: number; readonly at: number };
  /** Snapshots of ours inside the guest, oldest first. */
  readonly snapshots?: readonly (Omit<EventOf<'snapshot.taken'>, 'type' | 'machine'> & {
    readonly at: number;
  })[];
  /** The newest snapshot of each file system that was of no use to its pass. */
  readonly snapshotTroubles?: readonly (NonNullable<EventOf<'snapshot.removed'>['trouble']> & {
    readonly at: number;
  })[];
  /** The newest run of each hook of the plan. */
  readonly hooks?: Readonly<
    Partial<
      Record<'before' | 'after', Omit<EventOf<'hook.ran'>, 'type' | 'machine'> & { readonly at: number }>
    >
  >;
  /** Landfall steps back from this source; absent while it does not. */
  readonly cared?: Omit<EventOf<'source.cared'>, 'type' | 'machine'> & { readonly at: number };
  readonly compression?: Omit<EventOf<'compression.sampled'>, 'type' | 'machine'> & { readonly at: number };
  /** How its files travel in the full pass that was surveyed last. */
  readonly survey?: Omit<EventOf<'path.surveyed'>, 'type' | 'machine'> & { readonly at: number };
}

/** The other end of connections, over all samples. */
/** What changed at a machine or a hypervisor, as sentences. */
export interface DriftState {
  /** Empty where it is again as its inventory knows it. */
  readonly found: readonly string[];
  readonly at: number;
  /** When the inventory was taken that it was compared with; absent in older journals. */
  readonly since?: number;
  /** What was found against older inventories within a day before, the oldest first. */
  readonly earlier?: ReadonlyArray<{ readonly found: readonly string[]; readonly at: number }>;
}

export interface PeerState extends PeerFacts {
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface MirrorState {
  readonly path: string;
  readonly upTo: number;
  readonly head: string;
  readonly at: number;
  /** Why the last attempt did not go; absent where it did. */
  readonly trouble?: { readonly why: string; readonly at: number };
}

/** One cutover, from the typed name to its end. A new one begins with nothing of the last. */
export interface CutoverState extends Omit<EventOf<'cutover.begun'>, 'type'> {
  readonly startedAt: number;
  readonly by: string;
  /** What became of the items of the checklist, by id: the last word on each. */
  readonly items: Readonly<Record<string, CutoverItemState>>;
  /** Items that an engineer ordered one by one and that are not done yet. */
  readonly ordered: Readonly<Record<string, Order & { readonly confirmed?: string }>>;
  /** Items run by themselves until one waits for people. */
  readonly going?: Order & { readonly confirmed?: string };
  readonly machines: Readonly<Record<string, CutoverMachineState>>;
  /** The line was crossed. */
  readonly noReturn?: Order;
  /** Given up: what was done is taken back, last first. */
  readonly aborted?: Order;
  readonly ended?: Omit<EventOf<'cutover.ended'>, 'type' | 'startedAt'> & { readonly at: number };
}

export interface CutoverItemState extends Omit<EventOf<'cutover.item'>, 'type' | 'item'> {
  readonly at: number;
  readonly by: string;
}

/** What the cutover has done to a machine; each part goes when it was taken back. */
export interface CutoverMachineState {
  /** Units that were stopped on the source; `quietAt` once nothing writes any more. */
  readonly stopped?: { readonly units: readonly string[]; readonly at: number; readonly quietAt?: number };
  readonly poweredOff?: {
    readonly domain: string;
    readonly autostart: boolean;
    readonly at: number;
    /** Once it was seen to be off. */
    readonly offAt?: number;
  };
  readonly overlaid?: { readonly volumes: EventOf<'cutover.overlaid'>['volumes']; readonly at: number };
  readonly started?: {
    readonly domain: string;
    readonly at: number;
    /** Where the standby answers, once that was found. */
    readonly address?: string;
  };
  readonly committedAt?: number;
}

type Told<T extends EventType> = Omit<EventOf<T>, 'type' | 'database'> & { readonly at: number };

/** A database that leaves, in the order in which things happen to it. */
export interface DatabaseState {
  readonly name: string;
  readonly assessed?: Told<'database.assessed'>;
  readonly planned?: Told<'database.planned'>;
  /** Chosen by an engineer, by the plan, or by landfall's own recommendation: `by` and `reason` say which. */
  readonly lane?: { readonly lane: Lane; readonly reason: string; readonly at: number; readonly by: string };
  readonly captured?: Told<'database.captured'>;
  readonly pinned?: Told<'database.pinned'>;
  readonly aligned?: Told<'database.aligned'>;
  /** The newest reconcile. */
  readonly reconcile?: Told<'reconcile.started'> & {
    readonly done: readonly Told<'reconcile.table'>[];
    readonly ended?: Told<'reconcile.ended'>;
  };
  readonly released?: Told<'database.released'>;
  /** The newest observation. */
  readonly observed?: Told<'database.observed'>;
  /** The newest validation of each kind. */
  readonly validated?: Readonly<Partial<Record<'live' | 'exact', Told<'database.validated'>>>>;
  readonly besides?: Told<'database.besides'>;
  readonly handover?: {
    readonly dark: boolean;
    readonly startedAt: number;
    readonly steps: readonly (Told<'handover.step'>['did'] & { readonly at: number })[];
    /** Waits before its point of no return, frozen and equal. */
    readonly drained?: Told<'handover.drained'>;
    readonly ended?: Told<'handover.ended'>;
  };
  readonly tornDown?: Told<'database.torn-down'>;
  /** The newest order of each kind that nothing has answered yet. */
  readonly ordered: Readonly<Record<string, Told<'database.ordered'> & { readonly by: string }>>;
  readonly failure?: { readonly step: string; readonly error: ErrorEntry; readonly at: number };
  readonly paused?: Order;
}

export interface StepState {
  readonly id: string;
  readonly phase: string;
  readonly status: 'running' | 'retrying' | 'done' | 'failed' | 'cancelled';
  readonly attempts: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly error?: ErrorEntry;
}

export const EMPTY_STATE: State = {
  evacuation: undefined,
  hypervisors: {},
  machines: {},
  databases: {},
  steps: {},
  lastSeq: 0,
  lastAt: 0,
};

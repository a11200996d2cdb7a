import type { Checklist, Timings } from '../checklist/types.ts';
import type { Sizing } from '../estate/sizing/shape.ts';
import type { ErrorEntry } from '../journal/events.ts';
import type { ProofCheck, ProofReason } from '../journal/proof-facts.ts';
import type { EvacuationState, Order, State } from '../journal/state.ts';
import type { Cadence } from '../pace/cadence.ts';
import type { FinalPass } from '../pace/final-pass.ts';
import type { Exposure, ExposureTotals } from '../readiness/exposure.ts';
import type { Gate, GateWaiver } from '../readiness/gate.ts';
import type { GroupExposure } from '../readiness/group-exposure.ts';
import type { MakesIt } from '../readiness/makes-it.ts';
import type { Triage } from '../readiness/triage/types.ts';
import type { Verdict } from '../readiness/verdict.ts';
import type { CutoverFacts } from './cutover-facts.ts';
import type { CutoverReport } from './cutover-phase.ts';
import type { FixupReport } from './fixups.ts';
import type { HeldUnit } from './held-units.ts';
import type { HistoryReport } from './history.ts';
import type { Recovery } from './inventory/recovery/entry.ts';
import type { MoverReport } from './mover.ts';
import type { PhaseTime } from './phase-times.ts';
import type { ProofRow } from './proof-row.ts';

/**
 * The one shape behind every document, the status line and `--json`. Sizes in bytes, durations in milliseconds
 * (`…Ms`), instants in epoch milliseconds (`…At`). Every text is harmless for a terminal. Add optional fields;
 * renaming or removing one is a new version.
 */
export interface Report {
  readonly v: 1;
  readonly generatedAt: number;
  /** The same instant for people and for sorting: ISO 8601, UTC. */
  readonly generated: string;
  readonly evacuation: EvacuationReport;
  readonly deadline: DeadlineReport;
  readonly verdict: VerdictReport;
  /** What to do, most urgent first. */
  readonly next: readonly NextReport[];
  readonly machines: readonly MachineReport[];
  readonly databases: readonly DatabaseReport[];
  readonly hypervisors: readonly HypervisorReport[];
  readonly exposure: ExposureTotals & { readonly currency: string };
  /** What would be lost of those that belong together; absent where nothing does. */
  readonly groups?: readonly GroupExposure[];
  /** Gates of the evacuation as a whole; those of machines and databases stand beside them. */
  readonly gates: readonly Gate[];
  readonly notCovered: readonly NotCoveredReport[];
  readonly checks: readonly CheckReport[];
  /** What landfall has made on hosts. */
  readonly placed: readonly PlacedReport[];
  readonly failedSteps: readonly FailedStepReport[];
  readonly contacts: ReadonlyArray<{ readonly name: string; readonly role: string; readonly reach: string }>;
  /** Every waiver on record, with what it is worth now; absent where there is none. */
  readonly waivers?: readonly WaiverReport[];
  readonly notes: ReadonlyArray<{ readonly at: number; readonly by: string; readonly text: string }>;
  /** How much leaves and whether that fits; absent before the wide look or a measurement of the line. */
  readonly sizing?: Sizing;
  /** Who makes it by the earliest loss; absent where it was not asked for. */
  readonly triage?: Triage;
  /** The cutover as a list, with how far it is; absent where it was not asked for. */
  readonly checklist?: Checklist;
  /** Beside the checklist: what plan and state say around it, how long its items took before, and how long stages took. */
  readonly cutover?: CutoverFacts;
  readonly timings?: Timings;
  readonly phases?: readonly PhaseTime[];
  /** What is needed to bring each machine and database up again; beside the checklist. */
  readonly recovery?: Recovery;
  /** Absent where only the folded state was read. */
  readonly history?: HistoryReport;
  /** What was last seen of names, clocks and credentials. */
  readonly surroundings?: NonNullable<State['surroundings']>;
}

export interface EvacuationReport {
  readonly name: string;
  /** `LAB`, `REHEARSAL`: marks that every screen and document carries. */
  readonly marks: readonly string[];
  readonly lab: boolean;
  readonly rehearsal: boolean;
  readonly from: string;
  readonly to: string;
  readonly phase: 'not-begun' | 'created' | 'running' | 'ended';
  readonly outcome?: string;
  readonly starts: number;
  readonly planHash?: string;
  readonly createdAt?: number;
  /** The last event in the journal: what this report rests on. */
  readonly lastSeq: number;
  readonly lastEventAt?: number;
  /** Everything waits, by whose order. */
  readonly paused?: Order;
  /** A limit of the link in place of the plan's, bytes per second. */
  readonly throttle?: Order & { readonly bytesPerSecond: number };
  /** Stages that wait for approval. */
  readonly held?: readonly string[];
  /** How the storm is met, where that is not `calm` by default. */
  readonly mode?: NonNullable<EvacuationState['mode']>;
  /** The newest cutover; absent before the first. */
  readonly cutover?: CutoverReport;
  /** Copies of plan and journal at the target site, by hypervisor. */
  readonly mirrors?: NonNullable<EvacuationState['mirrors']>;
}

export interface DeadlineReport {
  /** Absent where the plan counts from the start and the evacuation has not begun. */
  readonly earliestAt?: number;
  readonly expectedAt?: number;
  /** Time left until the earliest credible loss; negative once it has passed. */
  readonly leftMs?: number;
  readonly reason?: string;
}

export interface VerdictReport {
  readonly overall: Verdict;
  readonly line: string;
  readonly words: string;
  readonly ready: number;
  readonly of: number;
  readonly blocked: number;
  readonly unproven: number;
  readonly warnings: number;
  /** Gates that are not met and were accepted by an engineer. */
  readonly waived?: number;
}

export interface NextReport {
  /** What is wrong, as the gate says it. */
  readonly what: string;
  readonly subjects: readonly string[];
  readonly severity: 'critical' | 'warning';
  /** What the subjects say of themselves: what a failed program printed, and where they differ, each. */
  readonly evidence: readonly string[];
  readonly remedy: string;
  /** The remedy, one thing to do an entry, in order. */
  readonly steps: readonly string[];
  readonly costOfIgnoring: string;
}

/** `ok`, `busy`, `warn`, `bad` or `unknown`, always with a word: colour and symbol never carry it alone. */
export interface Status {
  readonly kind: 'ok' | 'busy' | 'warn' | 'bad' | 'unknown';
  readonly word: string;
}

export interface MachineReport {
  readonly name: string;
  readonly tier: string;
  readonly owner?: string;
  readonly description?: string;
  readonly verdict: Verdict;
  readonly status: Status;
  /** The order that paused this machine. */
  readonly paused?: Order;
  readonly identity?: IdentityReport;
  readonly layout: LayoutReport;
  /** Who moves it and why, and what the newest copy caught; always there since there is a choice. */
  readonly mover?: MoverReport;
  readonly passes: readonly PassReport[];
  readonly verification?: VerificationReport;
  readonly standby?: StandbyReport;
  /** What boots of the copy have proved; always there since there are boot proofs. */
  readonly proof?: ProofReport;
  /** What the last proof or cutover was to change in the copied system. */
  readonly fixups?: {
    readonly purpose: 'proof' | 'cutover';
    readonly at: number;
    readonly list: readonly FixupReport[];
  };
  /** What would act twice if both sites ran; absent where nobody has looked. */
  readonly heldUnits?: readonly HeldUnit[];
  readonly exposure: Exposure;
  readonly makesIt: MakesIt;
  /** When its next pass is due, and by how much it is late; absent before its copies have converged. */
  readonly cadence?: Cadence;
  /** What the last pass of a cutover would take; absent before a delta pass. */
  readonly finalPass?: FinalPass;
  readonly failure?: {
    readonly step: string;
    readonly at: number;
    readonly code: string;
    readonly what: string;
    readonly why?: string;
    readonly next: readonly string[];
    readonly evidence: readonly string[];
  };
  readonly gates: readonly Gate[];
}

export interface IdentityReport {
  readonly observedAt: number;
  readonly hostname: string;
  readonly os: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly boot: string;
  readonly domain: string;
  readonly uuid: string;
  readonly memory: number;
  readonly vcpus: number;
  readonly addresses: readonly string[];
}

export interface LayoutReport {
  readonly sourceHypervisor: string;
  readonly targetHypervisor: string;
  readonly targetAddress: string;
  readonly image: string;
  readonly disks: ReadonlyArray<{
    readonly disk: string;
    readonly capacity: number;
    readonly replica?: string;
  }>;
  readonly fileSystems: ReadonlyArray<{
    readonly mountpoint: string;
    readonly type: string;
    readonly size: number;
    readonly used: number;
  }>;
  /** What no pass copies, beside what a running system makes by itself (NEVER_COPIED). */
  readonly notCopied: ReadonlyArray<{ readonly path: string; readonly why: string }>;
  /** Bytes that came from the clone at the target and did not travel. */
  readonly seededBytes?: number;
}

export interface PassReport {
  readonly pass: number;
  readonly kind: 'full' | 'delta';
  readonly mover: string;
  readonly reason: string;
  readonly checksum: boolean;
  readonly startedAt: number;
  readonly predictedMs?: number;
  readonly predictedBytes?: number;
  /** Absent while it runs, and where it was cut off. */
  readonly tookMs?: number;
  readonly literalBytes?: number;
  readonly sentBytes?: number;
  readonly consistency?: string;
  readonly verdict?: string;
  readonly why?: string;
  /** It has no end and gets none: another mover has the machine since, or a later pass. */
  readonly givenUp?: true;
}

export interface VerificationReport {
  readonly pass: number;
  readonly at: number;
  readonly tookMs: number;
  readonly filesCompared: number;
  readonly bytesCompared: number;
  readonly live: number;
  readonly mismatches: readonly string[];
  /** True where it belongs to the newest completed pass and nothing has been written to the replica since. */
  readonly current: boolean;
  /** Of a sample: how much of what was compared, and what that is worth. */
  readonly sample?: string;
}

/** The domain at the target that would boot from the replica. */
export interface StandbyReport {
  readonly hypervisor: string;
  readonly domain: string;
  readonly uuid: string;
  readonly at: number;
  /** What differs from the source's definition, one sentence each. */
  readonly changes: readonly string[];
}

export interface ProofReport extends ProofRow {
  /** The newest proof that has ended; these are absent where none has. */
  readonly startedAt?: number;
  /** In the order in which a boot gives it. */
  readonly checks?: ReadonlyArray<ProofCheck & { readonly title: string }>;
  /** Why it does not boot into a working state. */
  readonly reason?: ProofReason;
  /** Name of the kept console log. */
  readonly console?: string;
  /** Until when a good proof counts, epoch ms. */
  readonly goodUntil?: number;
}

export interface DatabaseReport {
  readonly name: string;
  readonly tier: string;
  readonly owner?: string;
  readonly status?: Status;
  /** Age of the newest commit that is proven to be in the copy, ms; absent where none is. */
  readonly exposureMs?: number;
  readonly rpoMs?: number;
  readonly verdict: Verdict;
  readonly gates: readonly Gate[];
}

export interface HypervisorReport {
  readonly name: string;
  readonly site: string;
  readonly role: 'source' | 'target' | 'unknown';
  readonly observedAt?: number;
  readonly version?: string;
  readonly cpus?: number;
  readonly memory?: number;
  readonly pools: ReadonlyArray<{
    readonly name: string;
    readonly capacity: number;
    readonly available: number;
  }>;
}

export interface NotCoveredReport {
  readonly title: string;
  readonly subjects: readonly string[];
  readonly evidence: string;
  readonly remedy: string;
  readonly costOfIgnoring: string;
  readonly blocks: boolean;
}

export interface WaiverReport {
  /** Id of the gate: `machine/web1/at-rest`. */
  readonly gate: string;
  readonly subject: string;
  readonly title: string;
  /** Who: `dana@jump1`. */
  readonly by: string;
  readonly at: number;
  readonly reason: string;
  readonly until: number;
  /** `no-such-gate` where the plan or this version has no gate of that id any more. */
  readonly standing: GateWaiver['standing'] | 'no-such-gate';
  readonly why?: string;
}

export interface PlacedReport {
  readonly machine: string;
  readonly site: 'source' | 'target';
  /** A hypervisor, a machine, or `<machine>.receiver`. */
  readonly host: string;
  readonly what: string;
  /** What ends it; absent where a date does. */
  readonly until?: string;
  readonly expiresAt?: number;
}

export interface CheckReport {
  readonly subject: string;
  readonly title: string;
  readonly command: string;
}

export interface FailedStepReport {
  readonly step: string;
  readonly phase: string;
  readonly attempts: number;
  readonly endedAt?: number;
  readonly error?: ErrorEntry;
}

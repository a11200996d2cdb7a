import { counted, formatBytes, formatDuration } from '../foundation/units.ts';
import type { Event } from '../journal/events.ts';
import { nameOf, say, type Tone } from './say.ts';
import type { NextReport, Report } from './shape.ts';

/** What the next shift must know: what happened since an instant, what is open, what comes next. Instants in epoch ms. */
export interface ShiftReport {
  readonly evacuation: string;
  readonly since: number;
  readonly until: number;
  /** Copies by machine: how many passes, what they carried, whether one was verified. */
  readonly copies: ReadonlyArray<{
    readonly machine: string;
    readonly passes: number;
    readonly sentBytes: number;
    /** Number of the newest verified pass. */
    readonly verified?: number;
    readonly mismatches: number;
  }>;
  readonly proofs: readonly ShiftLine[];
  readonly databases: readonly ShiftLine[];
  readonly cutover: readonly ShiftLine[];
  /** What people ordered, decided and noted. */
  readonly decisions: readonly ShiftLine[];
  /** Steps that failed; `open` where they still stand so. */
  readonly failures: ReadonlyArray<ShiftLine & { readonly open: boolean }>;
  /** The engine began or ended, the lock changed hands, the plan changed. */
  readonly course: readonly ShiftLine[];
  readonly verdict: string;
  readonly next: readonly NextReport[];
  /** All of it in one line. */
  readonly line: string;
}

export interface ShiftLine {
  readonly at: number;
  readonly who?: string;
  readonly text: string;
  readonly tone: Tone;
}

type Part = 'proofs' | 'databases' | 'cutover' | 'decisions' | 'failures' | 'course';

const PREFIXES: ReadonlyArray<readonly [prefix: string, part: Part]> = [
  ['cutover.', 'cutover'],
  ['handover.', 'databases'],
  ['database.', 'databases'],
  ['reconcile.', 'databases'],
  ['evacuation.', 'course'],
];
const PARTS: Readonly<Partial<Record<Event['type'], Part>>> = {
  'proof.ended': 'proofs',
  'step.failed': 'failures',
  'lock.taken-over': 'course',
  'journal.mended': 'course',
  'plan.accepted': 'decisions',
  'mirror.failed': 'failures',
  'evacuation.paused': 'decisions',
  'evacuation.resumed': 'decisions',
  'database.ordered': 'decisions',
  'database.lane-chosen': 'decisions',
  'mode.switched': 'decisions',
  'pass.requested': 'decisions',
  'proof.requested': 'decisions',
  'note.added': 'decisions',
  'stage.approved': 'decisions',
  'stages.held': 'decisions',
  'machine.paused': 'decisions',
  'machine.resumed': 'decisions',
  'link.throttled': 'decisions',
  'step.retry-requested': 'decisions',
  'gate.waived': 'decisions',
  'gate.waiver-withdrawn': 'decisions',
  'stop.requested': 'decisions',
};
/** Every few seconds, or a part of something that is told at its end. */
const UNSAID: ReadonlySet<Event['type']> = new Set([
  'database.observed',
  'reconcile.table',
  'handover.step',
  'cutover.ordered',
]);
const LINES_KEPT = 200;

/** Gathers the events of a shift; bounded however much happened. `since` in epoch ms. */
export class ShiftBuilder {
  readonly #since: number;
  readonly #lines: Record<Part, ShiftLine[]> = {
    ...{ proofs: [], databases: [], cutover: [], decisions: [], failures: [], course: [] },
  };
  readonly #copies = new Map<
    string,
    { passes: number; sentBytes: number; verified?: number; mismatches: number }
  >();
  /** By text of the failure: the step, to see whether it is still open. */
  readonly #failed = new Map<ShiftLine, string>();

  constructor(since: number) {
    this.#since = since;
  }

  add(event: Event): void {
    if (event.at < this.#since || UNSAID.has(event.type)) return;
    if (event.type === 'pass.ended') {
      const copy = this.#copy(event.machine);
      copy.passes += 1;
      copy.sentBytes += event.runs.reduce((sum, run) => sum + run.sentBytes, 0);
    } else if (event.type === 'replica.verified') {
      const copy = this.#copy(event.machine);
      if (event.mismatches.length === 0) copy.verified = event.pass;
      copy.mismatches += event.mismatches.length;
    }
    const part = PARTS[event.type] ?? PREFIXES.find(([prefix]) => event.type.startsWith(prefix))?.[1];
    const said = part === undefined ? undefined : say(event);
    if (part === undefined || said === undefined) return;
    const isPerson = !/:\d+$/.test(event.by);
    const text = said.text.startsWith(said.subject) ? said.text : `${said.subject}: ${said.text}`;
    const line = { at: event.at, ...(isPerson ? { who: nameOf(event.by) } : {}), text, tone: said.tone };
    if (event.type === 'step.failed') this.#failed.set(line, event.step);
    this.#lines[part].push(line);
    if (this.#lines[part].length > 2 * LINES_KEPT) this.#lines[part].splice(0, LINES_KEPT);
  }

  /** `report` is that of now; `failedNow` are the steps that stand failed. */
  report(report: Report, failedNow: ReadonlySet<string>): ShiftReport {
    const kept = (part: Part): ShiftLine[] => this.#lines[part].slice(-LINES_KEPT);
    const copies = [...this.#copies].map(([machine, copy]) => ({ machine, ...copy }));
    const shift = {
      evacuation: report.evacuation.name,
      since: this.#since,
      until: report.generatedAt,
      copies,
      proofs: kept('proofs'),
      databases: kept('databases'),
      cutover: kept('cutover'),
      decisions: kept('decisions'),
      failures: kept('failures').map(line => ({
        ...line,
        open: failedNow.has(this.#failed.get(line) ?? ''),
      })),
      course: kept('course'),
      verdict: report.verdict.words,
      next: report.next,
    };
    return { ...shift, line: lineOf(shift) };
  }

  #copy(machine: string): { passes: number; sentBytes: number; verified?: number; mismatches: number } {
    const known = this.#copies.get(machine) ?? { passes: 0, sentBytes: 0, mismatches: 0 };
    this.#copies.set(machine, known);
    return known;
  }
}

function lineOf({
  since,
  until,
  copies,
  proofs,
  decisions,
  failures,
  next,
}: Omit<ShiftReport, 'line'>): string {
  const passes = copies.reduce((sum, copy) => sum + copy.passes, 0);
  const bytes = copies.reduce((sum, copy) => sum + copy.sentBytes, 0);
  const open = failures.filter(each => each.open).length;
  const first = next[0];
  return [
    `in ${formatDuration(until - since)}: ${counted(passes, 'pass', 'passes')}${bytes === 0 ? '' : `, ${formatBytes(bytes)} sent`}`,
    `${counted(copies.filter(({ verified }) => verified !== undefined).length, 'machine')} verified`,
    ...(proofs.length === 0 ? [] : [counted(proofs.length, 'proof')]),
    ...(decisions.length === 0 ? [] : [counted(decisions.length, 'order or note', 'orders and notes')]),
    ...(failures.length === 0 ? [] : [`${counted(failures.length, 'failure')}, ${open} open`]),
    first === undefined ? 'nothing is open' : `next: ${first.what}`,
  ].join(' · ');
}

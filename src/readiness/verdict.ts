import { counted } from '../foundation/units.ts';
import { blocks, type Gate, type GateScope, isWaived, warns } from './gate.ts';

/** `not-ready`: evidence speaks against it. `unproven`: evidence is missing or too old. Only `ready` is good news. */
export type Verdict = 'ready' | 'not-ready' | 'unproven';

export interface SubjectVerdict {
  readonly scope: GateScope;
  readonly subject: string;
  readonly verdict: Verdict;
  /** Gates that stand in the way, in the order of the walk; the first is the one to work on. */
  readonly blocking: readonly Gate[];
  /** Required checks that no gate answers: counted as unproven. */
  readonly missing: readonly string[];
  readonly warnings: readonly Gate[];
  /** Gates that are not met and were accepted by an engineer: they block nothing and are counted everywhere. */
  readonly waived: readonly Gate[];
  readonly notCovered: readonly Gate[];
}

export interface Verdicts {
  readonly overall: Verdict;
  readonly evacuation: SubjectVerdict | undefined;
  /** Machines and databases, in the order of their gates. */
  readonly subjects: readonly SubjectVerdict[];
  readonly ready: number;
  readonly of: number;
  readonly blocked: number;
  readonly unproven: number;
  /** Warnings of subjects that nothing blocks. */
  readonly warnings: number;
  /** Gates that do not speak because somebody accepted them, of all subjects and of the evacuation. */
  readonly waived: number;
  /** Titles of what this version cannot check, each once. */
  readonly notCovered: readonly string[];
  /** One line that says it all. */
  readonly line: string;
}

/** Without these a subject is never ready, whatever else was checked: silence is red. */
export const REQUIRED_CHECKS: Readonly<Record<GateScope, readonly string[]>> = {
  evacuation: [
    ...['plan-accepted', 'journal', 'capacity', 'credentials'],
    // Warnings; but not to be asked at all is no answer.
    ...['clocks', 'dns-answers', 'dns-ttl', 'mirrored', 'contacts', 'rehearsed'],
  ],
  machine: [
    'inventory',
    'built',
    'drift',
    'first-pass',
    'converged',
    'at-rest',
    'verified',
    'verification-recent',
    'no-failure',
    'consistency',
    'boot-proof',
    ...['network', 'dependencies', 'standby', 'double-run', 'in-time'],
  ],
  database: [
    ...['assessed', 'captured', 'replication', 'agents', 'exposure', 'validated', 'no-failure'],
    ...['retention', 'besides', 'in-time'],
  ],
};

export function verdictOf(gates: readonly Gate[]): Verdicts {
  const groups = Map.groupBy(gates, each => `${each.scope}/${each.subject}`);
  return verdictFrom([...groups.values()].flatMap(group => subjectVerdict(group) ?? []));
}

/** The verdict of the whole from those of its subjects, the evacuation itself among them. */
export function verdictFrom(all: readonly SubjectVerdict[]): Verdicts {
  const evacuation = all.find(each => each.scope === 'evacuation');
  const subjects = all.filter(each => each.scope !== 'evacuation');
  const count = (verdict: Verdict): number => subjects.filter(each => each.verdict === verdict).length;
  const judged = evacuation === undefined ? subjects : [evacuation, ...subjects];
  const overall: Verdict = judged.some(each => each.verdict === 'not-ready')
    ? 'not-ready'
    : evacuation === undefined || subjects.length === 0 || judged.some(each => each.verdict !== 'ready')
      ? 'unproven'
      : 'ready';
  const sum = (pick: (each: SubjectVerdict) => readonly Gate[]): number =>
    all.reduce((total, each) => total + pick(each).length, 0);
  const verdicts = {
    overall,
    evacuation,
    subjects,
    ready: count('ready'),
    of: subjects.length,
    blocked: count('not-ready'),
    unproven: count('unproven'),
    // Before the first copy nearly every warning follows from what blocks: only those that stand alone count.
    warnings: sum(each => (each.blocking.length === 0 ? each.warnings : [])),
    waived: sum(each => each.waived),
    notCovered: [...new Set(all.flatMap(each => each.notCovered.map(({ title }) => title)))],
  };
  return { ...verdicts, line: lineOf(verdicts) };
}

/** The verdict of one subject from its gates; undefined where there are none: nothing was asked, so nothing is said. */
export function subjectVerdict(gates: readonly Gate[]): SubjectVerdict | undefined {
  const first = gates[0];
  if (first === undefined) return undefined;
  const blocking = gates.filter(blocks);
  const checks = new Set(gates.map(each => each.check));
  const missing = REQUIRED_CHECKS[first.scope].filter(check => !checks.has(check));
  return {
    scope: first.scope,
    subject: first.subject,
    verdict: blocking.some(each => each.verdict !== 'unproven')
      ? 'not-ready'
      : blocking.length > 0 || missing.length > 0
        ? 'unproven'
        : 'ready',
    blocking,
    missing,
    warnings: gates.filter(warns),
    waived: gates.filter(isWaived),
    notCovered: gates.filter(each => each.verdict === 'not-covered'),
  };
}

function lineOf(verdicts: Omit<Verdicts, 'line'>): string {
  const { overall, ready, of, blocked, unproven, warnings, waived, evacuation, notCovered } = verdicts;
  const part = (count: number, word: string): string[] => (count === 0 ? [] : [`${count} ${word}`]);
  const parts = [
    `READY ${ready} of ${of}`,
    ...part(blocked, 'blocked'),
    ...part(unproven, 'unproven'),
    ...part(waived, 'waived'),
    ...part(warnings, warnings === 1 ? 'warning' : 'warnings'),
    ...(evacuation === undefined || evacuation.verdict === 'ready'
      ? []
      : ['the evacuation itself is in doubt']),
    `verdict: ${verdictWords(overall, notCovered, waived)}`,
  ];
  return parts.join(' · ');
}

/** The verdict in words. Never a bare READY: it always says what was waived and what this version could not check. */
export function verdictWords(verdict: Verdict, notCovered: readonly string[], waived = 0): string {
  if (verdict === 'not-ready') return 'NOT READY';
  if (verdict === 'unproven') return 'NOT READY (evidence is missing or too old)';
  const ready = `ready${waived === 0 ? '' : ` with ${counted(waived, 'waiver')}`} as far as this version checks`;
  return notCovered.length === 0 ? ready : `${ready}; not covered: ${notCovered.join(', ')}`;
}

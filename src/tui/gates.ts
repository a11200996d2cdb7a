import type { Snapshot } from '../evacuation/engine/session.ts';
import { blocks, type Gate, isWaived, warns } from '../readiness/gate.ts';
import { createGateBook, type GateBook } from '../readiness/gate-book.ts';
import type { SubjectVerdict, Verdicts } from '../readiness/verdict.ts';
import type { View as Facts } from '../step/step.ts';

/** The gates as they stand in a view. Worked out when somebody asks; what did not change stays the same object. */
export interface Gates {
  readonly verdicts: () => Verdicts;
  /** All gates in the order in which an engineer works: what is open, subject by subject; at the end what is met. */
  readonly rows: () => readonly GateRow[];
}

export type GateRow =
  | { readonly kind: 'subject'; readonly verdict: SubjectVerdict; readonly part: Part }
  | { readonly kind: 'gate'; readonly gate: Gate; readonly standing: Standing };

/** `open`: blocks, warns or was waived. */
export type Part = 'open' | 'not-covered' | 'met';

/** How much a gate weighs on the verdict. */
export type Standing = 'blocks' | 'warns' | 'waived' | 'not-covered' | 'met';

/** Remembers between views, so that a second of 500 machines costs only what changed or grew old in it. */
export function rememberGates(): (snapshot: Snapshot, now: number) => Gates {
  const book = createGateBook();
  const known = new WeakMap<readonly Gate[], readonly StandingRow[]>();
  const rowsOf = (gates: readonly Gate[]): readonly StandingRow[] => {
    const rows = known.get(gates) ?? ranked(gates);
    known.set(gates, rows);
    return rows;
  };
  let last: { readonly verdicts: Verdicts; readonly rows: readonly GateRow[] } | undefined;
  return (snapshot, now) => {
    const facts = { plan: snapshot.plan, state: snapshot.state };
    const verdicts = (): Verdicts => book.verdicts(facts, now);
    return {
      verdicts,
      rows: () => {
        const current = verdicts();
        if (last?.verdicts !== current)
          last = {
            verdicts: current,
            rows: inOrder(current, each => rowsOf(gatesOf(book, facts, each, now))),
          };
        return last.rows;
      },
    };
  };
}

function gatesOf(
  book: GateBook,
  facts: Facts,
  { scope, subject }: SubjectVerdict,
  now: number,
): readonly Gate[] {
  if (scope === 'evacuation') return book.gatesForEvacuation(facts, now);
  return scope === 'machine'
    ? book.gatesFor(facts, subject, now)
    : book.gatesForDatabase(facts, subject, now);
}

const VERDICT_RANK = { 'not-ready': 0, unproven: 1, ready: 2 } as const;
const STANDING_RANK = { blocks: 0, warns: 1, waived: 2, 'not-covered': 3, met: 4 } as const;
const GATE_RANK = { fail: 0, 'not-covered': 1, unproven: 2, pass: 3 } as const;

/** A step that failed comes before what follows from it. */
const hasFailed = ({ blocking }: SubjectVerdict): boolean =>
  blocking.some(({ check, verdict }) => check === 'no-failure' && verdict === 'fail');

const PARTS: readonly Part[] = ['open', 'not-covered', 'met'];

const partOf = (standing: Standing): Part =>
  standing === 'met' || standing === 'not-covered' ? standing : 'open';

/** Pure; within equals the order of the walk is kept. */
export function inOrder(
  { evacuation, subjects }: Verdicts,
  rowsOf: (each: SubjectVerdict) => readonly StandingRow[],
): GateRow[] {
  const sorted = [...(evacuation === undefined ? [] : [evacuation]), ...subjects]
    .sort(
      (a, b) =>
        VERDICT_RANK[a.verdict] - VERDICT_RANK[b.verdict] || Number(hasFailed(b)) - Number(hasFailed(a)),
    )
    .map(verdict => ({ verdict, rows: rowsOf(verdict) }));
  return PARTS.flatMap(part =>
    sorted.flatMap(({ verdict, rows }): GateRow[] => {
      const here = rows.filter(({ standing }) => partOf(standing) === part);
      return here.length === 0 ? [] : [{ kind: 'subject', verdict, part }, ...here];
    }),
  );
}

type StandingRow = GateRow & { readonly kind: 'gate' };

/** The gates of one subject, what weighs most first. */
export const ranked = (gates: readonly Gate[]): StandingRow[] =>
  gates
    .map(gate => ({ kind: 'gate' as const, gate, standing: standingOf(gate) }))
    .sort(
      (a, b) =>
        STANDING_RANK[a.standing] - STANDING_RANK[b.standing] ||
        GATE_RANK[a.gate.verdict] - GATE_RANK[b.gate.verdict],
    );

export function standingOf(gate: Gate): Standing {
  if (blocks(gate)) return 'blocks';
  if (isWaived(gate)) return 'waived';
  if (warns(gate)) return 'warns';
  return gate.verdict === 'pass' ? 'met' : 'not-covered';
}

import { harmless } from '../../foundation/text.ts';
import { counted, formatBytes, formatDuration } from '../../foundation/units.ts';
import type { DatabaseOrder, TableDifference } from '../../journal/database-facts.ts';
import { isOpenItem } from '../../journal/database-words.ts';
import type { ErrorEntry } from '../../journal/events.ts';
import type { DatabaseState, State } from '../../journal/state.ts';
import type { DatabaseRow } from '../../reports/database-row.ts';
import type { Style } from '../style.ts';

/** What came of an order for one database. `differs`: it was compared, and is not equal. */
export interface DatabaseResult {
  readonly database: string;
  readonly outcome: 'done' | 'differs' | 'failed' | 'open';
  /** What the journal says of it now: the whole truth for --json. */
  readonly state?: Omit<DatabaseState, 'ordered'>;
  readonly error?: ErrorEntry;
}

const stateIn = ({ databases }: State, name: string): DatabaseState | undefined =>
  Object.hasOwn(databases, name) ? databases[name] : undefined;

/** Nothing more comes by itself: the order is answered, or something stands in its way. */
export function isSettled(state: State, name: string, order: DatabaseOrder): boolean {
  const known = stateIn(state, name);
  if (known === undefined) return false;
  if (known.failure !== undefined) return true;
  if (known.ordered[order] !== undefined) return false;
  // A copy that was released has not caught up yet.
  return order !== 'replicate' || (known.observed?.at ?? 0) >= (known.released?.at ?? 0);
}

/** What came of an order that was given after `since`. */
export function databaseResults(
  state: State,
  names: readonly string[],
  order: DatabaseOrder,
  since: number,
): DatabaseResult[] {
  return names.map(database => {
    const known = stateIn(state, database);
    if (known === undefined) return { database, outcome: 'open' };
    const { ordered, ...facts } = known;
    const { failure } = known;
    if (failure !== undefined && failure.at >= since)
      return { database, outcome: 'failed', state: facts, error: failure.error };
    if (ordered[order] !== undefined) return { database, outcome: 'open', state: facts };
    const differs = order === 'validate' && newestTables(known).some(isDifferent);
    return { database, outcome: differs ? 'differs' : 'done', state: facts };
  });
}

const isDifferent = ({ missing, extra, different }: TableDifference): boolean =>
  missing + extra + different > 0;

const newestTables = (state: Pick<DatabaseState, 'validated'>): readonly TableDifference[] =>
  newestOf(state)?.tables ?? [];

function newestOf({ validated }: Pick<DatabaseState, 'validated'>) {
  const [newest] = [validated?.live, validated?.exact]
    .filter(each => each !== undefined)
    .sort((a, b) => b.at - a.at);
  return newest;
}

export function formatResults(
  results: readonly DatabaseResult[],
  order: DatabaseOrder,
  evacuation: string,
  style: Style,
): string {
  return `${results.map(result => block(result, order, evacuation, style)).join('\n\n')}\n`;
}

function block(
  { database, outcome, state, error }: DatabaseResult,
  order: DatabaseOrder,
  evacuation: string,
  style: Style,
): string {
  if (outcome === 'failed' && error !== undefined)
    return [
      style.bad(`${style.marks.bad} ${database}: ${harmless(error.what)}`),
      ...(error.why === undefined ? [] : [`    ${harmless(error.why)}`]),
      ...(error.evidence ?? []).slice(0, 8).map(line => style.dim(`    ${harmless(line)}`)),
      ...error.next.map(next => `    next: ${harmless(next)}`),
    ].join('\n');
  if (outcome === 'open' || state === undefined)
    return `${style.warn(`${style.marks.warn} ${database}: ${order} has not ended`)}\n    next: landfall database status ${evacuation} ${database}`;
  const head =
    outcome === 'differs'
      ? style.bad(`${style.marks.bad} ${database}: the copy differs`)
      : style.good(`${style.marks.good} ${database}: ${DONE[order]}`);
  return [head, ...details(state, order, style).map(line => `    ${line}`)].join('\n');
}

const DONE: Readonly<Record<DatabaseOrder, string>> = {
  assess: 'assessed',
  plan: 'the lanes are weighed',
  seed: 'the copy follows production',
  reconcile: 'the clone is equal to what was pinned',
  replicate: 'the copy follows production',
  validate: 'the copy is equal to production',
  besides: 'what replication does not bring is compared and scripted',
  handover: 'handed over: the copy is the production',
  thaw: 'production is as it was before the freeze',
  teardown: 'everything that landfall made is taken away',
};

function details(state: Omit<DatabaseState, 'ordered'>, order: DatabaseOrder, style: Style): string[] {
  switch (order) {
    case 'assess':
      return assessment(state, style);
    case 'plan':
      return lanes(state, style);
    case 'seed':
    case 'reconcile':
    case 'replicate':
      return seeded(state);
    case 'validate':
      return compared(state);
    case 'besides': {
      const items = state.besides?.items ?? [];
      const open = items.filter(isOpenItem);
      return [
        `${counted(items.length, 'item')} compared, ${open.length} to do; the script: ${harmless(state.besides?.script ?? '')}`,
        ...open.slice(0, 20).map(item => harmless(`${item.status}: ${item.kind} ${item.name}: ${item.what}`)),
      ];
    }
    case 'handover':
      return [
        ...(state.handover?.steps ?? []).map(({ title, status }) => harmless(`${status}: ${title}`)),
        ...(state.handover?.ended?.lost ?? []).map(lost => style.warn(harmless(`lost: ${lost}`))),
      ];
    case 'teardown':
      return (state.tornDown?.removed ?? []).map(harmless);
    case 'thaw':
      return [];
  }
}

function assessment({ assessed }: Omit<DatabaseState, 'ordered'>, style: Style): string[] {
  if (assessed === undefined) return [];
  const { publisher, distributor, subscriber, tables, findings } = assessed;
  const marks = { blocker: style.marks.bad, warning: style.marks.warn, note: ' ' };
  return [
    ...Object.entries({ publisher, distributor, subscriber }).map(([role, { name, edition, version }]) =>
      harmless(`${role.padEnd(11)} ${name}, ${edition} ${version}`),
    ),
    `${counted(tables.length, 'table')}, ${formatBytes(tables.reduce((sum, { bytes }) => sum + bytes, 0))}`,
    ...findings.flatMap(({ severity, subject, what, remedy, closes }) => [
      harmless(
        `${marks[severity]} ${subject}: ${what}${closes.length === 0 ? '' : ` (closes ${closes.join(', ')})`}`,
      ),
      ...(remedy === '' ? [] : [style.dim(harmless(`  remedy: ${remedy}`))]),
    ]),
  ];
}

function lanes({ planned, lane }: Omit<DatabaseState, 'ordered'>, style: Style): string[] {
  const chosen = lane === undefined ? [] : [`lane ${lane.lane}: ${harmless(lane.reason)}`];
  return [
    ...(planned?.lanes ?? []).flatMap(each => {
      const figures = [
        ...(each.hours === undefined ? [] : [formatDuration(each.hours * 3_600_000)]),
        ...(each.bytes === undefined ? [] : [formatBytes(each.bytes)]),
      ].join(', ');
      const mark =
        each.verdict === 'recommended' ? style.marks.good : each.verdict === 'closed' ? style.marks.bad : ' ';
      return [
        `${mark} ${each.lane.padEnd(15)} ${each.verdict.padEnd(11)} ${figures}`.trimEnd(),
        ...each.why.map(why => style.dim(`    ${harmless(why)}`)),
        ...each.leavesOut.map(left => `    ${harmless(`leaves out: ${left}`)}`),
      ];
    }),
    ...chosen,
  ];
}

function seeded({ reconcile, released, lane }: Omit<DatabaseState, 'ordered'>): string[] {
  return [
    ...(lane === undefined ? [] : [`lane ${lane.lane}`]),
    ...(reconcile?.ended === undefined
      ? []
      : [
          `${counted(reconcile.ended.rows, 'row')} compared, ${reconcile.ended.repaired} repaired, ${formatBytes(reconcile.ended.bytes)} in ${formatDuration(reconcile.ended.ms)}`,
        ]),
    ...(released === undefined ? [] : [harmless(`released: ${released.how}`)]),
  ];
}

function compared(state: Omit<DatabaseState, 'ordered'>): string[] {
  const tables = newestTables(state);
  const rows = tables.reduce((sum, each) => sum + each.rows, 0);
  return [
    `${counted(tables.length, 'table')}, ${counted(rows, 'row')} compared`,
    ...((newestOf(state)?.repaired ?? 0) === 0
      ? []
      : [`${newestOf(state)?.repaired} rows were mended; compare them again`]),
    ...tables
      .filter(isDifferent)
      .flatMap(({ table, missing, extra, different, examples }) => [
        harmless(`${table}: ${missing} missing, ${extra} too many, ${different} different`),
        ...examples.slice(0, 5).map(example => `  ${harmless(example)}`),
      ]),
  ];
}

/** One paragraph a database: how far it is behind, what was compared, what is in the way. */
export function formatStatus(rows: readonly DatabaseRow[], state: State, now: number, style: Style): string {
  const paint = { ok: style.good, warn: style.warn, bad: style.bad, busy: style.strong, unknown: style.dim };
  const marks = {
    ok: style.marks.good,
    warn: style.marks.warn,
    bad: style.marks.bad,
    busy: style.marks.busy,
    unknown: '?',
  };
  const paragraphs = rows.map(row => {
    const { kind, word } = row.status;
    const known = stateIn(state, row.name);
    const failure = known?.failure;
    // What was seen before says nothing of a copy that is the production now.
    const isOver = known?.handover?.ended !== undefined;
    const lines = [
      ...(row.lane === undefined ? [] : [`lane ${row.lane}`]),
      ...(row.seeded === undefined
        ? []
        : [
            `seed: ${row.seeded.tables} of ${counted(row.seeded.of, 'table')} compared, ${row.seeded.repaired} rows repaired`,
          ]),
      ...(isOver
        ? []
        : row.exposureMs === undefined
          ? ['exposure: nothing is proven to be in the copy']
          : [
              `exposure: ${formatDuration(row.exposureMs)} of work would be lost now${row.rpoMs === undefined ? '' : `; ${formatDuration(row.rpoMs)} may be`}`,
            ]),
      ...(isOver || row.observedAt === undefined
        ? []
        : [`observed ${formatDuration(Math.max(0, now - row.observedAt))} ago`]),
      ...(row.validated === undefined
        ? []
        : [
            `compared (${row.validated.kind}) ${formatDuration(Math.max(0, now - row.validated.at))} ago: ${row.validated.differ} of ${counted(row.validated.tables, 'table')} differ`,
          ]),
      ...(isOver ? [] : row.troubles).flatMap(({ what, remedy }) => [
        style.bad(harmless(what)),
        harmless(`  remedy: ${remedy}`),
      ]),
      ...(failure === undefined
        ? []
        : [
            style.bad(harmless(failure.error.what)),
            ...failure.error.next.map(next => harmless(`  next: ${next}`)),
          ]),
    ];
    const double = row.double ? '  (SQL Server double)' : '';
    return [
      `${paint[kind](`${marks[kind]} ${row.name} ${word}`)}${double}`,
      ...lines.map(line => `    ${line}`),
    ].join('\n');
  });
  return `${paragraphs.join('\n\n')}\n`;
}

import type { CommandOf } from '../evacuation/engine/command.ts';
import { tryOrder } from '../evacuation/engine/desk.ts';
import { databaseOutlookOf, stepsOf } from '../evacuation/planner.ts';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { didYouMean } from '../foundation/spelling.ts';
import type { DatabaseOrder, Lane } from '../journal/database-facts.ts';
import { listEvacuations } from '../journal/directory.ts';
import { apply } from '../journal/fold.ts';
import { EMPTY_STATE, type State } from '../journal/state.ts';
import { type LoadedPlan, readPlan } from '../plan/read.ts';
import type { Plan } from '../plan/schema.ts';
import { databaseRows } from '../reports/database-row.ts';
import { previewOf } from '../reports/preview.ts';
import type { View } from '../step/step.ts';
import { engineerOf } from './engineer.ts';
import { type Errand, runErrand, runErrandHere } from './errand.ts';
import { readPlanToRun } from './evacuation.ts';
import type { Io } from './io.ts';
import { evacuationsRoot, planFile } from './paths.ts';
import { formatPreview } from './preview.ts';
import { loadEvacuation } from './recorded.ts';
import {
  type DatabaseResult,
  databaseResults,
  formatResults,
  formatStatus,
  isSettled,
} from './render/database-results.ts';
import { createStyle } from './style.ts';

export interface DatabaseInput {
  /** A plan file, or the name of an evacuation. */
  readonly evacuation: string | undefined;
  readonly database: string | undefined;
  readonly lane: Lane | undefined;
  readonly tables: readonly string[];
  readonly repair: boolean;
  readonly dark: boolean;
  readonly confirm: string | undefined;
  readonly reason: string | undefined;
  readonly json: boolean;
  readonly state: string | undefined;
  readonly sshConfig: string | undefined;
}

type Ordered = DatabaseInput & { readonly order: DatabaseOrder };

/** Gives an order about databases and waits for its end. Exit code 3 where a copy differs. */
export async function databaseOrder(io: Io, input: Ordered): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const view = await knownOrNew(io, input, root);
  requireName(input, scopeOf(view.plan, input.database));
  return runErrand(io, input, root, view.plan, errandOf(io, input, view));
}

/** This process is the engine, for the order alone. */
export async function databaseHere(io: Io, input: Ordered): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const plan = await readPlanToRun(io, await planFile(io, input.evacuation), root);
  const { state } = await knownOrNew(io, { ...input, evacuation: plan.file }, root);
  const view = { plan: plan.plan, state };
  requireName(input, scopeOf(plan.plan, input.database));
  return runErrandHere(io, input, root, plan, errandOf(io, input, view));
}

/** Prints every statement that the order would send, in order; contacts nobody. */
export async function databaseDryRun(io: Io, input: Ordered): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const view = await knownOrNew(io, input, root);
  const { plan } = view;
  const names = scopeOf(plan, input.database);
  const asOrdered = names.reduce<View>((now, name) => afterOrder(io, input, now, name), view);
  const steps = databaseOutlookOf(asOrdered, input.order, names);
  if (input.json) {
    const previewed = previewOf(steps, asOrdered);
    io.out(`${JSON.stringify({ v: 1, type: 'dry-run', evacuation: plan.name, steps: previewed })}\n`);
    return EXIT.ok;
  }
  const unknown = names.filter(name => asOrdered.state.databases[name]?.assessed === undefined);
  io.out('A dry run: nothing is executed and no server is contacted.\n');
  if (unknown.length > 0)
    io.out(
      `Not assessed yet: ${unknown.join(', ')}. ‹…› stands for what the assessment finds: landfall database assess ${plan.name}\n`,
    );
  io.out(`\n${formatPreview(steps, asOrdered, createStyle(io.colour, io.unicode))}`);
  return EXIT.ok;
}

/** How the copies stand, by the journal alone. Exit code 3 where one is not in sync. */
export async function databaseStatus(io: Io, input: DatabaseInput): Promise<ExitCode> {
  const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
  const names = scopeOf(plan, input.database);
  const now = io.clock.now();
  const rows = databaseRows({ plan, state }, now).filter(({ name }) => names.includes(name));
  if (input.json)
    io.out(`${JSON.stringify({ v: 1, type: 'database-status', evacuation: plan.name, databases: rows })}\n`);
  else io.out(formatStatus(rows, state, now, createStyle(io.colour, io.unicode)));
  return rows.every(({ status }) => status.kind === 'ok') ? EXIT.ok : EXIT.notReady;
}

function errandOf(io: Io, input: Ordered, before: View): Errand<readonly DatabaseResult[]> {
  const { order } = input;
  const { plan } = before;
  const names = scopeOf(plan, input.database);
  const command = commandOf(input, input.database ?? (names.length === 1 ? names[0] : undefined));
  const since = before.state.lastAt;
  return {
    command,
    words: file => wordsOf(input, file),
    alone: { database: { command, databases: names } },
    onLeaving: `what was ordered goes on; see it again: landfall attach ${plan.name}`,
    isSettled: state => names.every(name => isSettled(state, name, order)),
    results: state => databaseResults(state, names, order, since),
    print: results => print(io, input, plan.name, results),
    verdict,
  };
}

function print(
  io: Io,
  { order, json }: Ordered,
  evacuation: string,
  results: readonly DatabaseResult[],
): void {
  if (json) io.out(`${JSON.stringify({ v: 1, type: 'database', evacuation, order, databases: results })}\n`);
  else io.out(`\n${formatResults(results, order, evacuation, createStyle(io.colour, io.unicode))}`);
}

function verdict(results: readonly DatabaseResult[]): ExitCode {
  if (results.some(({ outcome }) => outcome === 'differs')) return EXIT.notReady;
  if (results.every(({ outcome }) => outcome === 'done')) return EXIT.ok;
  return results.some(({ outcome }) => outcome === 'done') ? EXIT.partial : EXIT.failed;
}

function commandOf(input: Ordered, database: string | undefined): CommandOf<'database'> {
  const { order, lane, tables, repair, dark, confirm, reason } = input;
  return {
    kind: 'database',
    order,
    ...(database === undefined ? {} : { database }),
    ...(lane === undefined ? {} : { lane }),
    ...(tables.length === 0 ? {} : { tables: [...tables] }),
    ...(repair ? { repair } : {}),
    ...(dark ? { dark } : {}),
    ...(confirm === undefined ? {} : { confirm }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function wordsOf(input: Ordered, file: string): string[] {
  const { order, database, lane, tables, repair, dark, confirm, reason } = input;
  return [
    ...['database', order, file, ...(database === undefined ? [] : [database])],
    ...(lane === undefined ? [] : ['--lane', lane]),
    ...tables.flatMap(table => ['--table', table]),
    ...(repair ? ['--repair'] : []),
    ...(dark ? ['--dark'] : []),
    ...(confirm === undefined ? [] : ['--confirm', confirm]),
    ...(reason === undefined ? [] : ['--reason', reason]),
  ];
}

/** An evacuation that was begun, or a plan of which nothing is known yet. */
async function knownOrNew(io: Io, input: DatabaseInput, root: string): Promise<View> {
  const existing = await listEvacuations(root);
  const { evacuation } = input;
  if (evacuation !== undefined && existing.includes(evacuation))
    return loadEvacuation(io, evacuation, input.state);
  if (evacuation === undefined && existing.length === 1) return loadEvacuation(io, undefined, input.state);
  const { plan }: LoadedPlan = await readPlan(await planFile(io, evacuation), io.clock.now(), {
    running: true,
  });
  if (!existing.includes(plan.name)) return { plan, state: EMPTY_STATE };
  return loadEvacuation(io, plan.name, input.state);
}

/** The view as it will be once the order is given; refusals are those of the desk. */
function afterOrder(io: Io, input: Ordered, view: View, name: string): View {
  // What would be done is shown to whoever has not confirmed it yet, too.
  const command = commandOf({ ...input, confirm: name }, name);
  const by = `${engineerOf(io)}@${io.process.host}`;
  const desk = { ...view, now: io.clock.now(), by, steps: stepsOf(view) };
  const state = tryOrder(command, desk).events.reduce<State>(
    (now, body) => apply(now, { ...body, v: 1, seq: now.lastSeq + 1, at: io.clock.now(), by }),
    view.state,
  );
  return { plan: view.plan, state };
}

function scopeOf({ databases, name }: Plan, database: string | undefined): string[] {
  const names = Object.keys(databases);
  if (names.length === 0)
    throw new LandfallError('usage', {
      what: `the plan of ${name} has no databases`,
      next: ['name them under databases: in the plan; landfall check PLAN reads it'],
    });
  if (database === undefined) return names;
  if (names.includes(database)) return [database];
  throw new LandfallError('usage', {
    what: `the plan has no database called ${database}`,
    next: [didYouMean(database, names) ?? `it has: ${names.slice(0, 8).join(', ')}`],
  });
}

/** Before an engine is started for nothing. The desk asks again. */
function requireName({ order, confirm, evacuation }: Ordered, names: readonly string[]): void {
  if (order !== 'handover' && order !== 'teardown') return;
  const [name] = names;
  if (names.length === 1 && confirm === name) return;
  throw new LandfallError('database.unconfirmed', {
    what:
      names.length > 1
        ? `${order} is ordered for one database at a time`
        : confirm === undefined
          ? `${order} of ${name} needs its name, typed`
          : `"${confirm.slice(0, 80)}" is not the name of the database`,
    why:
      order === 'handover'
        ? 'from its point of no return on, the copy is the production; nothing was touched'
        : 'what keeps the copy following is taken away; nothing was touched',
    next: names.map(each => `landfall database ${order} ${evacuation ?? 'PLAN'} ${each} --confirm ${each}`),
  });
}

import { tryOrder } from '../evacuation/engine/desk.ts';
import { stepsOf } from '../evacuation/planner.ts';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { didYouMean } from '../foundation/spelling.ts';
import { harmless } from '../foundation/text.ts';
import { formatBitRate, formatDuration } from '../foundation/units.ts';
import type { Plan } from '../plan/schema.ts';
import { ASCII_FIGURES, UNICODE_FIGURES } from '../reports/figures.ts';
import { CONSISTENCY_WORDS, type MoverReport, moverReport, moverText } from '../reports/mover.ts';
import { machineOrder } from '../reports/rows.ts';
import { layOut } from '../reports/table.ts';
import type { Mover } from '../step/mover.ts';
import type { View } from '../step/step.ts';
import { type Costs, firstCopy, type MoverCost, situationOf, suggestionFor } from '../sync/index.ts';
import type { MoverWord } from './commands/mover.ts';
import { engineerOf } from './engineer.ts';
import type { Io } from './io.ts';
import { giveOrder } from './order.ts';
import { loadEvacuation } from './recorded.ts';

export interface MoverInput {
  readonly evacuation: string | undefined;
  readonly machine: string | undefined;
  readonly state: string | undefined;
  readonly json: boolean;
  readonly dryRun: boolean;
}

interface Ordered extends MoverInput {
  readonly machine: string;
  readonly mover: MoverWord;
}

/** One machine as this command tells of it. */
interface Told extends MoverReport {
  readonly machine: string;
  /** Milliseconds and bytes. */
  readonly costs: Costs;
  /** Why a mover cannot move it; empty where it can, or where nobody has asked. */
  readonly impossible: Readonly<Record<Mover, readonly string[]>>;
  readonly suggestion?: string;
}

const commandOf = ({ machine, mover }: Ordered) => ({ kind: 'mover' as const, machine, mover });

/** Orders it of the engine that runs. */
export const orderMover = (io: Io, input: Ordered): Promise<ExitCode> =>
  giveOrder(io, { ...input, dryRun: false }, `move ${input.machine} by ${input.mover}`, () =>
    commandOf(input),
  );

/** What the order would come to, or the refusal it would meet. Reads the journal only. */
export async function previewMover(io: Io, input: Ordered): Promise<ExitCode> {
  const view = await viewOf(io, input);
  requireMachine(view.plan, input.machine);
  const now = io.clock.now();
  const by = `${engineerOf(io)}@${io.process.host}`;
  const { said } = tryOrder(commandOf(input), { ...view, now, by, steps: stepsOf(view) });
  const machine = toldOf(view, input.machine, now);
  if (input.json)
    io.out(
      `${JSON.stringify({ v: 1, type: 'dry-run', evacuation: view.plan.name, command: commandOf(input), said, machine })}\n`,
    );
  else
    io.out(
      `${lines(machine).join('\n')}\n\nthe engine would answer: ${harmless(said)}\nnothing was ordered\n`,
    );
  return EXIT.ok;
}

/** Who moves whom, from the journal alone. */
export async function presentMovers(io: Io, input: MoverInput): Promise<ExitCode> {
  const view = await viewOf(io, input);
  const { machine } = input;
  if (machine !== undefined) requireMachine(view.plan, machine);
  const now = io.clock.now();
  const told = (machine === undefined ? machineOrder(view.plan) : [machine]).map(name =>
    toldOf(view, name, now),
  );
  if (input.json)
    io.out(`${JSON.stringify({ v: 1, type: 'movers', evacuation: view.plan.name, machines: told })}\n`);
  else if (machine === undefined) io.out(`${table(told, io)}\n`);
  else io.out(`${told.flatMap(lines).join('\n')}\n`);
  return EXIT.ok;
}

async function viewOf(io: Io, { evacuation, state }: MoverInput): Promise<View> {
  const loaded = await loadEvacuation(io, evacuation, state);
  return { plan: loaded.plan, state: loaded.state };
}

function requireMachine(plan: Plan, machine: string): void {
  const names = Object.keys(plan.machines);
  if (names.includes(machine)) return;
  throw new LandfallError('usage', {
    what: `the plan has no machine called ${machine}`,
    next: [didYouMean(machine, names) ?? `it has: ${names.slice(0, 8).join(', ')}`],
  });
}

function toldOf(view: View, machine: string, now: number): Told {
  const { costs, impossible } = situationOf(view, machine, now);
  const suggestion = suggestionFor(view, machine, now);
  return {
    machine,
    ...moverReport(view, machine),
    costs,
    impossible,
    ...(suggestion === undefined ? {} : { suggestion: suggestion.words }),
  };
}

const otherThan = (mover: Mover): Mover => (mover === 'files' ? 'blocks' : 'files');

/** `blocks: 9.00 GB in 1m30s`, or why it is impossible. */
function otherCell({ mover, costs, impossible }: Told): string {
  const other = otherThan(mover);
  const [refusal] = impossible[other];
  return `${other}: ${refusal === undefined ? costText(costs[other]) : `impossible, ${refusal}`}`;
}

const costText = (cost: MoverCost): string =>
  cost.firstBytes === undefined
    ? 'not known yet'
    : `${firstCopy(cost)}, then at least ${formatDuration(cost.floorMs ?? 0)} a pass`;

const whyCell = ({ suggestion, reasons, decided }: Told): string =>
  suggestion !== undefined
    ? `does not converge; would help: ${suggestion}`
    : (reasons[0] ?? (decided === 'plan' ? 'the plan says so' : 'nothing was found out yet'));

function table(told: readonly Told[], { columns, unicode }: Io): string {
  if (told.length === 0) return 'no machines in this plan';
  const rows = layOut(
    told,
    [
      { title: 'machine', keep: 0, cell: ({ machine }) => harmless(machine) },
      {
        title: 'mover',
        keep: 0,
        cell: ({ mover, ordered }) => (ordered === undefined ? mover : `${mover}, ${ordered.mover} ordered`),
      },
      { title: 'decided by', keep: 1, cell: ({ decided }) => decided },
      { title: 'caught', keep: 2, cell: ({ consistency }) => consistency ?? '-' },
      { title: 'why', keep: 3, shrink: true, atLeast: 30, cell: each => harmless(whyCell(each)) },
      { title: 'the other', keep: 4, shrink: true, atLeast: 24, cell: each => harmless(otherCell(each)) },
    ],
    columns,
    unicode ? UNICODE_FIGURES : ASCII_FIGURES,
  );
  return rows.join('\n');
}

/** Everything about one machine, a fact a line. */
function lines(told: Told): string[] {
  const { machine, reasons, against, consistency, costs, impossible, suggestion, ordered } = told;
  const cost = (mover: Mover): string =>
    `  by ${mover}: ${impossible[mover].length > 0 ? `impossible: ${impossible[mover].join('; ')}` : costText(costs[mover])}`;
  const from = {
    measured: 'as measured',
    limit: 'as the plan allows',
    assumed: 'assumed: neither plan nor passes say',
  };
  return [
    `${machine}: ${moverText(told)}`,
    ...reasons.map(each => `  because: ${each}`),
    ...against.map(each => `  on the other hand: ${each}`),
    ...(ordered === undefined ? [] : [`  ordered by ${ordered.by}: ${ordered.mover}, from the next pass on`]),
    ...(consistency === undefined
      ? []
      : [`  the newest copy is ${consistency}: ${CONSISTENCY_WORDS[consistency] ?? consistency}`]),
    ...(suggestion === undefined ? [] : [`  it does not converge; would help: ${suggestion}`]),
    cost('files'),
    cost('blocks'),
    `  reckoned with ${formatBitRate(costs.rate.bytesPerSecond)}, ${from[costs.rate.from]}`,
  ].map(harmless);
}

import type { EngineOptions } from '../../evacuation/evacuate.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { EXIT, type ExitCode } from '../../foundation/exit-codes.ts';
import { parseRate } from '../../foundation/units.ts';
import { listEvacuations, openEvacuationDirectory } from '../../journal/directory.ts';
import { readState } from '../../journal/read-state.ts';
import type { State } from '../../journal/state.ts';
import type { LabClient } from '../../lab/client.ts';
import { readPlan } from '../../plan/read.ts';
import type { Plan } from '../../plan/schema.ts';
import { databaseRows } from '../../reports/database-row.ts';
import { refuseSecond } from '../engine-launch.ts';
import { endedOf, evacuateAndShow, exitOf, printVerdict } from '../evacuation.ts';
import { HELD_STAGES } from '../held-stages.ts';
import type { Io } from '../io.ts';
import { evacuationsRoot } from '../paths.ts';
import { formatStatus } from '../render/database-results.ts';
import { createStyle } from '../style.ts';
import { Attendance } from './attendance.ts';
import { findingsOf } from './cutover-verdict.ts';
import { createTale, LAB } from './cutting-over.ts';
import { armFaults, type WantedFault } from './faults.ts';
import { halvesOf, isFinished, isInSecondHalf } from './halves.ts';
import { inTurn } from './in-turn.ts';
import type { Story } from './story.ts';
import { createZone } from './zone.ts';

export interface RehearsalInput {
  readonly fault: readonly WantedFault[];
  readonly machines?: readonly string[] | undefined;
  /** By default those of the lab that is there; else 1. */
  readonly seed?: number | undefined;
  readonly scale?: number | undefined;
  readonly link: string;
  /** False leaves the SQL Servers out. */
  readonly database?: boolean | undefined;
  readonly lab?: string | undefined;
  readonly keep: boolean;
  /** Goes on after its end, for those who look on and give orders, until it is stopped or nobody looks on any more. */
  readonly stay: boolean;
  /** Then the cutover is rehearsed, too, in this way. */
  readonly story?: Story | undefined;
  /** Inventory, build and sync wait for an engineer's approval. */
  readonly stepByStep: boolean;
  readonly json: boolean;
  readonly state?: string | undefined;
  /** The rehearsal to take up again, also one that is over; by default the unfinished one, or a new one. */
  readonly name?: string | undefined;
}

type Serving = Parameters<NonNullable<EngineOptions['onServing']>>[0];

/** A rehearsal that stays for engineers ends when none has looked on for so long. */
const DESERTED_MS = 15 * 60_000;

/**
 * From nothing to a verdict: a lab, its evacuation while a writer changes files, and, when the writer has stopped, one
 * more pass and the comparison of every file. A rehearsal that was interrupted is taken up where it was.
 */
export async function runRehearsal(io: Io, input: RehearsalInput): Promise<ExitCode> {
  const linkBytesPerSecond = parseRate(input.link);
  if (linkBytesPerSecond === undefined) {
    throw new LandfallError('usage', {
      what: `"${input.link}" is no rate`,
      next: ['write it like --link "400 Mbit/s"'],
    });
  }
  const root = evacuationsRoot(io, input.state);
  const { name, state } = await chooseRehearsal(root, input.name);
  const [{ openLab }, { MACHINE_NAMES }, { labPlaceOf }] = await Promise.all([
    import('../../lab/client.ts'),
    import('../../lab/machine-names.ts'),
    import('./lab-place.ts'),
  ]);
  requireKnown(input, MACHINE_NAMES);
  await refuseSecond(io, root, name);
  const { directory, made } = await labPlaceOf({
    ...{ root, name, state, directory: input.lab, now: io.clock.now() },
    mustExist: input.name !== undefined,
  });
  io.err(`LAB: two simulated sites in ${directory}${state === undefined ? '' : ' (taken up again)'}\n`);
  const machines = input.machines ?? made?.machines;
  const lab = await openLab(directory, {
    name,
    seed: input.seed ?? made?.seed ?? 1,
    scale: input.scale ?? made?.scale ?? 1,
    linkBytesPerSecond,
    ...(machines === undefined ? {} : { machines }),
    ...(input.database === false ? {} : { databaseRows: rowsFor(input.scale ?? made?.scale ?? 1) }),
    node: io.node,
    clock: io.clock,
    signal: io.signal,
  });
  let isOurs = true;
  try {
    return await evacuateLab(io, { ...input, linkBytesPerSecond }, lab, root, state);
  } catch (error) {
    // Whoever holds the evacuation works with this lab right now.
    isOurs = !(error instanceof LandfallError && error.code === 'state.locked');
    throw error;
  } finally {
    if (input.keep) {
      io.err(
        `the simulated hosts go on: ssh -F ${lab.paths.sshConfig} web1 COMMAND\n` +
          `they end when nobody has used them for 15 minutes, or now: kill ${lab.pid}\n`,
      );
    }
    if (input.keep || !isOurs) lab.close();
    else await lab.shutdown();
  }
}

async function evacuateLab(
  io: Io,
  input: RehearsalInput & { readonly linkBytesPerSecond: number },
  lab: LabClient,
  root: string,
  before: State | undefined,
): Promise<ExitCode> {
  const plan = await readPlan(lab.paths.plan, io.clock.now(), { running: true });
  // Elsewhere the notes in the journal say it.
  const tell = (text: string): void => void (input.json && io.err(`${text}\n`));
  const journal = Promise.withResolvers<Serving>();
  const { faults: standing } = await lab.status();
  const faults = armFaults(lab, input.fault, {
    // An engine that was killed left them switched on.
    standing,
    ...{ clock: io.clock, signal: io.signal },
    async note(text) {
      tell(`LAB: ${text}`);
      await (await journal.promise).note(text, LAB);
    },
    onTrouble: text => io.err(`${text}\n`),
  });
  const attendance = new Attendance();
  const abandoned = new AbortController();
  const stay = input.stay
    ? (signal: AbortSignal) => attendance.deserted(DESERTED_MS, io.clock, signal)
    : undefined;
  const halves = halvesOf({
    inSecondHalf: before !== undefined && isInSecondHalf(before),
    async stopWriter() {
      // A cutover has to make quiet what writes.
      await (input.story === undefined ? lab.writer.stop() : lab.writer.pause());
      tell('LAB: the writer has stopped; one more pass, then every file is compared');
    },
    ...(stay === undefined ? {} : { stay }),
    abandon: () => abandoned.abort(),
  });
  await begin(lab, input.story, halves.reachedSecond, before);
  const zone = createZone(plan.plan, switchedIn(before));
  const tale =
    input.story === undefined
      ? undefined
      : createTale({
          ...{ story: input.story, plan: plan.plan, lab, zone, clock: io.clock },
          linkBytesPerSecond: input.linkBytesPerSecond,
          order: async (command, by) => (await journal.promise).order(command, by),
          async note(text) {
            tell(`LAB: ${text}`);
            await (await journal.promise).note(`LAB: ${text}`, LAB);
          },
          onTrouble: lines => io.err(lines.map(line => `LAB: ${line}\n`).join('')),
        });
  const signal = AbortSignal.any([io.signal, abandoned.signal]);
  const evacuated = await evacuateAndShow(
    { ...io, signal },
    {
      ...{ plan, root, json: input.json, resolver: zone },
      engine: {
        until: 'done',
        nextWhenIdle: tale === undefined ? halves.nextWhenIdle : inTurn(halves, tale, before, stay),
        onServing: serving => journal.resolve(serving),
        ...(input.stepByStep ? { hold: HELD_STAGES } : {}),
      },
      onEvent: event => {
        attendance.event(event);
        faults.event(event);
        tale?.event(event);
      },
      onSample: sample => faults.sample(sample),
    },
  );
  printVerdict(io, plan.plan, endedOf(evacuated), { json: input.json, passes: true });
  if (!input.json) showDatabases(io, plan.plan, evacuated.state);
  const code = exitOf(io, plan.plan, evacuated);
  if (evacuated.outcome.cancelled || !halves.reachedSecond) return code;
  const missed = await faults.settled();
  for (const fault of missed) io.err(`LAB: the fault ${fault} met nothing that it could strike\n`);
  const violations = await lab.violations();
  for (const violation of violations)
    io.err(`LAB: the source was asked for something that changes it: ${violation}\n`);
  if (input.story === undefined) {
    if (!input.json) await showTrees(io, lab);
    return violations.length + missed.length > 0 ? EXIT.failed : code;
  }
  const told = await tellStory(io, { ...input, story: input.story }, lab, plan.plan, evacuated.state);
  return violations.length + missed.length > 0 || !told ? EXIT.failed : EXIT.ok;
}

/** Prints what came of the cutover; false where anything is not as it has to be. */
async function tellStory(
  io: Io,
  { story, json }: { readonly story: Story; readonly json: boolean },
  lab: LabClient,
  plan: Plan,
  state: State,
): Promise<boolean> {
  const findings = await findingsOf({ story, plan, state, lab, now: io.clock.now() });
  const ok = findings.every(finding => finding.ok);
  if (json) {
    io.out(`${JSON.stringify({ v: 1, type: 'cutover-rehearsal', story, ok, findings })}\n`);
    return ok;
  }
  const marks = io.unicode ? { good: '✓', bad: '✗' } : { good: 'ok', bad: 'NOT' };
  const lines = findings.map(({ ok: good, line }) => `  ${good ? marks.good : marks.bad} ${line}`);
  io.out(`\nLAB: ${TITLES[story]}: ${ok ? 'as it has to be' : 'NOT as it has to be'}\n${lines.join('\n')}\n`);
  return ok;
}

const TITLES: Readonly<Record<Story, string>> = {
  cutover: 'the cutover',
  abort: 'the abort before the point of no return',
  'site-lost': 'the cutover after Miami was lost',
};

/** The writer writes in the first half; in a cutover that goes on, too, until the sources are made quiet. */
async function begin(
  lab: LabClient,
  story: Story | undefined,
  isSecondHalf: boolean,
  before: State | undefined,
): Promise<void> {
  if (!isSecondHalf || (story !== undefined && story !== 'site-lost' && before?.cutover !== undefined)) {
    return lab.writer.resume();
  }
  return story === undefined ? lab.writer.stop() : lab.writer.pause();
}

/** The records that an interrupted rehearsal had changed. */
const switchedIn = (state: State | undefined): string[] =>
  Object.entries(state?.cutover?.items ?? {}).flatMap(([id, { outcome }]) =>
    id.startsWith('switch/dns/') && outcome === 'done' ? [id.slice('switch/dns/'.length)] : [],
  );

/** Rows of the production database of the lab. */
const rowsFor = (scale: number): number => Math.max(1000, Math.round(20_000 * scale));

/** How the copies of the databases stand at the end, while production goes on to write. */
function showDatabases(io: Io, plan: Plan, state: State): void {
  const now = io.clock.now();
  const rows = databaseRows({ plan, state }, now);
  if (rows.length > 0) io.out(`\n${formatStatus(rows, state, now, createStyle(io.colour, io.unicode))}`);
}

function requireKnown(input: RehearsalInput, known: readonly string[]): void {
  const named = [...(input.machines ?? []), ...input.fault.flatMap(fault => fault.machine ?? [])];
  const unknown = named.find(name => !known.includes(name));
  if (unknown === undefined) return;
  throw new LandfallError('usage', {
    what: `the lab has no machine called "${unknown}"`,
    next: [`there are: ${known.join(', ')}`],
  });
}

/** The one that is named, else the unfinished one, else the next number. Throws `usage` for a name of another kind. */
export async function chooseRehearsal(
  root: string,
  wanted?: string,
): Promise<{ name: string; state: State | undefined }> {
  if (wanted !== undefined) return namedRehearsal(root, wanted);
  const numbers = (await listEvacuations(root))
    .flatMap(name => /^rehearsal-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const last = numbers.at(-1);
  if (last === undefined) return { name: 'rehearsal-1', state: undefined };
  const { state } = await readState(root, `rehearsal-${last}`);
  return isFinished(state)
    ? { name: `rehearsal-${last + 1}`, state: undefined }
    : { name: `rehearsal-${last}`, state };
}

async function namedRehearsal(root: string, name: string): Promise<{ name: string; state: State }> {
  await openEvacuationDirectory(root, name).catch((error: unknown) => {
    throw error instanceof LandfallError && error.code === 'state.absent' ? absent(error) : error;
  });
  const { state } = await readState(root, name);
  if (state.evacuation?.lab === true) return { name, state };
  throw new LandfallError('usage', {
    what: `${name} is no rehearsal of the lab`,
    next: ['take it up with its plan: landfall run PLAN', 'see what there is: landfall list'],
  });
}

/** A rehearsal has no plan to be started with, and gets its name from landfall. */
const absent = ({ code, facts }: LandfallError): LandfallError =>
  new LandfallError(code, {
    ...facts,
    why: '--name takes up a rehearsal that is there; a new one is given the next number',
    next: ['begin a new one: landfall rehearse', 'see what there is: landfall list'],
  });

/** Where both sides lie, so that the engineer need not believe landfall. */
async function showTrees(io: Io, lab: LabClient): Promise<void> {
  const style = createStyle(io.colour, io.unicode);
  io.out('\nCompare them yourself; no output means that they are identical:\n');
  for (const tree of await lab.trees()) {
    if (tree.replicaDirectory === undefined) continue;
    io.out(
      style.dim(
        `  rsync -aHAXnic --delete ${tree.sourceDirectory}/ ${tree.replicaDirectory}/   # ${tree.machine}:${tree.mountpoint}\n`,
      ),
    );
  }
}

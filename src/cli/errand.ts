import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { attach } from '../evacuation/engine/client.ts';
import type { Command } from '../evacuation/engine/command.ts';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { harmless } from '../foundation/text.ts';
import { listEvacuations, openEvacuationDirectory } from '../journal/directory.ts';
import { inspectLock } from '../journal/lock.ts';
import { readState } from '../journal/read-state.ts';
import type { State } from '../journal/state.ts';
import type { LoadedPlan } from '../plan/read.ts';
import type { Plan } from '../plan/schema.ts';
import { launchEngine } from './engine-launch.ts';
import { clientOf } from './engineer.ts';
import { evacuateAndShow, exitOf, readPlanToRun, type ShowOptions } from './evacuation.ts';
import { followToTheEnd } from './follow.ts';
import type { Io } from './io.ts';
import { planFile, sshConfigOption } from './paths.ts';
import { chooseWatcher } from './render/choose.ts';
import { linesWatcher } from './render/lines.ts';
import { ndjsonWatcher } from './render/ndjson.ts';
import { createStyle } from './style.ts';
import { errorOf } from './told-error.ts';
import { VERSION } from './version.ts';

/**
 * One piece of work that an engineer orders and waits for: through the engine that runs, or with one that is started for
 * this alone. What it is, and what its end means, is the errand's own; how it is carried out is here, once.
 */
export interface Errand<Results> {
  /** What a running engine is told. */
  readonly command: Command;
  /** The same as words of a command line, after `landfall`; the engine's own options are added. */
  readonly words: (plan: string) => readonly string[];
  /** What an engine of its own is for. */
  readonly alone: Pick<ShowOptions, 'prove' | 'measure' | 'database' | 'cutover'>;
  /** Said to somebody who leaves. */
  readonly onLeaving: string;
  /** Nothing more comes by itself. */
  readonly isSettled: (state: State) => boolean;
  readonly results: (state: State) => Results;
  readonly print: (results: Results) => void;
  readonly verdict: (results: Results) => ExitCode;
}

export interface ErrandInput {
  /** A plan file, or the name of an evacuation. */
  readonly evacuation: string | undefined;
  readonly json: boolean;
  readonly sshConfig: string | undefined;
}

/** Carries it out wherever it can be, shows it, and answers with what its end means. */
export async function runErrand<R>(
  io: Io,
  input: ErrandInput,
  root: string,
  plan: Plan,
  errand: Errand<R>,
): Promise<ExitCode> {
  return (await isRunning(root, plan.name))
    ? throughEngine(io, input, root, plan, errand)
    : alone(io, input, root, errand);
}

/** This process is the engine, for the errand alone. */
export async function runErrandHere<R>(
  io: Io,
  input: ErrandInput,
  root: string,
  plan: LoadedPlan,
  errand: Errand<R>,
): Promise<ExitCode> {
  const evacuated = await evacuateAndShow(io, {
    ...{ plan, root, json: input.json, sshConfig: sshConfigOption(io, input.sshConfig) },
    ...errand.alone,
    engine: { until: 'done' },
  });
  const results = errand.results(evacuated.state);
  errand.print(results);
  return exitOf(io, plan.plan, evacuated, () => errand.verdict(results));
}

async function alone<R>(io: Io, input: ErrandInput, root: string, errand: Errand<R>): Promise<ExitCode> {
  const plan = await planToRun(io, input, root, errand);
  const { name } = plan.plan;
  const isKnown = (await listEvacuations(root)).includes(name);
  const lastSeq = isKnown ? (await readState(root, name)).state.lastSeq : 0;
  const sshConfig = sshConfigOption(io, input.sshConfig);
  const engine = await launchEngine(io, {
    ...{ root, name },
    words: [
      ...errand.words(plan.file),
      ...['--foreground', '--detached', '--state', root],
      ...(sshConfig === undefined ? [] : ['--ssh-config', sshConfig]),
    ],
  });
  const watcher = chooseWatcher(io, createStyle(io.colour, io.unicode), plan.plan, input.json);
  const followed = await followToTheEnd(io, engine, { root, name, watcher, after: lastSeq }).finally(() =>
    watcher.end(),
  );
  if (followed === undefined) return EXIT.interrupted;
  errand.print(errand.results(followed.state));
  return followed.code;
}

/** A name alone does not tell where the plan lies whose ssh_config and secrets an engine would need. */
async function planToRun<R>(
  io: Io,
  { evacuation }: ErrandInput,
  root: string,
  errand: Errand<R>,
): Promise<LoadedPlan> {
  if (evacuation !== undefined && !existsSync(resolve(io.cwd, evacuation)))
    throw new LandfallError('engine.absent', {
      what: `no engine runs for ${evacuation}, and a name alone does not tell where its plan is`,
      next: [`landfall ${errand.words('PLAN').join(' ')}   starts one for this`],
    });
  return readPlanToRun(io, await planFile(io, evacuation), root);
}

async function throughEngine<R>(
  io: Io,
  input: ErrandInput,
  root: string,
  { name }: Plan,
  errand: Errand<R>,
): Promise<ExitCode> {
  const style = createStyle(io.colour, io.unicode);
  const watcher = input.json ? ndjsonWatcher(io) : linesWatcher(io, style);
  const over = Promise.withResolvers<'bye' | 'left' | 'ended'>();
  io.sayOnInterrupt(errand.onLeaving);
  io.signal.addEventListener('abort', () => over.resolve('left'), { once: true });
  let isOrdered = false;
  const look = (state: State): void => {
    if (isOrdered && errand.isSettled(state)) over.resolve('ended');
  };
  const session = await attach({
    ...{ root, name, landfall: VERSION, ...clientOf(io, 'cli') },
    onEvent: (event, state) => {
      watcher.event(event, state);
      look(state);
    },
    onSample: sample => watcher.sample(sample),
    onBye: () => over.resolve('bye'),
  });
  let results: R;
  try {
    const reply = await session.send(errand.command);
    if (!reply.ok) throw errorOf(reply.error);
    if (!input.json) io.err(`${harmless(reply.said)}\n`);
    isOrdered = true;
    look(session.snapshot().state);
    const how = io.signal.aborted ? 'left' : await over.promise;
    if (how === 'left') return EXIT.interrupted;
    // An engine that is gone may have written more than it could still tell.
    const { state } = how === 'bye' ? await readState(root, name) : session.snapshot();
    results = errand.results(state);
  } finally {
    await session.close();
    await watcher.end();
  }
  errand.print(results);
  return errand.verdict(results);
}

async function isRunning(root: string, name: string): Promise<boolean> {
  if (!(await listEvacuations(root)).includes(name)) return false;
  const { lockPath } = await openEvacuationDirectory(root, name);
  return (await inspectLock(lockPath))?.verdict.holder === 'alive';
}

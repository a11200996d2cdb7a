import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { listEvacuations, openEvacuationDirectory } from '../journal/directory.ts';
import { readState } from '../journal/read-state.ts';
import type { LoadedPlan } from '../plan/read.ts';
import { type LaunchedEngine, launchEngine } from './engine-launch.ts';
import { printVerdict, readPlanToRun } from './evacuation.ts';
import { followToTheEnd } from './follow.ts';
import type { Io } from './io.ts';
import { sshConfigOption } from './paths.ts';
import type { RehearsalWishes } from './rehearsal/start.ts';
import { chooseWatcher } from './render/choose.ts';
import { createStyle } from './style.ts';

/** How an engine is to run an evacuation; the words of `landfall run` that it is handed. */
export interface EngineWishes {
  /** Build and sync wait for an engineer's approval. */
  readonly stepByStep?: boolean;
  readonly acceptPlan?: boolean;
  readonly takeOver?: boolean;
  readonly anotherPass?: boolean;
  /** Waits for orders when there is nothing left to do; without it, the engine ends then. */
  readonly stay?: boolean;
  readonly sshConfig?: string | undefined;
}

export interface StartOptions extends EngineWishes {
  readonly planFile: string;
  /** The directory of all evacuations. */
  readonly root: string;
}

/**
 * For the UI: starts the engine of a plan in a process and a session of its own, to stay until it is stopped. Throws
 * `plan.*`, `state.locked` and everything that an engine may meet before it listens.
 */
export async function startEngine(io: Io, options: StartOptions): Promise<{ readonly name: string }> {
  const plan = await readPlanToRun(io, options.planFile, options.root);
  const engine = await launch(io, plan, options.root, { ...options, stay: true });
  engine.leave();
  if (!engine.isServing) {
    await engine.ended;
    throw await engine.speechless();
  }
  return { name: plan.plan.name };
}

/** For the UI: a pocket rehearsal with an engine of its own; see rehearsal/start.ts. */
export async function startRehearsal(io: Io, wishes: RehearsalWishes): Promise<{ readonly name: string }> {
  const start = await import('./rehearsal/start.ts');
  return start.startRehearsal(io, wishes);
}

export interface FollowedRun extends EngineWishes {
  readonly plan: LoadedPlan;
  readonly root: string;
  readonly json: boolean;
}

/** Starts the engine of a plan and shows what it does until it ends; leaving ends only the showing. */
export async function runAndFollow(io: Io, options: FollowedRun): Promise<ExitCode> {
  const { plan, root, json } = options;
  const { name } = plan.plan;
  const exists = (await listEvacuations(root)).includes(name);
  const after = exists ? (await readState(root, name)).state.lastSeq : 0;
  const engine = await launch(io, plan, root, options);
  const watcher = chooseWatcher(io, createStyle(io.colour, io.unicode), plan.plan, json);
  const followed = await followToTheEnd(io, engine, { root, name, watcher, after }).finally(() =>
    watcher.end(),
  );
  if (followed === undefined) return EXIT.interrupted;
  const { state, code, idle } = followed;
  const { path } = await openEvacuationDirectory(root, name);
  const cancelled = state.evacuation?.outcome === 'cancelled';
  if (idle && !cancelled && !json)
    io.err('nothing was left to do; --another-pass brings the replicas up to date\n');
  printVerdict(io, plan.plan, { state, cancelled, directory: path }, { json, passes: false });
  return code;
}

function launch(io: Io, plan: LoadedPlan, root: string, wishes: EngineWishes): Promise<LaunchedEngine> {
  const sshConfig = sshConfigOption(io, wishes.sshConfig);
  const words = [
    ...['run', plan.file, '--foreground', '--detached', '--state', root],
    ...(sshConfig === undefined ? [] : ['--ssh-config', sshConfig]),
    ...(wishes.stay === true ? ['--stay'] : []),
    ...(wishes.stepByStep === true ? ['--step-by-step'] : []),
    ...(wishes.acceptPlan === true ? ['--accept-plan'] : []),
    ...(wishes.takeOver === true ? ['--take-over'] : []),
    ...(wishes.anotherPass === true ? ['--another-pass'] : []),
  ];
  return launchEngine(io, { root, name: plan.plan.name, words });
}

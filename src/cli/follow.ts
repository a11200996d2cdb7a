import { type AttachOptions, attach } from '../evacuation/engine/client.ts';
import type { Session } from '../evacuation/engine/session.ts';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import type { Event } from '../journal/events.ts';
import { readState } from '../journal/read-state.ts';
import type { State } from '../journal/state.ts';
import type { LaunchedEngine } from './engine-launch.ts';
import { clientOf } from './engineer.ts';
import { goesOn } from './goes-on.ts';
import type { Io } from './io.ts';
import type { Watcher } from './render/watcher.ts';
import { VERSION } from './version.ts';

export interface FollowOptions {
  readonly root: string;
  readonly name: string;
  readonly watcher: Watcher;
  /** Events after this number are shown. */
  readonly after: number;
}

export interface Followed {
  readonly state: State;
  /** The engine's own exit code. */
  readonly code: ExitCode;
  /** Every step was found done; nothing had to be run. */
  readonly idle: boolean;
}

/**
 * Shows what an engine that was just started does until it ends, and answers with its exit code; undefined where this
 * process was told to leave, and the engine goes on. Throws what the engine has told as its fatal error.
 */
export async function followToTheEnd(
  io: Io,
  engine: LaunchedEngine,
  { root, name, watcher, after }: FollowOptions,
): Promise<Followed | undefined> {
  io.sayOnInterrupt(goesOn(name));
  let last = after;
  let idle = true;
  let hasEnded = false;
  const show = (event: Event, state: State): void => {
    if (event.seq <= last) return;
    last = event.seq;
    if (event.type === 'step.started' || event.type === 'step.failed') idle = false;
    if (event.type === 'evacuation.ended') hasEnded = true;
    watcher.event(event, state);
  };
  const session = engine.isServing
    ? await attachIfThere({
        ...{ root, name, after, landfall: VERSION, ...clientOf(io, 'cli') },
        onEvent: show,
        onSample: sample => watcher.sample(sample),
      })
    : undefined;
  try {
    const code = await Promise.race([engine.ended, leaving(io.signal)]);
    if (code === undefined) return undefined;
    // What the connection did not bring any more stands in the journal.
    await session?.close();
    const missed: Event[] = [];
    const { state } = await readState(root, name, event => {
      if (event.seq > last) missed.push(event);
    });
    for (const event of missed) show(event, state);
    if (!hasEnded) throw await engine.speechless();
    return { state, code: exitCodeOf(code), idle };
  } finally {
    await session?.close();
    engine.leave();
  }
}

/** An engine that had little to do may be gone before anybody could connect. */
async function attachIfThere(options: AttachOptions): Promise<Session | undefined> {
  try {
    return await attach(options);
  } catch (error) {
    const isGone =
      error instanceof LandfallError &&
      (error.code === 'engine.absent' || error.code === 'engine.unreachable');
    if (isGone) return undefined;
    throw error;
  }
}

function leaving(signal: AbortSignal): Promise<undefined> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

const exitCodeOf = (code: number): ExitCode =>
  Object.values(EXIT).find(known => known === code) ?? EXIT.failed;

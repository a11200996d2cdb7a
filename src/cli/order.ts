import { attach } from '../evacuation/engine/client.ts';
import type { Command } from '../evacuation/engine/command.ts';
import { dial } from '../evacuation/engine/dial.ts';
import type { EngineFacts } from '../evacuation/engine/session.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { harmless } from '../foundation/text.ts';
import { openEvacuationDirectory } from '../journal/directory.ts';
import { inspectLock } from '../journal/lock.ts';
import { clientOf, engineerOf } from './engineer.ts';
import type { Io } from './io.ts';
import { evacuationsRoot } from './paths.ts';
import { errorOf } from './told-error.ts';
import { VERSION } from './version.ts';
import { whichRunning } from './which.ts';

export interface OrderInput {
  readonly evacuation: string | undefined;
  readonly state: string | undefined;
  readonly json: boolean;
  readonly dryRun: boolean;
}

/**
 * Gives one order to a running engine and prints its answer. Throws `engine.*` where there is none to be reached and
 * the engine's own refusal where it refuses. `--dry-run` finds the engine and orders nothing.
 */
export async function giveOrder(
  io: Io,
  input: OrderInput,
  /** In words, for the dry run: `pause web1`. */
  meaning: string,
  commandFor: (name: string) => Command,
  /** What to wait for before this is over; the answer was printed already. */
  carriedOut: (name: string, root: string, engine: EngineFacts | undefined) => Promise<void> = async () => {},
): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const verb = commandFor('').kind;
  const name = await whichRunning(io, input.evacuation, root, ABOUT_MACHINES.has(verb) ? verb : undefined);
  const command = commandFor(name);
  if (input.dryRun) {
    const { path } = await openEvacuationDirectory(root, name);
    (await dial(path, name)).destroy();
    const said = await wouldSay(io, input.state, name, command);
    if (input.json) {
      io.out(`${JSON.stringify({ v: 1, type: 'dry-run', evacuation: name, command, said })}\n`);
    } else {
      io.out(
        `the engine of ${name} would be told, by ${engineerOf(io)}: ${harmless(meaning)}\n` +
          `it would answer: ${harmless(said)}\nnothing was ordered\n`,
      );
    }
    return EXIT.ok;
  }
  const session = await attach({
    ...{ root, name, landfall: VERSION, signal: io.signal },
    ...clientOf(io, 'cli'),
  });
  try {
    const { engine } = session.snapshot();
    const reply = await session.send(command);
    if (!reply.ok) throw errorOf(reply.error);
    io.out(
      input.json
        ? `${JSON.stringify({ v: 1, type: 'ordered', evacuation: name, command, said: reply.said })}\n`
        : `${harmless(reply.said)}\n`,
    );
    await carriedOut(name, root, engine);
    return EXIT.ok;
  } finally {
    await session.close();
  }
}

/** What names a machine after the evacuation. */
const ABOUT_MACHINES: ReadonlySet<string> = new Set(['pause', 'resume', 'sync', 'retry']);

/** What the order would come to by the journal as it stands now. Throws the refusal that it would meet. */
async function wouldSay(
  io: Io,
  stateOption: string | undefined,
  name: string,
  command: Command,
): Promise<string> {
  const [{ loadEvacuation }, { tryOrder }, { stepsOf }] = await Promise.all([
    import('./recorded.ts'),
    import('../evacuation/engine/desk.ts'),
    import('../evacuation/planner.ts'),
  ]);
  const { plan, state } = await loadEvacuation(io, name, stateOption);
  const by = `${engineerOf(io)}@${io.process.host}`;
  return tryOrder(command, { plan, state, now: io.clock.now(), by, steps: stepsOf({ plan, state }) }).said;
}

const POLL_MS = 50;
const ENDING_MS = 60_000;

/** Until the engine has let go of the evacuation, so that the next command finds it free. */
export async function hasLetGo(
  io: Io,
  name: string,
  root: string,
  engine: EngineFacts | undefined,
): Promise<void> {
  const { lockPath } = await openEvacuationDirectory(root, name);
  const begun = io.clock.monotonic();
  while (io.clock.monotonic() - begun < ENDING_MS) {
    const held = await inspectLock(lockPath);
    if (held === undefined || held.verdict.holder === 'ended' || held.record?.pid !== engine?.pid) return;
    await io.clock.sleep(POLL_MS, io.signal);
  }
  io.err(`it is still ending; landfall list shows when it is gone\n`);
}

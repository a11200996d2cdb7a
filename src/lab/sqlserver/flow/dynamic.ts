import type { Database } from '../server/instance.ts';
import { Frame } from './frame.ts';
import { planOf } from './plan.ts';
import { runFrame } from './run-frame.ts';
import type { Runtime } from './runtime.ts';

/** Runs a text as EXEC ('…') does: a scope of its own, in the database of the caller unless another one is given. */
export async function runText(
  runtime: Runtime,
  text: string,
  options: {
    readonly database?: Database;
    readonly known?: readonly string[];
    readonly prepare?: (inner: Runtime) => void | Promise<void>;
  } = {},
): Promise<Frame> {
  const { state, frame: caller } = runtime;
  const frame = new Frame({
    kind: 'text',
    database: options.database ?? caller.database,
    level: caller.level + 1,
    parent: caller,
  });
  await runFrame(
    state,
    frame,
    () => planOf(text, state.options.quotedIdentifier, options.known),
    options.prepare,
  );
  return frame;
}

import type { Database } from '../server/instance.ts';
import type { SqlType, Value } from '../values/types.ts';
import { runText } from './dynamic.ts';
import { CapturedOutput, type ResultSet } from './output.ts';
import type { Runtime } from './runtime.ts';
import { Transfer } from './transfer.ts';

/**
 * Runs T-SQL of the double's own inside a session: its last result set; messages go to the client, errors are thrown.
 *
 * @param values variables that the text has, by name with @
 * @throws SqlError
 */
export async function queryRows(
  runtime: Runtime,
  database: Database,
  text: string,
  values: Readonly<Record<string, { readonly type: SqlType; readonly value: Value }>> = {},
): Promise<ResultSet | undefined> {
  const { state, frame } = runtime;
  const { output } = state;
  const captured = new CapturedOutput(output);
  const entries = Object.entries(values).map(
    ([name, value]) => [name.startsWith('@') ? name.toLowerCase() : `@${name.toLowerCase()}`, value] as const,
  );
  state.output = captured;
  frame.tries += 1;
  try {
    await runText(runtime, text, {
      database,
      known: entries.map(([name]) => name),
      prepare: inner => {
        for (const [name, { type, value }] of entries) {
          inner.frame.types.set(name, type);
          inner.frame.variables.set(name, value);
        }
      },
    });
  } catch (failure) {
    if (failure instanceof Transfer && failure.kind === 'catch' && failure.error) throw failure.error;
    throw failure;
  } finally {
    frame.tries -= 1;
    state.output = output;
    state.frame = frame;
  }
  return captured.results.at(-1);
}

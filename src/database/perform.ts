import { z } from 'zod';
import { LandfallError } from '../foundation/errors.ts';
import type { Servers, SqlServer } from '../remote/sql/server.ts';
import type { Deed, Script, Statement } from '../remote/sql/statement.ts';

const bit = z.record(z.string(), z.union([z.boolean(), z.number(), z.null()]));

export const serverOf = (servers: Servers, statement: Statement): SqlServer => servers[statement.on];

/** True where the only column of the only row is 1. */
export async function holds(servers: Servers, question: Statement, signal?: AbortSignal): Promise<boolean> {
  const [row] = await serverOf(servers, question).ask(question, bit, signal === undefined ? {} : { signal });
  const [value] = Object.values(row ?? {});
  return value === true || value === 1;
}

export interface Performing {
  readonly servers: Servers;
  readonly signal: AbortSignal;
  readonly onDeed?: (deed: Deed, at: number, of: number) => void;
}

/** True where every deed of the script is done. */
export async function isPerformed(script: Script, { servers, signal }: Performing): Promise<boolean> {
  for (const { done } of script.deeds) if (!(await holds(servers, done, signal))) return false;
  return true;
}

/**
 * Performs what is not done yet, in order. What a half-made attempt left is completed or removed first. A statement
 * that ended well and whose work is not there afterwards is an error: nothing is taken on trust.
 */
export async function performScript(script: Script, performing: Performing): Promise<void> {
  const { servers, signal, onDeed } = performing;
  for (const [at, deed] of script.deeds.entries()) {
    signal.throwIfAborted();
    onDeed?.(deed, at, script.deeds.length);
    if (await holds(servers, deed.done, signal)) continue;
    if (deed.mend !== undefined && (await holds(servers, deed.mend.isHalfMade, signal)))
      for (const statement of deed.mend.statements)
        await serverOf(servers, statement).run(statement, { signal });
    await serverOf(servers, deed.statement).run(deed.statement, { signal });
    if (await holds(servers, deed.done, signal)) continue;
    throw new LandfallError('sql.failed', {
      what: `${deed.statement.title}: the ${serverOf(servers, deed.statement).label} took it, and it did not take effect`,
      where: { host: serverOf(servers, deed.statement).label, command: deed.done.text },
      next: [
        'run the same command again; where it stays so, run the statement by hand and read its messages',
      ],
    });
  }
}

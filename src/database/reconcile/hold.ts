import { z } from 'zod';
import { harmless } from '../../foundation/text.ts';
import { holds } from '../perform.ts';
import type { Work } from '../stage.ts';
import { heldQuestion, holdStatements, recordedCount, restoreStatement } from './hold-statements.ts';

type Hands = Pick<Work, 'servers' | 'ref' | 'signal'>;

const counted = z.object({ n: z.number() });
const restored = z.object({ restored: z.number() });
const refused = z.object({ object_name: z.string(), number: z.number(), message: z.string() });

/** Foreign keys, checks and triggers of the copy are recorded as found, then disabled. Can be repeated. */
export async function holdObjects(work: Hands): Promise<{ readonly held: number }> {
  const { servers, signal } = work;
  for (const statement of holdStatements(work)) await servers.subscriber.run(statement, { signal });
  const [row] = await servers.subscriber.ask(recordedCount(work), counted, { signal });
  return { held: row?.n ?? 0 };
}

export const areHeld = (work: Hands): Promise<boolean> =>
  holds(work.servers, heldQuestion(work), work.signal);

/** Gives every held object its recorded state. What the server refused stays held and is answered, one sentence each. */
export async function restoreObjects(
  work: Hands,
): Promise<{ readonly restored: number; readonly refused: readonly string[] }> {
  const { servers, signal } = work;
  const [row] = await servers.subscriber.ask(recordedCount(work), counted, { signal });
  if (row === undefined || row.n === 0) return { restored: 0, refused: [] };
  const { results } = await servers.subscriber.run(restoreStatement(work), { signal });
  const [done, not] = results.slice(-2);
  return {
    restored: z.array(restored).parse(done ?? [])[0]?.restored ?? 0,
    refused: z
      .array(refused)
      .parse(not ?? [])
      .map(each => harmless(`${each.object_name}: ${each.number}, ${each.message}`)),
  };
}

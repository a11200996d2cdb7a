import { z } from 'zod';
import { databaseOrder, lane } from '../../journal/database-facts.ts';
import { STORM_MODES } from '../../journal/events-cutover.ts';

/**
 * What an engineer may order of a running engine. Parsed where it comes in: a client may be of another version, and
 * the socket is open to whatever runs under the same account.
 */

const name = z.string().min(1).max(128);
const words = z.string().trim().min(1).max(2000);
/** Everything, or one machine. */
const scope = { machine: name.optional() };

export const commandSchema = z.discriminatedUnion('kind', [
  /** Starts nothing new and stops the copies that run; what has arrived stays. */
  z.strictObject({ kind: z.literal('pause'), ...scope, reason: words.optional() }),
  z.strictObject({ kind: z.literal('resume'), ...scope }),
  /** One more pass now; steps of the machine that had failed are tried again. */
  z.strictObject({ kind: z.literal('sync'), ...scope, reason: words.optional() }),
  /** Failed steps once more: one, those of a machine, or all. */
  z.strictObject({ kind: z.literal('retry'), ...scope, step: name.optional() }),
  /** Bytes per second that landfall may use of the link; null is the plan's limit again. */
  z.strictObject({
    kind: z.literal('throttle'),
    bytesPerSecond: z.number().positive().nullable(),
    reason: words.optional(),
  }),
  z.strictObject({ kind: z.literal('mover'), machine: name, mover: z.enum(['files', 'blocks', 'auto']) }),
  /** Boots a throw-away overlay of the replica in isolation and collects evidence. */
  z.strictObject({ kind: z.literal('prove'), ...scope, reason: words.optional() }),
  /** Work on one SQL Server database, or on all. `confirm` is its name, typed, for what cannot be undone. */
  z.strictObject({
    kind: z.literal('database'),
    database: name.optional(),
    order: databaseOrder,
    lane: lane.optional(),
    tables: z.array(z.string().min(1).max(300)).max(1000).optional(),
    repair: z.boolean().optional(),
    dark: z.boolean().optional(),
    until: z.literal('drained').optional(),
    confirm: z.string().max(128).optional(),
    reason: words.optional(),
  }),
  /** Accepts a gate that does not pass. `until` in epoch ms. */
  z.strictObject({
    kind: z.literal('waive'),
    gate: z.string().min(1).max(400),
    reason: words,
    until: z.number(),
  }),
  z.strictObject({ kind: z.literal('unwaive'), gate: z.string().min(1).max(400) }),
  z.strictObject({ kind: z.literal('note'), text: words }),
  /** Lets a stage that was held begin. */
  z.strictObject({ kind: z.literal('approve'), phase: name }),
  /** Another way to meet the storm. `confirm` is the name of the evacuation, typed: for `dark`. */
  z.strictObject({
    kind: z.literal('mode'),
    mode: z.enum(STORM_MODES),
    confirm: z.string().max(128).optional(),
    reason: words.optional(),
  }),
  /** Counts what the next pass would bring: the exposure of this moment. */
  z.strictObject({ kind: z.literal('measure'), ...scope }),
  /** Looks at names, clocks and credentials again. */
  z.strictObject({ kind: z.literal('look') }),
  z.strictObject({
    kind: z.literal('cutover'),
    /**
     * `begin` and `no-return` need the name of the evacuation typed, and items that say so the name they say; `go` runs
     * what landfall can run until something waits for people, `hold` ends that.
     */
    act: z.enum(['begin', 'go', 'hold', 'run', 'tick', 'skip', 'reopen', 'no-return', 'abort']),
    item: z.string().min(1).max(400).optional(),
    confirm: z.string().max(128).optional(),
    rehearse: z.boolean().optional(),
    dark: z.boolean().optional(),
    reason: words.optional(),
  }),
  /** Ends the engine; what runs on hosts goes on. `confirm` is the name of the evacuation, typed. */
  z.strictObject({ kind: z.literal('stop'), confirm: z.string(), reason: words.optional() }),
]);

export type Command = z.infer<typeof commandSchema>;
export type CommandKind = Command['kind'];
export type CommandOf<K extends CommandKind> = Extract<Command, { kind: K }>;

/** The answer to a command: what it came to, in one sentence, or why it was refused. */
export type Reply =
  | { readonly ok: true; readonly said: string }
  | { readonly ok: false; readonly error: RefusedCommand };

export const refusedCommand = z.strictObject({
  code: z.string(),
  family: z.enum(['act', 'cancelled', 'program', 'bug']),
  what: z.string(),
  why: z.string().optional(),
  next: z.array(z.string()),
  evidence: z.array(z.string()).optional(),
});
export type RefusedCommand = z.infer<typeof refusedCommand>;

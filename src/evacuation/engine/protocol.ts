import { z } from 'zod';
import type { Event } from '../../journal/events.ts';
import type { CommandRecord } from '../../remote/host.ts';
import type { Sample } from '../../step/step.ts';
import { commandSchema, refusedCommand } from './command.ts';

/**
 * The engine's socket: `engine.sock` in the evacuation's directory, mode 0600, one JSON object a line in either
 * direction. The engine sends what is new; what was before, a client reads from the journal itself. A client first
 * connects and then reads the journal, so nothing falls in between: an event is in the file before it is sent.
 */
export const PROTOCOL_VERSION = 1;

/** Longer lines are refused, so that reading needs bounded memory. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

const v = z.literal(PROTOCOL_VERSION);

/** What clients say. `hello` comes first. */
export const clientMessage = z.discriminatedUnion('type', [
  z.strictObject({
    v,
    type: z.literal('hello'),
    who: z.string().min(1).max(100),
    host: z.string().max(255),
    client: z.enum(['ui', 'cli']),
    landfall: z.string().max(100),
  }),
  z.strictObject({ v, type: z.literal('command'), id: z.string().min(1).max(64), command: commandSchema }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

const presence = z.object({
  id: z.string(),
  who: z.string(),
  host: z.string(),
  client: z.enum(['ui', 'cli']),
  since: z.number(),
});

const sample = z.object({
  step: z.string(),
  subject: z.string(),
  at: z.number(),
  text: z.string(),
  fraction: z.number().optional(),
  bytes: z.number().optional(),
  bytesPerSecond: z.number().optional(),
  etaMs: z.number().optional(),
});

/** Also a line of the command log in `logs/commands.jsonl`. */
export const commandRecord = z.object({
  at: z.number(),
  host: z.string(),
  command: z.string(),
  code: z.number().nullable(),
  ms: z.number(),
});

const reply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), said: z.string() }),
  z.object({ ok: z.literal(false), error: refusedCommand }),
]);

/** What the engine says. A client skips a type that it does not know: a newer engine may say more. */
export const engineMessage = z.discriminatedUnion('type', [
  z.object({
    v,
    type: z.literal('welcome'),
    evacuation: z.string(),
    /** The id of this client among `clients`. */
    you: z.string(),
    engine: z.object({
      pid: z.number(),
      host: z.string(),
      landfall: z.string(),
      since: z.number(),
      until: z.enum(['stay', 'done']),
    }),
    clients: z.array(presence),
    samples: z.array(sample),
  }),
  /** One line of the journal, as the journal's own codec reads it. */
  z.object({ v, type: z.literal('event'), event: z.looseObject({ seq: z.number(), type: z.string() }) }),
  z.object({ v, type: z.literal('sample'), sample }),
  /** A step has ended: its sample is history. */
  z.object({ v, type: z.literal('sample-over'), step: z.string() }),
  z.object({ v, type: z.literal('ran'), record: commandRecord }),
  z.object({ v, type: z.literal('clients'), clients: z.array(presence) }),
  z.object({ v, type: z.literal('reply'), id: z.string(), reply }),
  /** The engine ends, and why. */
  z.object({ v, type: z.literal('bye'), outcome: z.string() }),
]);

export type EngineMessage =
  | Exclude<z.infer<typeof engineMessage>, { type: 'event' | 'sample' | 'ran' }>
  | { readonly v: 1; readonly type: 'event'; readonly event: Event }
  | { readonly v: 1; readonly type: 'sample'; readonly sample: Sample }
  | { readonly v: 1; readonly type: 'ran'; readonly record: CommandRecord };

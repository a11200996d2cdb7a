import { z } from 'zod';

/** What replication itself writes into the captured log beside rows: read by the log reader, delivered in its place. */
const schema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tracer'), publication: z.string(), tracerId: z.number() }),
  /** A subscription without a snapshot: the article procedures travel ahead of every row. */
  z.object({
    kind: z.literal('procedures'),
    publication: z.string(),
    article: z.number(),
    subscriber: z.string(),
    subscriberDb: z.string(),
    scripts: z.array(z.string()),
  }),
  z.object({
    kind: z.literal('validation'),
    publication: z.string(),
    article: z.number(),
    rows: z.number(),
    /** Null where only rows were asked for. */
    checksum: z.string().nullable(),
    fullOrFast: z.number(),
    shutdown: z.boolean(),
    columns: z.array(z.string()),
    /** Absent: every subscriber. */
    subscribers: z.array(z.object({ name: z.string(), database: z.string() })).optional(),
  }),
  /** A snapshot whose files are there. */
  z.object({
    kind: z.literal('snapshot'),
    publication: z.string(),
    /** It holds everything up to here; LSNs as 20 digits. */
    lsn: z.string(),
    /** Commands up to here come with it, later ones behind it. */
    until: z.string(),
    root: z.string(),
    folder: z.string(),
    subscriptions: z.array(z.object({ subscriber: z.string(), database: z.string(), article: z.number() })),
  }),
  /** DDL on a published object. */
  z.object({
    kind: z.literal('ddl'),
    publication: z.string(),
    article: z.number(),
    /** Of this change, so that none is made twice. */
    id: z.string(),
    /** It was made after this LSN: a subscription that begins later has it already. */
    after: z.string(),
    text: z.string(),
    /** The procedures of the article from then on. */
    scripts: z.array(z.string()),
  }),
]);

export type Note = z.infer<typeof schema>;

export const writeNote = (note: Note): string => JSON.stringify(note);

export const readNote = (text: string): Note => schema.parse(JSON.parse(text));

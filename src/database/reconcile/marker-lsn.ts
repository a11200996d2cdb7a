import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import type { Work } from '../stage.ts';
import { distributedSoFar, markerCommands } from './pin-statements.ts';

/** Where a marker lies in the log, as the distributor has it: the subscription begins there (facts 5.6). */

export interface Place {
  readonly publisherDatabase: number;
  readonly article: number;
  /** Nothing that commits from now on lies before it: 10 bytes, hex with 0x. */
  readonly since: string;
}

const placeRow = z.object({
  publisher_database: z.number(),
  article: z.number(),
  newest: z.string().nullable(),
});

type Hands = Pick<Work, 'servers' | 'ref' | 'signal' | 'clock' | 'sample'>;

/** Asked before the first marker of a pin is written, so that its commands are found without reading the queue. */
export async function placeNow(work: Pick<Work, 'servers' | 'ref' | 'signal'>): Promise<Place | undefined> {
  const { servers, ref, signal } = work;
  const [row] = await servers[ref.distributorAt].ask(distributedSoFar(work), placeRow, { signal });
  if (row === undefined) return undefined;
  return {
    publisherDatabase: row.publisher_database,
    article: row.article,
    since: row.newest ?? '0x00000000000000000000',
  };
}

const commandRow = z.object({ xact_seqno: z.instanceof(Uint8Array), command: z.string().nullable() });

/** `{CALL [sp_MSins_landfallmarker] (17,'2026-…` or an INSERT of an article that has no procedures. */
const INSERTED = /(?:sp_MSins[^(]*\(|INSERT\b.*?\bVALUES\s*\()\s*N?'?(\d+)\b/is;

/** The marker that a command inserts, undefined where it is none. */
export const insertedMarker = (command: string): string | undefined => INSERTED.exec(command)?.[1];

/** The LSN of the transaction that wrote a marker, or undefined while the log reader has not brought it. */
export async function lsnOf(
  { servers, ref, signal }: Pick<Work, 'servers' | 'ref' | 'signal'>,
  place: Place,
  id: string,
): Promise<string | undefined> {
  const rows = await servers[ref.distributorAt].ask(markerCommands({ ref }), commandRow, {
    signal,
    parameters: {
      since: { type: 'nvarchar', value: place.since },
      publisher_database: { type: 'int', value: place.publisherDatabase },
      article: { type: 'int', value: place.article },
    },
  });
  const found = rows.find(({ command }) => command !== null && insertedMarker(command) === id);
  if (found === undefined) return undefined;
  return `0x${Buffer.from(found.xact_seqno.subarray(0, 10)).toString('hex').toUpperCase()}`;
}

const PATIENCE_MS = 10 * 60_000;
const LOOK_MS = 250;

/**
 * Waits until the log reader has brought a marker.
 *
 * @throws LandfallError database.not-captured after ten minutes
 */
export async function awaitLsn(work: Hands, place: Place, id: string): Promise<string> {
  const { clock, signal, ref, servers } = work;
  const begun = clock.monotonic();
  for (;;) {
    const lsn = await lsnOf(work, place, id);
    if (lsn !== undefined) return lsn;
    if (clock.monotonic() - begun > PATIENCE_MS)
      throw new LandfallError('database.not-captured', {
        what: `marker ${id} was written into ${ref.source} ten minutes ago, and the log reader has not brought it`,
        why: 'without its place in the log nobody knows where the subscription has to begin',
        where: { host: servers[ref.distributorAt].label },
        next: [
          `does the log reader of ${ref.source} run? SELECT TOP (5) comments FROM ${ref.distribution}.dbo.MSlogreader_history ORDER BY [time] DESC`,
          'run the same command again: it pins anew',
        ],
      });
    work.sample({ text: `the log reader brings marker ${id}` });
    await clock.sleep(LOOK_MS, signal);
  }
}

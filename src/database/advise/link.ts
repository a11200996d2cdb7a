import type { Clock } from '../../foundation/clock.ts';
import type { SqlSession } from '../../remote/sql/server.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { Work } from '../stage.ts';
import type { LinkMeasure } from './facts.ts';

/**
 * Bytes that nothing on the way can compress, to and from the servers over the very connections that rows take. Nothing
 * is written: the publisher sends back what it got, as often as it is asked; the subscriber answers how long it was.
 */

const KIB = 1024;
/** What one request carries up. */
const PROBE_BYTES = 256 * KIB;
/** How often the publisher repeats it: 8 MiB a request. */
const TIMES = 32;
/** A measurement ends after so many bytes or so long, whichever is first. */
const MOST_BYTES = 32 * KIB * KIB;
const MOST_MS = 2000;

export const echoStatement = (times: number): Statement => ({
  on: 'publisher',
  database: 'master',
  title: 'measure the link from the publisher: it sends random bytes back',
  effect: 'reads',
  text: `SELECT @bytes AS bytes
FROM (VALUES ${Array.from({ length: times }, (_, at) => `(${at})`).join(', ')}) AS times (n);`,
});

export const sinkStatement: Statement = {
  on: 'subscriber',
  database: 'master',
  title: 'measure the link to the subscriber: it tells how many random bytes it got',
  effect: 'reads',
  text: 'SELECT DATALENGTH(@bytes) AS bytes;',
};

export async function measureLink(work: Work): Promise<LinkMeasure> {
  const { servers, signal, clock, random } = work;
  const bytes = random.bytes(PROBE_BYTES);
  const parameters = { bytes: { type: 'varbinary', value: bytes } } as const;
  const fromPublisher = await servers.publisher.session(
    'master',
    session =>
      rateOf(session, clock, 'received', async () => {
        for await (const _ of session.stream(echoStatement(TIMES), { signal, parameters }));
      }),
    { signal },
  );
  const up = random.bytes(PROBE_BYTES * 8);
  const toSubscriber = await servers.subscriber.session(
    'master',
    session =>
      rateOf(session, clock, 'sent', async () => {
        await session.run(sinkStatement, {
          signal,
          parameters: { bytes: { type: 'varbinary', value: up } },
        });
      }),
    { signal },
  );
  return { fromPublisher, toSubscriber };
}

/** Bytes a second over this connection, by what its socket counted. The first request only opens the window. */
async function rateOf(
  session: SqlSession,
  clock: Clock,
  way: 'received' | 'sent',
  request: () => Promise<void>,
): Promise<number> {
  await request();
  const before = session.traffic()[way];
  const begun = clock.monotonic();
  do await request();
  while (clock.monotonic() - begun < MOST_MS && session.traffic()[way] - before < MOST_BYTES);
  const ms = Math.max(1, clock.monotonic() - begun);
  return ((session.traffic()[way] - before) * 1000) / ms;
}

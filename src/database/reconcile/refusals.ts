import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { FROZEN_TABLE } from '../handover/freeze-script.ts';
import type { Scene, Work } from '../stage.ts';
import { released } from './pin.ts';

/** What has to hold before the first row of the copy is touched. */

type Hands = Pick<Work, 'servers' | 'ref' | 'signal' | 'state' | 'name'>;

const place = z.object({ server: z.string().nullable(), name: z.string() });
const marks = z.object({ published: z.number() });
const writer = z.object({
  session: z.number(),
  login: z.string(),
  host: z.string().nullable(),
  program: z.string().nullable(),
});

export const notPinned = ({ ref }: Pick<Scene, 'ref'>): LandfallError =>
  new LandfallError('database.blocked', {
    what: `no instant of ${ref.source} is pinned: the copy would be made equal to a moving source`,
    next: [
      'pin first: run the same command again',
      'was the database snapshot dropped or made again by somebody else?',
    ],
  });

/**
 * @throws LandfallError database.blocked where both are one database; database.foreign-object where the copy is
 * published; database.in-use where others are connected to it, or where it follows already
 */
export async function refuse(work: Hands): Promise<void> {
  if (work.state.released !== undefined) throw released(work);
  await refuseForeignCopy(work);
}

/** Whatever writes into the copy for the first time asks it: the schema, rows, a snapshot of replication. */
export async function refuseForeignCopy(work: Hands): Promise<void> {
  await refuseItself(work);
  await refuseHandedOver(work);
  await refusePublished(work);
  await refuseWriters(work);
}

const where = (role: 'publisher' | 'subscriber', database: string) => ({
  on: role,
  database,
  title: `which database is this`,
  effect: 'reads' as const,
  text: 'SELECT @@SERVERNAME AS server, DB_NAME() AS name;',
});

async function refuseItself({ servers, ref, signal, state }: Hands): Promise<void> {
  const [source] = await servers.publisher.ask(where('publisher', ref.source), place, { signal });
  const [copy] = await servers.subscriber.ask(where('subscriber', ref.copy), place, { signal });
  const facts = state.assessed;
  const isOneServer =
    (source?.server ?? '') === (copy?.server ?? '') ||
    (facts !== undefined && facts.publisher.serverId === facts.subscriber.serverId);
  if (!isOneServer || source?.name.toLowerCase() !== copy?.name.toLowerCase()) return;
  throw new LandfallError('database.blocked', {
    what: `publisher and subscriber are one and the same database, ${ref.copy} on ${harmless(copy?.server ?? '')}`,
    where: { host: servers.subscriber.label },
    next: ['correct address, port or database of the subscriber in the plan'],
  });
}

/** Another landfall, or one whose journal is lost, has made the copy the production. */
async function refuseHandedOver({ servers, ref, signal, state, name }: Hands): Promise<void> {
  const question: Statement = {
    on: 'publisher',
    database: ref.source,
    title: 'was production frozen by a hand-over',
    effect: 'reads',
    text: `SELECT CASE WHEN OBJECT_ID(N'${FROZEN_TABLE}', N'U') IS NULL THEN 0 ELSE 1 END AS frozen;`,
  };
  const [row] = await servers.publisher.ask(question, z.object({ frozen: z.number() }), { signal });
  if (row?.frozen === 0 || state.handover !== undefined) return;
  throw new LandfallError('database.blocked', {
    what: `${ref.source} on ${ref.publisher} was frozen by a hand-over that this evacuation knows nothing of`,
    why: `its copy may be the production now: ${ref.copy} on ${ref.subscriber} would be overwritten`,
    where: { host: servers.publisher.label },
    next: [
      `which of the two do applications write to? where it is still ${ref.source}: landfall database thaw PLAN ${name}`,
      'otherwise the plan has publisher and subscriber the wrong way round',
    ],
  });
}

async function refusePublished({ servers, ref, signal }: Hands): Promise<void> {
  const [row] = await servers.subscriber.ask(
    {
      on: 'subscriber',
      database: ref.copy,
      title: 'is the copy published',
      effect: 'reads',
      text: 'SELECT CASE WHEN is_published = 1 OR is_merge_published = 1 THEN 1 ELSE 0 END AS published FROM sys.databases WHERE database_id = DB_ID();',
    },
    marks,
    { signal },
  );
  if (row?.published !== 1) return;
  throw new LandfallError('database.foreign-object', {
    what: `${ref.copy} is published itself: what is written into it would go on to others`,
    where: { host: servers.subscriber.label },
    next: [
      `choose another clone, or let its publications go: EXEC sp_helppublication in ${ref.copy} shows them`,
    ],
  });
}

/** Sessions that are in the copy and are neither landfall's nor an agent's. */
export const writersText = ({
  ref,
}: Pick<
  Scene,
  'ref'
>): string => `SELECT CONVERT(int, s.session_id) AS session, s.login_name AS login, s.host_name AS host, s.program_name AS program
FROM sys.dm_exec_sessions AS s
WHERE s.database_id = DB_ID(${literal(ref.copy)}) AND s.is_user_process = 1 AND s.session_id <> @@SPID
  AND ISNULL(s.program_name, N'') <> N'landfall' AND ISNULL(s.program_name, N'') NOT LIKE N'Replication%';`;

async function refuseWriters(work: Hands): Promise<void> {
  const { servers, ref, signal } = work;
  const rows = await servers.subscriber.ask(
    {
      on: 'subscriber',
      database: ref.copy,
      title: 'who else is in the copy',
      effect: 'reads',
      text: writersText(work),
    },
    writer,
    { signal },
  );
  if (rows.length === 0) return;
  throw new LandfallError('database.in-use', {
    what: `others are connected to ${ref.copy}: what they write would be lost, or would make the copy differ`,
    where: { host: servers.subscriber.label },
    evidence: rows
      .slice(0, 5)
      .map(({ session, login, host, program }) =>
        harmless(`session ${session}: ${login} from ${host ?? 'unknown'}, ${program ?? 'unnamed'}`),
      ),
    next: [
      'end them, or ask their owners: a development clone that becomes the copy is nobody else’s any more',
      `keep them out: ALTER DATABASE ${identifier(ref.copy)} SET RESTRICTED_USER`,
    ],
  });
}

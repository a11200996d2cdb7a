import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { Scene, Work } from '../stage.ts';
import { before, type MadeRow, readMade } from './made.ts';
import type { RunValues } from './performing.ts';
import { isLocal } from './phrases.ts';
import { retentionHours } from './refusals.ts';

/** How distributor and publisher stand before landfall does anything. */
export interface Situation {
  /** What production publishes through already. */
  readonly registeredAt: string | null;
  /** True where the server is a distributor. */
  readonly distributes: boolean;
  /** Hours that its distribution database of the expected name keeps; null where it has none of that name. */
  readonly keepsHours: number | null;
  /** Its distribution databases of other names. */
  readonly otherDatabases: string | null;
  readonly knowsPublisher: boolean;
  /** What an earlier attempt wrote down. */
  readonly made: readonly MadeRow[];
}

const publisherStatement = ({ ref }: Scene): Statement => ({
  on: 'publisher',
  database: 'master',
  title: `ask what ${ref.publisher} publishes through`,
  effect: 'reads',
  text: 'SELECT MAX(CONVERT(nvarchar(256), data_source)) AS registeredAt FROM sys.servers WHERE is_distributor = 1;',
});

const distributorStatement = ({ ref }: Scene): Statement => ({
  on: 'distributor',
  database: 'master',
  title: `ask what ${ref.distributor} distributes`,
  effect: 'reads',
  text: `DECLARE @hours int, @others nvarchar(max), @knows int = 0, @distributes int = (SELECT COUNT(*) FROM sys.servers WHERE is_distributor = 1 AND data_source = @@SERVERNAME);
IF OBJECT_ID(N'msdb.dbo.MSdistributiondbs') IS NOT NULL
  SELECT @hours = MAX(CASE WHEN name = ${literal(ref.distribution)} THEN max_distretention END), @others = MAX(CASE WHEN name <> ${literal(ref.distribution)} THEN name END)
  FROM msdb.dbo.MSdistributiondbs;
IF OBJECT_ID(N'msdb.dbo.MSdistpublishers') IS NOT NULL
  SELECT @knows = COUNT(*) FROM msdb.dbo.MSdistpublishers WHERE name = ${literal(ref.publisher)};
SELECT @distributes AS distributes, @hours AS keepsHours, @others AS otherDatabases, @knows AS knows;`,
});

const publisherRow = z.object({ registeredAt: z.string().nullable() });
const distributorRow = z.object({
  distributes: z.number(),
  keepsHours: z.number().nullable(),
  otherDatabases: z.string().nullable(),
  knows: z.number(),
});

export async function readSituation(work: Work): Promise<Situation> {
  const { servers, signal } = work;
  const [publisher] = await servers.publisher.ask(publisherStatement(work), publisherRow, { signal });
  const [told] = await servers.distributor.ask(distributorStatement(work), distributorRow, { signal });
  const made = await readMade(servers.publisher, 'publisher', work.ref.source, signal);
  return {
    registeredAt: publisher?.registeredAt ?? null,
    distributes: (told?.distributes ?? 0) > 0,
    keepsHours: told?.keepsHours ?? null,
    otherDatabases: told?.otherDatabases ?? null,
    knowsPublisher: (told?.knows ?? 0) > 0,
    made,
  };
}

const presence = (there: boolean) => ({ type: 'nvarchar', value: there ? 'present' : 'absent' }) as const;

/** What is written down of the distributor before it is changed. */
export const foundValues = (situation: Situation): RunValues => ({
  found_distributor: presence(situation.distributes),
  found_database: presence(situation.keepsHours !== null),
  found_publisher: presence(situation.knowsPublisher),
});

/** True where the distributor was there before landfall. */
export const isForeign = ({ distributes, made }: Situation): boolean => {
  const found = before(made, 'distributor');
  return found === undefined ? distributes : found === 'present';
};

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/**
 * A distributor that was there is used as it is, where it can serve.
 *
 * @throws LandfallError database.foreign-object, database.retention
 */
export function refuseForeign(scene: Scene, situation: Situation): void {
  const { ref } = scene;
  const { registeredAt, distributes, keepsHours, otherDatabases } = situation;
  if (registeredAt !== null && !same(registeredAt, ref.distributor))
    throw new LandfallError('database.foreign-object', {
      what: `${ref.publisher} publishes through ${harmless(registeredAt)} already, and not through ${ref.distributor}`,
      why: 'a server has one distributor, and one that somebody uses is never replaced',
      where: { host: ref.publisher },
      next: [
        `name ${harmless(registeredAt)} in the plan: distributor, or distributor_at where it is one of the two`,
      ],
    });
  if (!distributes || !isForeign(situation)) return;
  if (registeredAt === null && !isLocal(ref))
    throw new LandfallError('database.foreign-object', {
      what: `${ref.distributor} is a distributor that others set up, and ${ref.publisher} is not registered at it`,
      why: 'landfall does not know its password, and must not change it under those who use it',
      where: { host: ref.distributor },
      next: [
        `at ${ref.distributor}: EXEC ${identifier(ref.distribution)}.sys.sp_adddistpublisher @publisher = ${literal(ref.publisher)}, @distribution_db = ${literal(ref.distribution)}`,
        `at ${ref.publisher}: EXEC sys.sp_adddistributor @distributor = ${literal(ref.distributor)}, @password = …`,
      ],
    });
  if (keepsHours === null && otherDatabases !== null)
    throw new LandfallError('database.foreign-object', {
      what: `the distribution database of ${ref.distributor} is ${harmless(otherDatabases)}, and landfall works with one named ${ref.distribution}`,
      where: { host: ref.distributor },
      next: [`distributor_at in the plan: the other server, or another lane`],
    });
  const hours = retentionHours(scene);
  if (keepsHours !== null && keepsHours < hours)
    throw new LandfallError('database.retention', {
      what: `${ref.distributor} keeps what was not delivered for ${keepsHours} hours, and ${hours} are needed until the deadline`,
      why: 'a subscription that falls behind longer is set inactive, and everything begins again',
      where: { host: ref.distributor },
      next: [
        `EXEC sys.sp_changedistributiondb @database = ${literal(ref.distribution)}, @property = N'max_distretention', @value = N'${hours}'`,
      ],
    });
}

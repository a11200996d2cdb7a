import { z } from 'zod';
import { literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { DatabaseRef } from '../names.ts';
import type { Work } from '../stage.ts';
import { shippedRow, shippedStatement } from './ask-lanes.ts';
import type { Drained } from './drained.ts';

/** The newest log backup of production, and whether its tail was taken: then production is RESTORING and takes no writes. */
const tailStatement = (ref: DatabaseRef): Statement => ({
  on: 'publisher',
  database: 'master',
  title: "ask for the tail of production's log",
  effect: 'reads',
  text: `SET NOCOUNT ON;
SELECT d.state_desc AS state,
  (SELECT TOP (1) CONVERT(varchar(30), b.last_lsn) FROM msdb.dbo.backupset AS b WHERE b.database_name = ${literal(ref.source)} AND b.type = 'L'
    ORDER BY b.backup_set_id DESC) AS last_lsn
FROM sys.databases AS d WHERE d.name = ${literal(ref.source)};`,
});

const tailRow = z.object({ state: z.string(), last_lsn: z.string().nullable() });

/** Log shipping is drained when production's tail log was taken, which closes production, and is restored at the copy. */
export async function shipped({ servers, ref, signal }: Work): Promise<Drained> {
  const [tail] = await servers.publisher.ask(tailStatement(ref), tailRow, { signal });
  const [copy] = await servers.subscriber.ask(shippedStatement(ref), shippedRow, { signal });
  const isClosed = tail?.state === 'RESTORING';
  const isWhole = tail?.last_lsn != null && tail.last_lsn === copy?.lastLsn;
  const proofs = [
    isClosed
      ? { evidence: 'the tail of the log was taken: production is RESTORING and takes no writes' }
      : { missing: `production is ${tail?.state ?? 'not there'}: the tail of its log was not taken` },
    isWhole
      ? { evidence: `the copy has the last log of production, up to LSN ${copy?.lastLsn}` }
      : {
          missing: `the last log of production ends at ${tail?.last_lsn ?? 'none'}, the copy has ${copy?.lastLsn ?? 'none'}`,
        },
  ];
  return {
    drained: isClosed && isWhole,
    evidence: proofs.flatMap(({ evidence }) => evidence ?? []),
    missing: proofs.flatMap(({ missing }) => missing ?? []),
  };
}

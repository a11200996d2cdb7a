import type { Instance } from '../server/instance.ts';
import { REPLICATION_MSDB } from './tables/msdb.ts';

/** Makes what msdb has of replication where it is not there; to be called once msdb is open. */
export async function installReplication(instance: Instance): Promise<void> {
  const [row] = await instance.run('msdb', "SELECT OBJECT_ID(N'dbo.MSdistributiondbs')");
  if (row !== undefined && row[0] !== null) return;
  for (const batch of REPLICATION_MSDB) await instance.run('msdb', batch);
}

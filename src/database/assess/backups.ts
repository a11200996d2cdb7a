import type { Role } from '../../remote/sql/statement.ts';
import type { Asker } from './ask.ts';
import { backupsQuestion } from './questions-database.ts';
import type { KnownBackup } from './survey.ts';

/** The last backups of a database that msdb knows, newest first; none where this login may not see them. */
export async function readBackups(ask: Asker, role: Role, database: string): Promise<KnownBackup[]> {
  const rows = (await ask.may(backupsQuestion(role, database))) ?? [];
  return rows.map(({ kind, copy_only, minutes_ago, seconds, bytes, compressed, device, by }) => ({
    ...{ kind, seconds, bytes, device, by },
    copyOnly: copy_only,
    minutesAgo: minutes_ago,
    ...(compressed === null ? {} : { compressed }),
  }));
}

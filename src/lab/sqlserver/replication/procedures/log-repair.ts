import { lsnFromBytes, lsnToBytes } from '../../storage/lsn.ts';
import type { SystemProcedure } from '../../system/procedure.ts';
import { articlesHere } from '../articles.ts';
import { answer } from '../columns.ts';
import { int } from '../parameters.ts';
import { linkDistributor, quoted } from '../places.ts';
import { commandsOf, takeReader } from '../publisher-log.ts';
import { COMMAND, mustRead } from './log.ts';

/** What a person does with the log of a publisher. */

/** The first commands that wait, as a person reads them; takes the place of the log reader (18752). */
const replShowCmds: SystemProcedure = {
  name: 'sp_replshowcmds',
  home: { kind: 'sys' },
  parameters: [int('@maxtrans', 1)],
  async run(context, values) {
    mustRead(context);
    const store = takeReader(context.instance, context.database, context.session.id);
    const transactions = store.log.captured(
      store.log.distributedUpTo,
      Math.max(1, values.integer('@maxtrans') ?? 1),
    );
    const commands = commandsOf(store, await articlesHere(context), transactions, true);
    answer(
      context,
      [
        ['xact_seqno', 'lsn'],
        ['originator_srvname', 'sysname'],
        ['originator_db', 'sysname'],
        ['article_id', 'int'],
        ['type', 'int'],
        ['command', 'text'],
      ],
      commands.flatMap(({ lsn, article, content }) =>
        content.kind === 'command'
          ? [{ xact_seqno: lsnToBytes(lsn), article_id: article, type: COMMAND, command: content.text }]
          : [],
      ),
    );
    return 0;
  },
};

/** A restored publisher: its log goes on behind what the distributor has already. */
const replRestart: SystemProcedure = {
  name: 'sp_replrestart',
  home: { kind: 'sys' },
  parameters: [],
  async run(context) {
    mustRead(context);
    const { database, instance } = context;
    const link = await linkDistributor(context);
    try {
      const [row] =
        await link.query(`SELECT MAX(t.xact_seqno) AS last FROM dbo.MSrepl_transactions AS t JOIN dbo.MSpublisher_databases AS d ON d.id = t.publisher_database_id
JOIN dbo.MSreplservers AS s ON s.srvid = d.publisher_id WHERE s.srvname = ${quoted(instance.name)} AND d.publisher_db = ${quoted(database.name)}`);
      const last = row?.['last'];
      if (last instanceof Uint8Array) database.store?.log.reach(lsnFromBytes(last));
    } finally {
      await link.close();
    }
    return 0;
  },
};

export const LOG_REPAIR_PROCEDURES: readonly SystemProcedure[] = [replShowCmds, replRestart];

import { CHAIN } from '../../backup/chain.ts';
import { SqlError } from '../../errors.ts';
import { lsnFromBytes, lsnToBytes } from '../../storage/lsn.ts';
import type { CapturedTransaction, Lsn, Store } from '../../storage/store.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import type { Value } from '../../values/types.ts';
import { articlesHere } from '../articles.ts';
import { columns } from '../columns.ts';
import { split } from '../commands.ts';
import { isOwner, isSysadmin, notPublished } from '../faults.ts';
import { writeNote } from '../notes.ts';
import { writeOriginator } from '../originator.ts';
import { bit, bytes, int, sysname, text } from '../parameters.ts';
import { commandsOf, type PublisherCommand, releaseReader, takeReader } from '../publisher-log.ts';

/** The procedures of the publisher's log: the log reader lives by them, nobody else should call them (18752). */

const EMPTY = new Uint8Array(16);

const replCmds: SystemProcedure = {
  name: 'sp_replcmds',
  home: { kind: 'sys' },
  parameters: [int('@maxtrans', 1), bit('@fReadData', 1)],
  async run(context, values) {
    mustRead(context);
    const store = takeReader(context.instance, context.database, context.session.id);
    const transactions = readLog(store, Math.max(1, values.integer('@maxtrans') ?? 1), reachable(context));
    const commands = commandsOf(store, await articlesHere(context), transactions, isSysadmin(context));
    context.result(
      columns(
        ...([
          ...[
            ['article id', 'int'],
            ['partial_command', 'bit'],
            ['command', 'command'],
            ['xactid', 'lsn'],
            ['xact_seqno', 'lsn'],
          ],
          ...[
            ['publication_id', 'int'],
            ['command_id', 'int'],
            ['command_type', 'int'],
            ['originator', 'sysname'],
            ['committed', 'datetime'],
            ['last_seqno', 'lsn'],
          ],
        ] as const),
      ),
      rowsOf(commands, transactions.at(-1)?.lsn),
    );
    return 0;
  },
};

/** 30 is a command, 45 something of replication's own: the log reader tells them apart by it. */
export const COMMAND = 30;
export const NOTE = 45;

/** Changes after which no further transaction is read (-LogScanThreshold): a batch is held in memory. */
const ENOUGH = 20_000;

/** Transactions that nobody has taken yet, oldest first, up to an LSN. */
function readLog({ log }: Store, limit: number, until: Lsn | undefined): readonly CapturedTransaction[] {
  const found: CapturedTransaction[] = [];
  let after = log.distributedUpTo;
  let changes = 0;
  while (found.length < limit && changes < ENOUGH) {
    const some = log.captured(after, Math.min(AT_ONCE, limit - found.length));
    const reached = some.filter(({ lsn }) => until === undefined || lsn <= until);
    found.push(...reached);
    changes += reached.reduce((sum, each) => sum + each.changes.length, 0);
    after = some.at(-1)?.lsn ?? after;
    if (reached.length < AT_ONCE) break;
  }
  return found;
}

const AT_ONCE = 20;

/** The last row names the LSN up to which the log was read, though its transactions may send nothing. */
function* rowsOf(commands: readonly PublisherCommand[], last: Lsn | undefined): Iterable<readonly Value[]> {
  const end = last === undefined ? null : lsnToBytes(last);
  let id = 0;
  let before: Lsn | undefined;
  for (const { lsn, beginLsn, committed, originator, article, publicationId, content } of commands) {
    id = lsn === before ? id : 0;
    before = lsn;
    const type = content.kind === 'command' ? COMMAND : NOTE;
    const text = content.kind === 'command' ? content.text : writeNote(content.note);
    for (const { partial, bytes: piece } of split(text)) {
      id += 1;
      yield [
        article,
        partial ? 1 : 0,
        piece,
        lsnToBytes(beginLsn),
        lsnToBytes(lsn),
        publicationId,
        id,
        type,
        originator ?? null,
        toDatetime(committed),
        end,
      ];
    }
  }
  if (end !== null) yield [0, 0, new Uint8Array(0), EMPTY, end, 0, 0, 0, null, null, end];
}

/** datetime holds 1/300 s since 1900. */
const toDatetime = (milliseconds: number): number =>
  Math.round(((milliseconds + 2_208_988_800_000) * 3) / 10);

/** With 'sync with backup' nothing is read that no log backup has. */
function reachable({ database }: ProcedureContext): Lsn | undefined {
  if (!database.options.syncWithBackup) return undefined;
  const backedUp = database.options.others.get(CHAIN.log);
  return typeof backedUp === 'string' ? BigInt(backedUp) : 0n;
}

const replDone: SystemProcedure = {
  name: 'sp_repldone',
  home: { kind: 'sys' },
  parameters: [
    bytes(10)('@xactid', null),
    bytes(10)('@xact_seqno', null),
    int('@numtrans', 0),
    int('@time', 0),
    int('@reset', 0),
  ],
  async run(context, values) {
    mustRead(context);
    const store = takeReader(context.instance, context.database, context.session.id);
    const given = values.get('@xact_seqno');
    if (values.integer('@reset') === 1) {
      store.log.distributed(store.log.current);
      return 0;
    }
    if (!(given instanceof Uint8Array) || given.length < 10)
      throw new SqlError(18780, '@xactid and @xact_seqno must both be given.');
    const lsn = lsnFromBytes(given);
    if (lsn < store.log.distributedUpTo || lsn > store.log.current) {
      throw new SqlError(
        18768,
        `The specified LSN ${Buffer.from(given).toString('hex')} for repldone log scan occurs before the current start of replication in the log or after its end.`,
      );
    }
    store.log.distributed(lsn);
    return 0;
  },
};

const replFlush: SystemProcedure = {
  name: 'sp_replflush',
  home: { kind: 'sys' },
  parameters: [],
  async run(context) {
    mustRead(context);
    releaseReader(context.database, context.session.id);
    return 0;
  },
};

const replTrans: SystemProcedure = {
  name: 'sp_repltrans',
  home: { kind: 'sys' },
  parameters: [],
  async run(context) {
    mustRead(context);
    const { store } = context.database;
    const waiting = store?.log.captured(store.log.distributedUpTo, 10_000) ?? [];
    context.result(
      columns(['xdesid', 'lsn'], ['xact_seqno', 'lsn']),
      waiting.map(({ beginLsn, lsn }) => [lsnToBytes(beginLsn), lsnToBytes(lsn)]),
    );
    return 0;
  },
};

const replCounters: SystemProcedure = {
  name: 'sp_replcounters',
  home: { kind: 'sys' },
  parameters: [],
  async run(context) {
    const rows = [...context.instance.databases.values()].flatMap(({ name, options, store }) => {
      if (!options.published || store === undefined) return [];
      const [oldest] = store.log.captured(store.log.distributedUpTo, 1);
      const latency = oldest === undefined ? 0 : Math.max(0, (context.now - oldest.committed) / 1000);
      const next = oldest?.lsn ?? store.log.current;
      return [
        [
          name,
          store.log.backlog.transactions,
          0,
          latency,
          lsnToBytes(store.log.distributedUpTo),
          lsnToBytes(next),
        ],
      ];
    });
    context.result(
      columns(
        ...[
          ['database', 'sysname'] as const,
          ['replicated transactions', 'int'] as const,
          ['replication rate trans/sec', 'float'] as const,
        ],
        ...[
          ['replication latency (sec)', 'float'] as const,
          ['replbeginlsn', 'lsn'] as const,
          ['replnextlsn', 'lsn'] as const,
        ],
      ),
      rows,
    );
    return 0;
  },
};

/** Called by distribution agents inside their transaction, so that its changes do not go back to where they came from. */
const setOriginator: SystemProcedure = {
  name: 'sp_replsetoriginator',
  home: { kind: 'sys' },
  parameters: [sysname('@server_name'), sysname('@database_name')],
  async run(context, values) {
    const { transaction } = context;
    if (transaction === undefined)
      throw new SqlError(21023, "'sp_replsetoriginator' cannot be executed without a transaction.");
    const [server, database] = [values.text('@server_name') ?? '', values.text('@database_name') ?? ''];
    transaction.originator = writeOriginator({ server, database });
    return 0;
  },
};

/** Raises what the article procedures find: 20598 for a row that is not at the subscriber. */
const raiseError: SystemProcedure = {
  name: 'sp_msreplraiserror',
  home: { kind: 'sys' },
  parameters: [int('@errorid'), text(255)('@param1', null), text(255)('@param2', null), int('@param3', null)],
  async run(_, values) {
    const number = values.integer('@errorid') ?? 20598;
    if (number !== 20598) throw new SqlError(number, `Replication error ${number}.`);
    const command = COMMANDS[values.integer('@param3') ?? 0];
    throw new SqlError(
      20598,
      command === undefined
        ? 'The row was not found at the Subscriber when applying the replicated command.'
        : `The row was not found at the Subscriber when applying the replicated ${command} command for Table '${values.text('@param1') ?? ''}' with Primary Key(s): ${values.text('@param2') ?? ''}`,
    );
  },
};

/** Numbers of words in SQL Server's own messages. */
const COMMANDS: Readonly<Record<number, string>> = { 13233: 'UPDATE', 13234: 'DELETE' };

export function mustRead(context: ProcedureContext): void {
  if (!context.database.options.published) throw notPublished(context.database.name);
  if (!isOwner(context)) {
    throw new SqlError(
      21050,
      'Only members of the sysadmin fixed server role or db_owner fixed database role can perform this operation. Contact an administrator with sufficient permissions to perform this operation.',
    );
  }
}

export const LOG_PROCEDURES: readonly SystemProcedure[] = [
  replCmds,
  replDone,
  replFlush,
  replTrans,
  replCounters,
  setOriginator,
  raiseError,
];

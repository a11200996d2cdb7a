import { familyOf, readIdentity } from '../database/assess/identity.ts';
import { type DatabaseRef, refOf } from '../database/names.ts';
import type { Clock } from '../foundation/clock.ts';
import { LandfallError } from '../foundation/errors.ts';
import type { SqlServerFacts } from '../journal/database-facts.ts';
import type { DatabaseState, State } from '../journal/state.ts';
import type { DatabasePlan, Plan } from '../plan/schema.ts';
import type { CommandRecord } from '../remote/host.ts';
import { connectSqlServer } from '../remote/sql/connect.ts';
import type { Servers, SqlServer } from '../remote/sql/server.ts';
import type { Role } from '../remote/sql/statement.ts';
import type { SqlAction, SqlHands } from './context.ts';
import { guarded, type WritingDeed } from './sql/guard.ts';
import type { Secrets } from './sql/secrets.ts';

export interface SqlHandsOptions {
  readonly plan: Plan;
  readonly state: () => State;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly onCommand: (record: CommandRecord) => void;
  /** Throws where this landfall may not touch a server any more: its lock went to another. */
  readonly mayGoOn: () => void;
}

export interface DatabaseServers {
  /** The servers of a database for one step. */
  readonly hands: SqlHands;
  closeAll(): Promise<void>;
}

/** A proof holds so long: an address may lead to another server in the middle of a long step. */
const PROOF_MS = 60_000;

type Account = DatabasePlan['publisher'];

/**
 * The SQL Servers of the plan, connected when first asked and kept for the whole run. What a step writes must have been
 * announced by its preview, word for word; and before the first write a server proves that it is the one that was
 * assessed, and that the copy is not production itself.
 */
export function openSqlServers(options: SqlHandsOptions): DatabaseServers {
  const open = new Map<string, SqlServer>();

  const serverAt = (name: string, role: Role, account: Account): SqlServer => {
    const key = JSON.stringify([role, account]);
    const known = open.get(key);
    if (known !== undefined) return known;
    const { address, port, user, password, encrypt, trust_certificate, certificate_name } = account;
    const server = connectSqlServer(
      {
        role,
        label: `${role} of ${name}, ${address}`,
        ...{ address, port, user, encrypt },
        password: options.secrets(password),
        trustCertificate: trust_certificate,
        ...(certificate_name === undefined ? {} : { certificateName: certificate_name }),
      },
      { secret: options.secrets },
    );
    open.set(key, server);
    return server;
  };

  return {
    hands(name, announced) {
      const plan = options.plan.databases[name];
      if (plan === undefined) return Promise.reject(noDatabase(name));
      const guard = new Guard(name, plan, options, announced);
      return Promise.resolve(serversOf(name, plan, options, serverAt, guard));
    },
    async closeAll() {
      const servers = [...open.values()];
      open.clear();
      await Promise.all(servers.map(server => server.close()));
    },
  };
}

/** The distributor is asked anew every time: where it stands is known only when the servers were assessed. */
function serversOf(
  name: string,
  plan: DatabasePlan,
  options: SqlHandsOptions,
  serverAt: (name: string, role: Role, account: Account) => SqlServer,
  guard: Guard,
): Servers {
  const as = (role: Role, account: () => Account): SqlServer => {
    const onCommand = options.onCommand;
    const parts = { host: `${name}.${role}`, clock: options.clock, onCommand };
    const server = serverAt(name, role, account());
    return guarded(server, { ...parts, admit: deed => guard.admit(deed, server) });
  };
  const state = (): DatabaseState | undefined => options.state().databases[name];
  return {
    publisher: as('publisher', () => plan.publisher),
    subscriber: as('subscriber', () => plan.subscriber),
    get distributor() {
      const { distributorAt } = refOf(name, plan, state(), options.plan.name);
      return as('distributor', () =>
        distributorAt === 'distributor' ? (plan.distributor ?? plan.subscriber) : plan[distributorAt],
      );
    },
  };
}

/** Decides of every write of one step whether it may be sent. */
class Guard {
  readonly #name: string;
  readonly #plan: DatabasePlan;
  readonly #options: SqlHandsOptions;
  readonly #previewed: () => readonly SqlAction[];
  readonly #announced = new Set<string>();
  /** When each proved who it is, by the monotonic clock. */
  readonly #proved = new Map<Role, number>();

  constructor(
    name: string,
    plan: DatabasePlan,
    options: SqlHandsOptions,
    previewed: () => readonly SqlAction[],
  ) {
    this.#name = name;
    this.#plan = plan;
    this.#options = options;
    this.#previewed = previewed;
  }

  async admit(deed: WritingDeed, server: SqlServer): Promise<void> {
    this.#options.mayGoOn();
    this.#requireAnnounced(deed);
    const now = this.#options.clock.monotonic();
    if (now - (this.#proved.get(server.role) ?? Number.NEGATIVE_INFINITY) < PROOF_MS) return;
    await this.#prove(server);
    this.#proved.set(server.role, now);
  }

  #requireAnnounced(deed: WritingDeed): void {
    const key = keyOf(deed);
    if (this.#announced.has(key)) return;
    // Facts that the step itself recorded may have completed the preview since.
    for (const { host, database, text } of this.#previewed())
      if (typeof text === 'string') this.#announced.add(keyOf({ host, database, text }));
    if (this.#announced.has(key)) return;
    throw new LandfallError('bug', {
      what: `${deed.title}: a statement that the preview of its step had not announced`,
      where: { host: deed.host, command: deed.text.slice(0, 400) },
      next: ['report this with the journal of the evacuation; nothing was executed'],
    });
  }

  async #prove(server: SqlServer): Promise<void> {
    const state = this.#options.state().databases[this.#name];
    const ref = refOf(this.#name, this.#plan, state, this.#options.plan.name);
    const expected = expectedOf(state, ref, server.role);
    if (state?.assessed === undefined || expected === undefined)
      throw new LandfallError('database.blocked', {
        what: `${this.#name} has not been assessed: which server the ${server.role} is, is not known`,
        why: 'landfall writes only to servers whose identity it has recorded',
        where: { host: server.label },
        next: [`landfall database assess ${this.#options.plan.name} ${this.#name}`],
      });
    const database = server.role === 'publisher' ? ref.source : ref.copy;
    const answered = await readIdentity(server, database);
    if (answered.serverId !== expected.serverId)
      throw mismatch(
        server,
        `the server is another than ${expected.name}`,
        expected.serverId,
        answered.serverId,
      );
    if (
      server.role === 'publisher' &&
      expected.databaseId !== undefined &&
      !isSameDatabase(expected.databaseId, answered.databaseId, state, this.#plan)
    )
      throw mismatch(
        server,
        `the database ${database} is another than the one that was assessed: it was restored, or made anew`,
        expected.databaseId,
        answered.databaseId ?? 'no such database',
      );
    if (
      server.role === 'subscriber' &&
      answered.serverId === state.assessed.publisher.serverId &&
      ref.copy.toLowerCase() === ref.source.toLowerCase()
    )
      throw mismatch(
        server,
        'publisher and subscriber are one database on one server: the copy would be production itself',
        'two databases',
        `${answered.serverId}, database ${ref.copy}`,
      );
  }
}

/**
 * A hand-over by log shipping takes production's tail, which closes it, and a thaw recovers it, which gives it another
 * recovery fork: what landfall itself did must not lock landfall out while production waits for its thaw.
 */
export function isSameDatabase(
  recorded: string,
  answered: string | undefined,
  { handover, lane }: Pick<DatabaseState, 'handover' | 'lane'>,
  plan: Pick<DatabasePlan, 'lane'>,
): boolean {
  if (answered === recorded) return true;
  if (answered === undefined || handover === undefined || (lane?.lane ?? plan.lane) !== 'log-shipping')
    return false;
  // Of a database that is RESTORING the server may say neither family nor fork.
  return answered.endsWith('/-') || familyOf(answered) === familyOf(recorded);
}

/** The facts under which a role was assessed; a distributor that is one of the two is known as that one. */
function expectedOf(
  state: DatabaseState | undefined,
  ref: DatabaseRef,
  role: Role,
): Pick<SqlServerFacts, 'name' | 'serverId' | 'databaseId'> | undefined {
  const facts = state?.assessed;
  return role === 'distributor' ? facts?.[ref.distributorAt] : facts?.[role];
}

const keyOf = ({ host, database, text }: Pick<WritingDeed, 'host' | 'database' | 'text'>): string =>
  JSON.stringify([host, database, text]);

const mismatch = (server: SqlServer, what: string, recorded: string, answered: string): LandfallError =>
  new LandfallError('identity.mismatch', {
    what: `${server.label}: ${what}`,
    why: 'landfall writes only to servers whose identity it has checked; production and its copy must never be confused',
    where: { host: server.label },
    evidence: [`recorded: ${recorded}`, `answered: ${answered}`],
    next: [
      'look at the address in the plan: does it reach the server that you mean?',
      'if it was replaced on purpose, assess it again: landfall database assess PLAN',
    ],
  });

const noDatabase = (name: string): LandfallError =>
  new LandfallError('bug', {
    what: `no database is called ${name} in this plan`,
    next: ['report this with the plan and the journal of the evacuation'],
  });

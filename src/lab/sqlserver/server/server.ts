import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Random } from '../../../foundation/clock.ts';
import type { JobAgent } from '../agent/subsystem.ts';
import { forgetUnfinished } from '../backup/device.ts';
import { createSession, type SessionLogin } from '../flow/index.ts';
import type { EngineSession } from '../flow/session.ts';
import { WaitGraph } from '../storage/open.ts';
import { systemObjects } from '../system/objects.ts';
import { ServerConfiguration } from './configuration.ts';
import type { ServerDatabase } from './database-state.ts';
import { Databases } from './databases.ts';
import { firstPermissions, firstPrincipals, SA_ID } from './first-principals.ts';
import { guidText } from './guid.ts';
import type {
  AgentPace,
  Database,
  Instance,
  MemoryLimits,
  NewDatabase,
  Restoring,
  Servers,
  SystemObjects,
} from './instance.ts';
import { KnownServers } from './known-servers.ts';
import { authenticate, openingDatabase } from './logins.ts';
import { hashPassword } from './password.ts';
import type { ProductFacts } from './product.ts';
import type { Login, Session } from './requests.ts';
import { restoringOf } from './restoring.ts';
import { resultRows } from './result-rows.ts';
import { readServer, writeServer } from './server-file.ts';
import { ServerPrincipals } from './server-principals.ts';

export interface ServerOptions {
  readonly directory: string;
  readonly name: string;
  readonly product: ProductFacts;
  readonly clock: Clock;
  readonly random: Random;
  readonly host: string;
  readonly saPassword: string;
  /** The secret that servers of one domain share. */
  readonly trust: string;
  readonly pace: AgentPace;
  readonly memory?: MemoryLimits | undefined;
}

/** How often change tracking forgets what is older than its retention. */
const CLEANUP_MS = 30 * 60_000;

/** @@SPID of users begins here. */
const FIRST_SESSION = 51;

/** One SQL Server of the double without its wire: databases, logins, sessions. */
export class ServerInstance implements Instance {
  readonly name: string;
  readonly product: ProductFacts;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: string;
  readonly host: string;
  readonly trust: string;
  readonly pace: AgentPace;
  readonly memory?: MemoryLimits;
  readonly version: Instance['version'];
  readonly principals: ServerPrincipals;
  readonly configuration: ServerConfiguration;
  readonly servers: Servers;
  readonly system: SystemObjects;
  readonly store: Databases;
  readonly restoring: Restoring;
  /** Set when it listens. */
  port = 0;
  agent?: JobAgent;
  readonly #sessions = new Map<number, EngineSession>();
  readonly #file: string;
  #lastSession = FIRST_SESSION - 1;
  #lastCleanup: number;
  #keeping = false;

  constructor(options: ServerOptions) {
    this.name = options.name;
    this.product = options.product;
    this.clock = options.clock;
    this.random = options.random;
    this.directory = options.directory;
    this.host = options.host;
    this.trust = options.trust;
    this.pace = options.pace;
    if (options.memory) this.memory = options.memory;
    const { major, minor, build } = options.product;
    this.version = { major, minor, build };
    const data = join(options.directory, 'data');
    for (const folder of [data, join(options.directory, 'backup'), join(options.directory, 'repldata')])
      mkdirSync(folder, { recursive: true });
    forgetUnfinished(join(options.directory, 'backup'));
    this.#file = join(data, 'master.json');
    const kept = readServer(this.#file);
    const changed = (): void => this.#keep();
    const now = options.clock.now();
    this.#lastCleanup = now;
    this.principals = new ServerPrincipals(
      kept?.principals ?? firstPrincipals(now, hashPassword(options.saPassword, options.random.bytes(4))),
      kept?.permissions ?? firstPermissions,
      changed,
    );
    this.configuration = new ServerConfiguration(options.product, kept?.configuration ?? {}, changed);
    this.servers = new KnownServers(kept?.servers ?? [], changed);
    this.system = systemObjects(options.product);
    this.store = new Databases(
      {
        directory: data,
        compatibility: options.product.compatibility,
        clock: options.clock,
        waits: new WaitGraph(),
        guid: () => guidText(options.random.bytes(16)),
        changed,
      },
      kept?.databases ?? [],
    );
    this.restoring = restoringOf(this.store, changed);
    this.#keeping = true;
    this.#keep();
  }

  get databases(): ReadonlyMap<string, ServerDatabase> {
    return this.store.byName;
  }

  get sessions(): ReadonlyMap<number, EngineSession> {
    return this.#sessions;
  }

  login(login: Login): Session {
    const principal = authenticate(this, login);
    const database = openingDatabase(this, principal, login.database);
    const { application, host, encrypted = false } = login;
    return this.#session({ principal, database, application, host, encrypted, user: true });
  }

  #session(login: Omit<SessionLogin, 'id'>): EngineSession {
    this.#lastSession += 1;
    const id = this.#lastSession;
    const session = createSession(this, { id, ...login }, () => {
      this.#sessions.delete(id);
    });
    this.#sessions.set(id, session);
    return session;
  }

  /** To be called with each request: what runs by the clock and needs no session. */
  housekeep(): void {
    const now = this.clock.now();
    if (now - this.#lastCleanup < CLEANUP_MS) return;
    this.#lastCleanup = now;
    for (const { store, options } of this.databases.values())
      if (options.changeTracking?.autoCleanup)
        store?.tracking.cleanup(options.changeTracking.retentionMinutes * 60_000);
  }

  createDatabase(wanted: NewDatabase): ServerDatabase {
    return this.store.create(wanted);
  }

  attachDatabase(database: Database): void {
    const own = this.databases.get(database.name.toLowerCase());
    if (own !== database) throw new Error(`${database.name} is no database of ${this.name}`);
    own.open();
  }

  prepareRestore(wanted: NewDatabase): ServerDatabase {
    const there = this.databases.get(wanted.name.toLowerCase());
    if (there === undefined) return this.store.create(wanted, 'RESTORING');
    there.shut();
    there.options.state = 'RESTORING';
    return there;
  }

  dropDatabase(name: string): void {
    const database = this.databases.get(name.toLowerCase());
    if (database) this.store.drop(database);
  }

  async run(
    database: string,
    text: string,
    options: { readonly signal?: AbortSignal; readonly application?: string } = {},
  ): Promise<readonly (readonly unknown[])[]> {
    const sa = this.principals.byId(SA_ID);
    const found = this.databases.get(database.toLowerCase());
    if (!sa || !found) throw new Error(`no database ${database}`);
    const application = options.application ?? 'SQL Server double';
    const session = this.#session({
      ...{ principal: sa, database: found, application },
      ...{ host: this.name, encrypted: false, user: false },
    });
    try {
      return await resultRows(session.batch(text, options.signal ?? new AbortController().signal));
    } finally {
      session.end();
      await session.gone();
    }
  }

  async close(): Promise<void> {
    await this.agent?.stop();
    const sessions = [...this.#sessions.values()];
    for (const session of sessions) session.end();
    await Promise.all(sessions.map(session => session.gone()));
    this.store.close();
    this.#keep();
  }

  #keep(): void {
    if (!this.#keeping) return;
    writeServer(this.#file, {
      databases: this.store.records(),
      principals: this.principals.all(),
      permissions: this.principals.permissions,
      configuration: this.configuration.kept(),
      servers: this.servers.all(),
    });
  }
}

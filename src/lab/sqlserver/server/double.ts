import { randomBytes } from 'node:crypto';
import type { config } from 'mssql';
import { type Clock, type Random, systemClock } from '../../../foundation/clock.ts';
import { setUpAgent } from '../agent/setup.ts';
import { SUBSYSTEMS } from '../agent/subsystems.ts';
import { type AgentControl, agentControl } from '../replication/agents/life.ts';
import type { Certificate } from '../wire/certificate.ts';
import { type Encryption, serve } from '../wire/serve.ts';
import type { AgentPace, Instance, MemoryLimits } from './instance.ts';
import type { ProductFacts } from './product.ts';
import { PRODUCTS, type ProductName } from './products.ts';
import { ServerInstance } from './server.ts';

export interface DoubleOptions {
  /** Everything it keeps is below: `data/`, `backup/`, `repldata/`; made where it is not there. */
  readonly directory: string;
  /** `@@SERVERNAME`. */
  readonly name: string;
  readonly product: ProductFacts | ProductName;
  /** Loopback unless it is given. */
  readonly host?: string;
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** User databases to make where they are not there. */
  readonly databases?: readonly string[];
  readonly encryption?: Encryption;
  readonly certificate?: Certificate;
  readonly saPassword: string;
  /** The secret of its domain: doubles that share it take each other's agents in. */
  readonly trust?: string;
  readonly pace?: Partial<AgentPace>;
  readonly memory?: MemoryLimits;
  readonly clock?: Clock;
  readonly random?: Random;
  /** What goes wrong on connections, a line each. */
  readonly log?: (line: string) => void;
}

/** A running SQL Server double. */
export interface Double {
  readonly instance: Instance;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Replication agents that run on this server. */
  readonly agents: AgentControl;
  /** Configuration for `mssql`; `sa` where no user is given. */
  connection(user?: string, password?: string, database?: string): config;
  /** Runs a batch as `sa` without the wire; rows of its last result. @throws SqlError the batch's first error */
  run(database: string, text: string): Promise<readonly (readonly unknown[])[]>;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const PACE: AgentPace = { pollingMs: 250, logReaderDelayMs: 0, distributionDelayMs: 0 };

const systemRandom: Random = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  bytes: count => new Uint8Array(randomBytes(count)),
};

/** Starts a server: opens or makes its databases, listens, starts its agent. */
export async function createDouble(options: DoubleOptions): Promise<Double> {
  const { saPassword, name } = options;
  const random = options.random ?? systemRandom;
  const host = options.host ?? LOOPBACK;
  const instance = new ServerInstance({
    directory: options.directory,
    name,
    product: typeof options.product === 'string' ? PRODUCTS[options.product] : options.product,
    clock: options.clock ?? systemClock,
    random,
    host,
    saPassword,
    trust: options.trust ?? Buffer.from(random.bytes(16)).toString('hex'),
    pace: { ...PACE, ...options.pace },
    memory: options.memory,
  });
  for (const database of options.databases ?? [])
    if (!instance.databases.has(database.toLowerCase())) instance.createDatabase({ name: database });
  await setUpAgent(instance, SUBSYSTEMS);
  const encryption = options.encryption ?? 'off';
  const wire = await serve(instance, {
    host,
    port: options.port ?? 0,
    encryption,
    ...(options.certificate ? { certificate: options.certificate } : {}),
    ...(options.log ? { log: options.log } : {}),
  });
  instance.port = wire.port;
  return {
    instance,
    name,
    host,
    port: wire.port,
    connection: (user = 'sa', password = saPassword, database = 'master') => ({
      server: host,
      port: wire.port,
      user,
      password,
      database,
      options: { encrypt: encryption !== 'off', trustServerCertificate: true },
    }),
    agents: agentControl(instance),
    run: (database, text) => instance.run(database, text),
    async close() {
      await wire.close();
      await instance.close();
    },
  };
}

/** The servers of one lab know one another by name: for linked servers, publishers, distributors, subscribers. */
export function connectLab(doubles: readonly Double[]): void {
  for (const { instance } of doubles)
    for (const { name, host, port } of doubles)
      if (name !== instance.name) instance.servers.add({ name, host, port });
}

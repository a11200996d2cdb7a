import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../foundation/clock.ts';
import { createDouble, type Double } from './server/double.ts';
import type { ProductName } from './server/products.ts';
import { buildClone, buildProduction } from './workload/build.ts';
import { startTraffic, type Traffic, type TrafficReport } from './workload/traffic.ts';

/** Two SQL Server doubles that know each other: production in Miami, a development clone in Dallas. */

export const PUBLISHER = 'MIA-SQL1';
export const SUBSCRIBER = 'DAL-SQL1';
export const PRODUCTION = 'Loans';

export interface PairOptions {
  /** Kept over a restart: a database that is there is not built again. */
  readonly directory: string;
  readonly publisher: ProductName;
  readonly subscriber: ProductName;
  /** Rows of production; the clone is built from the same ones and has drifted since. */
  readonly rows: number;
  readonly seed: number;
  /** 0 takes any free port. */
  readonly ports: readonly [publisher: number, subscriber: number];
  readonly password: string;
  readonly encryption: 'off' | 'on' | 'required';
  readonly clock: Clock;
  /** A database is being built: rows that are in, of how many. */
  readonly building: (server: string, done: number, total: number) => void;
}

export interface Pair {
  readonly publisher: Double;
  readonly subscriber: Double;
  /** Writers that use production as its application does. */
  startTraffic(writers: number, perSecond?: number): Traffic;
  /** Production is gone at once, as with its site: connections are cut, its files stay as they are. */
  losePublisher(): Promise<void>;
  close(): Promise<TrafficReport | undefined>;
}

export async function createPair(options: PairOptions): Promise<Pair> {
  const { directory, password, seed, rows, building, encryption, clock } = options;
  const trust = `${PUBLISHER} and ${SUBSCRIBER} are of one domain`;
  const start = (name: string, product: ProductName, port: number): Promise<Double> => {
    const home = join(directory, name);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return createDouble({
      directory: home,
      name,
      product,
      port,
      saPassword: password,
      encryption,
      clock,
      trust,
    });
  };
  const publisher = await start(PUBLISHER, options.publisher, options.ports[0]);
  const subscriber = await start(SUBSCRIBER, options.subscriber, options.ports[1]);
  publisher.instance.servers.add(addressOf(subscriber));
  subscriber.instance.servers.add(addressOf(publisher));
  const built = { database: PRODUCTION, rows, seed };
  for (const [double, build] of [
    [publisher, buildProduction],
    [subscriber, buildClone],
  ] as const) {
    if (double.instance.databases.has(PRODUCTION.toLowerCase())) continue;
    await build(
      { double, user: 'sa', password },
      { ...built, progress: (done, total) => building(double.name, done, total) },
    );
  }
  let traffic: Traffic | undefined;
  let isLost = false;
  return {
    publisher,
    subscriber,
    startTraffic(writers, perSecond) {
      traffic = startTraffic({
        connection: publisher.connection('sa', password, PRODUCTION),
        ...{ writers, seed, clock },
        ...(perSecond === undefined ? {} : { perSecond }),
      });
      return traffic;
    },
    async losePublisher() {
      if (isLost) return;
      isLost = true;
      await publisher.close();
    },
    async close() {
      try {
        return await traffic?.stop();
      } finally {
        await subscriber.close();
        if (!isLost) await publisher.close();
      }
    },
  };
}

const addressOf = ({ name, host, port }: Double) => ({ name, host, port });

import { formatBitRate, formatBytes } from '../../foundation/units.ts';
import type { DatabaseTable } from '../../journal/database-facts.ts';
import type { AdviceFacts } from './facts.ts';
import { confidence } from './sample.ts';

/** Hours and bytes of each way to seed, and what the figures come from. */
export interface Forecast {
  /** Absent where the link was not measured. */
  readonly hours?: number;
  readonly bytes: number;
  readonly from: readonly string[];
}

const MB = 1e6;
const HOUR = 3600;

/** What is assumed where nothing was measured; each is told where it is used. */
const ASSUMED = {
  /** Bytes of a compressed backup for one of data. */
  ratio: 1 / 3,
  backupRate: 150 * MB,
  restoreRate: 100 * MB,
  compareRows: 100_000,
  compareRate: 100 * MB,
  applyRows: 10_000,
  loadRate: 30 * MB,
} as const;

const sum = (tables: readonly DatabaseTable[], of: (table: DatabaseTable) => number): number =>
  tables.reduce((total, table) => total + of(table), 0);

/** The slower of both ways, and no more than the plan allows; undefined where it was not measured. */
export function linkRate({ link, linkLimit }: Pick<AdviceFacts, 'link' | 'linkLimit'>): number | undefined {
  const measured = link === undefined ? undefined : Math.min(link.fromPublisher, link.toSubscriber);
  if (measured === undefined || linkLimit === undefined) return measured;
  return Math.min(measured, linkLimit);
}

export function saysLink({ link, linkLimit }: AdviceFacts): string {
  if (link === undefined) return 'the link was not measured: hours cannot be told';
  const limited =
    linkLimit !== undefined && linkLimit < Math.min(link.fromPublisher, link.toSubscriber)
      ? `, the plan allows ${formatBitRate(linkLimit)}`
      : '';
  return `measured between here and the servers: ${formatBitRate(link.fromPublisher)} from the publisher, ${formatBitRate(link.toSubscriber)} to the subscriber${limited}; backups and agents go from site to site, by a road that was not measured`;
}

const hoursOf = (seconds: number): number => Math.round((seconds / HOUR) * 100) / 100;

const timed = (
  facts: AdviceFacts,
  bytes: number,
  from: readonly string[],
  seconds: (rate: number) => number,
): Forecast => {
  const rate = linkRate(facts);
  return {
    bytes: Math.round(bytes),
    from: [...from, saysLink(facts)],
    ...(rate === undefined ? {} : { hours: hoursOf(seconds(Math.max(1, rate))) }),
  };
};

/** A backup is written, travels, and is restored, one after the other. */
export function backupForecast(facts: AdviceFacts): Forecast {
  const data = sum(facts.tables, ({ bytes }) => bytes);
  const ratio = facts.backup?.ratio ?? ASSUMED.ratio;
  const rate = facts.backup?.rate ?? ASSUMED.backupRate;
  const bytes = data * ratio;
  return timed(
    facts,
    bytes,
    [
      `${formatBytes(data)} of tables and indexes make a backup of ${formatBytes(bytes)}: ${
        facts.backup?.ratio === undefined
          ? 'a third is assumed, no backup is known that tells how this database compresses'
          : `its last full backup was ${Math.round(ratio * 100)} % of the data`
      }`,
      facts.backup?.rate === undefined
        ? `written at ${formatBytes(rate)}/s, which is assumed`
        : `written at ${formatBytes(rate)}/s, as the last one was`,
    ],
    link => data / rate + bytes / link + data / ASSUMED.restoreRate,
  );
}

/** The same, and then what the log brings, hour after hour. */
export function shippingForecast(facts: AdviceFacts): Forecast {
  const seed = backupForecast(facts);
  const { logPerHour } = facts;
  const rate = linkRate(facts);
  if (logPerHour === undefined) return seed;
  const keepsUp =
    rate === undefined
      ? ''
      : rate * HOUR > logPerHour
        ? `, ${Math.max(1, Math.round((logPerHour / (rate * HOUR)) * 100))} % of the link`
        : ', more than the link carries: it never catches up';
  return {
    ...seed,
    from: [...seed.from, `after that ${formatBytes(logPerHour)} of log backups an hour travel${keepsUp}`],
  };
}

/** Shares of a table's bytes that a reconcile moves, by the share of rows that differ (the bench's bounds). */
const CLUSTERED_CURVE = [
  [0, 0.002],
  [0.001, 0.01],
  [0.01, 0.03],
  [0.1, 0.14],
  [1, 1.1],
] as const;
const UNIFORM_CURVE = [
  [0, 0.002],
  [0.001, 0.03],
  [0.01, 0.13],
  [0.1, 0.4],
  [1, 1.3],
] as const;

export function movedShare(differing: number, clustered: boolean): number {
  const curve = clustered ? CLUSTERED_CURVE : UNIFORM_CURVE;
  let [x0, y0]: readonly [number, number] = curve[0];
  for (const [x1, y1] of curve.slice(1)) {
    if (differing <= x1) return y0 + ((differing - x0) / (x1 - x0)) * (y1 - y0);
    [x0, y0] = [x1, y1];
  }
  return y0;
}

/** Every row is read and hashed on both sides; only what differs travels, and is applied. */
export function cloneForecast(facts: AdviceFacts): Forecast {
  const travelling = facts.tables.filter(({ carriedBy }) => carriedBy !== 'none');
  const data = sum(travelling, ({ bytes }) => bytes);
  const rows = sum(travelling, table => table.rows);
  const { sample } = facts;
  const share = sample?.byBytes ?? 1;
  const bytes = data * movedShare(share, sample?.clustered ?? false);
  return timed(
    facts,
    bytes,
    [
      sample === undefined
        ? 'the clone was not sampled: every row is taken to differ'
        : `${percent(sample.share)} of the sampled rows differ: ${formatBytes(bytes)} of ${formatBytes(data)} travel; ${confidence(sample)}`,
    ],
    link =>
      Math.max(rows / ASSUMED.compareRows, data / ASSUMED.compareRate, bytes / link) +
      (rows * (sample?.share ?? 1)) / ASSUMED.applyRows,
  );
}

export const percent = (share: number): string =>
  share === 0 ? 'none' : `${share * 100 < 0.1 ? '< 0.1' : Math.round(share * 1000) / 10} %`;

/** Every row of every table, as it is, uncompressed; loaded while it arrives. */
export function snapshotForecast(facts: AdviceFacts): Forecast {
  const data = sum(
    facts.tables.filter(({ carriedBy }) => carriedBy === 'replication'),
    ({ bytes }) => bytes,
  );
  return timed(
    facts,
    data,
    [`${formatBytes(data)} of published tables travel whole and uncompressed; indexes are counted in it`],
    link => Math.max(data / link, data / ASSUMED.loadRate),
  );
}

/** As the clone where there is one, all rows where there is none. */
export function trackingForecast(facts: AdviceFacts): Forecast {
  return cloneForecast(facts);
}

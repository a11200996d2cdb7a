import { formatBytes } from '../foundation/units.ts';
import type { GuestFacts } from '../journal/facts.ts';

/** What catches one instant of a database, for each product: the only copies of it that are worth anything. */
interface Ways {
  /** A hook: what it writes by itself, consistently, into files that travel. */
  readonly hook: string;
  /** Row by row to a server that runs at the target. */
  readonly replication?: string;
  /** True where files of a single instant come up by themselves, as after a power cut. */
  readonly survivesCrash: boolean;
}

const WAYS: Readonly<Record<string, Ways>> = {
  'MariaDB/MySQL': {
    hook: 'a hook before each pass: mariadb-dump --single-transaction --all-databases, or mariabackup, into a directory that travels (MyISAM tables need --lock-tables)',
    replication: 'a replica of it at the target (binary log, GTID), and /var/lib/mysql excluded in the plan',
    survivesCrash: true,
  },
  PostgreSQL: {
    hook: 'a hook before each pass: pg_basebackup --wal-method=stream, or pg_dumpall, into a directory that travels',
    replication:
      'streaming replication to a standby server at the target, and its data directory excluded in the plan',
    survivesCrash: true,
  },
  MongoDB: {
    hook: 'a hook before each pass: mongodump --oplog into a directory that travels',
    replication: 'one more member of its replica set at the target',
    survivesCrash: true,
  },
  Redis: {
    hook: 'a hook before each pass: redis-cli --rdb FILE, or BGSAVE and its end; dump.rdb is whole then',
    replication: 'a replica at the target (replicaof)',
    survivesCrash: true,
  },
  Elasticsearch: {
    hook: 'a snapshot of its own (snapshot API) into a repository that travels; its data files are worthless alone',
    replication: 'cross-cluster replication, or one more node at the target',
    survivesCrash: false,
  },
  'SQL Server': {
    hook: 'a backup with COPY_ONLY into a directory that travels',
    replication: 'transactional replication to a server at the target',
    survivesCrash: true,
  },
  Oracle: {
    hook: 'RMAN backup, or ALTER DATABASE BEGIN BACKUP around the pass with its archive logs',
    replication: 'Data Guard to a standby at the target',
    survivesCrash: false,
  },
  Cassandra: {
    hook: 'nodetool snapshot before each pass',
    replication: 'one more data center of the cluster at the target',
    survivesCrash: false,
  },
  InfluxDB: { hook: 'influx backup (influxd backup) before each pass', survivesCrash: false },
  ClickHouse: {
    hook: 'BACKUP … TO Disk, or ALTER TABLE … FREEZE, before each pass',
    replication: 'a replicated table engine at the target',
    survivesCrash: false,
  },
  CouchDB: {
    hook: 'its files only ever grow: two passes in a row, the databases before the views',
    replication: 'continuous replication to a server at the target',
    survivesCrash: true,
  },
  etcd: {
    hook: 'etcdctl snapshot save before each pass',
    replication: 'a restore from that snapshot at cutover; a member of a cluster must not run twice',
    survivesCrash: false,
  },
  OpenLDAP: {
    hook: 'slapcat -l FILE before each pass',
    replication: 'syncrepl to a server at the target',
    survivesCrash: true,
  },
};

/** Where the files of a product lie by default. */
const DATA: Readonly<Record<string, readonly string[]>> = {
  'MariaDB/MySQL': ['/var/lib/mysql'],
  PostgreSQL: ['/var/lib/postgresql', '/var/lib/pgsql'],
  MongoDB: ['/var/lib/mongodb', '/var/lib/mongo'],
  Redis: ['/var/lib/redis'],
  'SQL Server': ['/var/opt/mssql'],
};

/** What to do about a database whose files were caught at many instants, the least work first. */
export function databaseRemedies(products: readonly string[], guest: GuestFacts): string[] {
  return products.flatMap(product => {
    const ways = WAYS[product];
    const of = products.length > 1 ? `${product}: ` : '';
    if (ways === undefined) return [`${of}dump it before a pass, or replicate it`];
    return [
      `${of}${ways.hook}`,
      ...(ways.survivesCrash ? [`${of}${snapshot(product, guest)}`] : []),
      ...(ways.survivesCrash
        ? [
            `${of}the blocks mover, which catches all disks at one instant (landfall mover says whether it can): it recovers as after a power cut`,
          ]
        : []),
      ...(ways.replication === undefined ? [] : [`${of}${ways.replication}`]),
    ];
  });
}

/** A snapshot of LVM needs free room in the group; where the inventory saw some, it says so. */
function snapshot(product: string, guest: GuestFacts): string {
  const directory = DATA[product]?.[0];
  const place = guest.fileSystems
    .filter(({ mountpoint }) => directory !== undefined && isBelow(directory, mountpoint))
    .toSorted((a, b) => b.mountpoint.length - a.mountpoint.length)[0];
  const group = guest.volumeGroups?.find(({ logical }) =>
    logical.some(({ device }) => device === place?.device),
  );
  const free =
    group === undefined
      ? 0
      : group.physical.reduce((sum, { size }) => sum + size, 0) -
        group.logical.reduce((sum, { size }) => sum + size, 0);
  if (group !== undefined && free > 0)
    return `a snapshot of one instant: its files lie in the volume group ${group.name}, which has ${formatBytes(free)} free: snapshot: auto in the plan lets each pass copy from one`;
  return `a snapshot of one instant of ${directory ?? 'its data'} to copy from (snapshot: auto in the plan, where LVM has room): it recovers as after a power cut`;
}

/** Whether the default place of its files is excluded, so that nothing torn of it travels. */
export function isLeftOut(product: string, exclude: readonly string[]): boolean {
  return (DATA[product] ?? []).some(directory =>
    exclude.some(each => isBelow(directory, each.replace(/\/+$/, '') || '/')),
  );
}

const isBelow = (path: string, root: string): boolean =>
  root === '/' || path === root || path.startsWith(`${root}/`);

import type { GuestFacts } from './facts.ts';

/**
 * Programs whose files are worthless when they were copied at many instants. Matched against whole process and
 * unit names, so that exporters and clients do not count (facts of the field: rsync into or out of a live data
 * directory loses commits without a word).
 */
const DATABASES: ReadonlyArray<readonly [product: string, pattern: RegExp]> = [
  ['MariaDB/MySQL', /^(?:mariadbd?|mysqld?|mysqld_safe)(?:@.*)?$/],
  ['PostgreSQL', /^(?:postgres|postmaster|postgresql)(?:[@-].*)?$/],
  ['MongoDB', /^(?:mongod|mongodb)(?:@.*)?$/],
  ['Redis', /^(?:redis|redis-server|valkey|valkey-server)(?:@.*)?$/],
  ['Elasticsearch', /^(?:elasticsearch|opensearch)(?:@.*)?$/],
  ['SQL Server', /^(?:sqlservr|mssql-server)$/],
  ['Oracle', /^(?:oracle|oracle-xe.*|tnslsnr)$/],
  ['Cassandra', /^(?:cassandra|scylla|scylla-server)$/],
  ['InfluxDB', /^(?:influxd|influxdb)$/],
  ['ClickHouse', /^clickhouse-server$/],
  ['CouchDB', /^couchdb$/],
  ['etcd', /^etcd$/],
  ['OpenLDAP', /^slapd$/],
];

const CONTAINERS = /^(?:docker|dockerd|containerd|podman|crio|k3s|kubelet)$/;

/** Databases seen among the running services and the listening processes, each product once, in table order. */
export function databasesOn(guest: GuestFacts): string[] {
  const names = runningNames(guest);
  return DATABASES.filter(([, pattern]) => names.some(name => pattern.test(name))).map(
    ([product]) => product,
  );
}

/** True where containers run: what is inside them is not seen by this inventory. */
export function runsContainers(guest: GuestFacts): boolean {
  return runningNames(guest).some(name => CONTAINERS.test(name));
}

function runningNames(guest: GuestFacts): string[] {
  return [...guest.services, ...guest.sockets.flatMap(socket => socket.process ?? [])].map(name =>
    name.toLowerCase().replace(/\.service$/, ''),
  );
}

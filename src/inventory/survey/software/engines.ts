/** Services that hold data, by the names of their processes, their packages and where they usually keep it. */
export interface Engine {
  readonly name: string;
  /** Of a process: its name, or what runs inside a virtual machine. */
  readonly process: RegExp;
  /** How the collector names its configuration. */
  readonly kind?: string;
  readonly packages: RegExp;
  readonly usual?: RegExp;
  /** Files that are open say the same by this name. */
  readonly hot?: RegExp;
  /** Where the process is the kernel's, the port tells. */
  readonly port?: number;
}

const engine = (name: string, process: string, packages: string, more: Partial<Engine> = {}): Engine => ({
  name,
  process: new RegExp(`^(?:${process})$`),
  packages: new RegExp(`^(?:${packages})$`),
  ...more,
});

export const ENGINES: readonly Engine[] = [
  engine('PostgreSQL', 'postgres|postmaster', 'postgresql-\\d+(?:\\.\\d+)?|postgresql\\d*-server', {
    kind: 'postgresql',
    usual: /\/var\/lib\/(?:postgresql|pgsql)\//,
    hot: /^PostgreSQL$/,
  }),
  engine(
    'MySQL or MariaDB',
    'mysqld',
    'mysql-server(?:-\\d\\S*)?|mysql-community-server|mariadb-server(?:-\\d\\S*)?',
    {
      kind: 'mysql',
      usual: /\/var\/lib\/mysql$/,
      hot: /^(?:InnoDB|MyISAM or Aria|RocksDB)$/,
    },
  ),
  engine('MariaDB', 'mariadbd', 'mariadb-server(?:-\\d\\S*)?|MariaDB-server', {
    kind: 'mysql',
    usual: /\/var\/lib\/mysql$/,
    hot: /^(?:InnoDB|MyISAM or Aria|RocksDB)$/,
  }),
  engine('MongoDB', 'mongod', 'mongodb-org-server|mongodb-server(?:-core)?', {
    kind: 'mongodb',
    usual: /\/var\/lib\/mongo(?:db)?$/,
    hot: /^MongoDB$/,
  }),
  engine('Redis', 'redis-server', 'redis(?:-server)?', { kind: 'redis', usual: /\/redis$/, hot: /^Redis$/ }),
  engine('Valkey', 'valkey-server', 'valkey(?:-server)?', { kind: 'redis', hot: /^Redis$/ }),
  engine('KeyDB', 'keydb-server', 'keydb(?:-server)?', { kind: 'redis', hot: /^Redis$/ }),
  engine('OpenLDAP', 'slapd', 'slapd|openldap-servers|openldap2', {
    kind: 'ldap',
    usual: /\/ldap$/,
    hot: /^(?:LMDB|Berkeley DB)$/,
  }),
  engine('389 Directory Server', 'ns-slapd', '389-ds-base', {
    usual: /\/dirsrv$/,
    hot: /^(?:LMDB|Berkeley DB)$/,
  }),
  engine('Elasticsearch', 'org\\.elasticsearch\\S*', 'elasticsearch(?:-oss)?', {
    kind: 'elasticsearch',
    usual: /\/elasticsearch$/,
    hot: /^Elasticsearch$/,
  }),
  engine('OpenSearch', 'org\\.opensearch\\S*', 'opensearch', {
    kind: 'elasticsearch',
    usual: /\/opensearch$/,
    hot: /^Elasticsearch$/,
  }),
  engine('Kafka', 'kafka\\.Kafka', 'kafka|confluent-server', { kind: 'kafka', usual: /\/kafka$/ }),
  engine('Cassandra', 'org\\.apache\\.cassandra\\S*', 'cassandra', {
    kind: 'cassandra',
    usual: /\/cassandra$/,
  }),
  engine('ZooKeeper', 'org\\.apache\\.zookeeper\\S*', 'zookeeper'),
  engine('ActiveMQ', 'org\\.apache\\.activemq\\S*', 'activemq'),
  engine('Solr', 'org\\.apache\\.solr\\S*', 'solr'),
  engine('Neo4j', '(?:com|org)\\.neo4j\\S*|neo4j', 'neo4j', { usual: /\/neo4j$/ }),
  engine('InfluxDB', 'influxd', 'influxdb2?', { kind: 'influxdb', usual: /\/influxdb$/, hot: /^InfluxDB$/ }),
  engine('RabbitMQ', 'rabbit', 'rabbitmq-server', { usual: /\/rabbitmq$/ }),
  engine('Erlang service', 'beam\\.smp', 'couchdb|ejabberd'),
  engine('etcd', 'etcd', 'etcd(?:-server)?', { kind: 'etcd', usual: /\/etcd$/, hot: /^etcd$/ }),
  engine('Consul', 'consul', 'consul', { usual: /\/consul$/ }),
  engine('memcached', 'memcached', 'memcached'),
  engine('Oracle', 'oracle|ora_pmon_\\S+', 'oracle-database\\S*', { hot: /^Oracle$/ }),
  engine('Db2', 'db2sysc', 'db2\\S*'),
  engine('Firebird', 'firebird|fbserver|fb_inet_server', 'firebird\\S*', {
    usual: /\/firebird$/,
    hot: /^Firebird$/,
  }),
  engine('SQL Server', 'sqlservr', 'mssql-server', {
    kind: 'sqlserver',
    usual: /\/var\/opt\/mssql/,
    hot: /^SQL Server$/,
  }),
  engine('ClickHouse', 'clickhouse-serv', 'clickhouse-server', {
    kind: 'clickhouse',
    usual: /\/clickhouse$/,
  }),
  engine('CockroachDB', 'cockroach', 'cockroachdb', { hot: /^RocksDB$/ }),
  engine('MinIO', 'minio', 'minio'),
  engine('Prometheus', 'prometheus', 'prometheus', { usual: /\/prometheus$/ }),
  engine('VictoriaMetrics', 'victoria-metric', 'victoria-metrics'),
  engine('NATS', 'nats-server', 'nats-server'),
  engine('Vault', 'vault', 'vault'),
  engine('Samba AD', 'samba', 'samba(?:-ad-dc|-dc)?', { usual: /\/samba\/private$/ }),
  engine('SMB shares', 'smbd', 'samba', { kind: 'smb' }),
  engine('NFS exports', 'nfsd', 'nfs-kernel-server|nfs-utils', { kind: 'nfs', port: 2049 }),
  engine('GlusterFS', 'glusterfsd', 'glusterfs-server'),
  engine('Ceph', 'ceph-osd', 'ceph-osd'),
  engine('Dovecot', 'dovecot', 'dovecot(?:-core)?', { kind: 'dovecot' }),
  engine('Cyrus', 'cyrmaster', 'cyrus-imapd\\S*', { usual: /\/(?:cyrus|imap)$/ }),
  engine('BIND', 'named', 'bind9?'),
  engine('Kerberos KDC', 'krb5kdc', 'krb5-(?:kdc|server)'),
];

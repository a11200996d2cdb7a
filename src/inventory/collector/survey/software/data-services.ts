import type { Group } from '../../group.ts';

/**
 * Services that hold data: processes by name, their directories from where they stand, from what they were started with
 * and from configurations, how much lies there, and what files say of copies of their own. Nothing is connected to and
 * no program of theirs is started. Arguments and configurations hold passwords: only paths, names of hosts and of roles leave.
 *
 * Lines: \`process COMM PID MARK WORD\`, \`place PID DIR\`, \`config KIND DIR FILE\`, \`copy KIND TEXT\`, \`export KIND DIR FILE\`.
 */
const NAMES =
  'postgres|postmaster|mysqld|mariadbd|mongod|mongos|redis-server|valkey-server|keydb-server|slapd|ns-slapd|java|influxd|beam.smp|etcd|consul|memcached|oracle|db2sysc|firebird|fbserver|fb_inet_server|samba|smbd|nfsd|sqlservr|clickhouse-serv|cockroach|minio|couchdb|neo4j|nats-server|victoria-metric|prometheus|vault|glusterfsd|ceph-osd|dovecot|cyrmaster|named|krb5kdc|ora_pmon_*';

const PARTS = `
root=$1
eval "$real_places"
tab='	'
say() {
  line=$1
  shift
  for word; do line=$line$tab$word; done
  case $line in *"
"*) return ;; esac
  printf '%s\\n' "$line"
}
words() {
  tr '\\000' '\\n' <"/proc/$1/cmdline" 2>/dev/null | head -n 400 | awk '
    function path(text) { gsub(/["\\047]/, "", text); if (text ~ /^\\/[A-Za-z0-9._\\/@+ -]*$/) print "dir\\t" text }
    NR == 1 { print "first\\t" substr($0, 1, 200); next }
    next_is { path($0); next_is = 0; next }
    /^(-D|-d|--datadir|--dbpath|--data-dir|-data-dir|--path\\.data|-f|--config|--defaults-file|--config\\.file|-F|-config-dir|-config|--storage\\.tsdb\\.path|-storageDataPath)$/ { next_is = 1; next }
    /^(--datadir|--dbpath|--data-dir|-data-dir|-Des\\.path\\.conf|-Dpath\\.data|-Dcassandra\\.storagedir|-Dkafka\\.logs\\.dir|--config|--defaults-file|--storage\\.tsdb\\.path|-storageDataPath|-mnesia|config_file)=/ { sub(/^[^=]*=/, ""); path($0); next }
    /^-D\\// { sub(/^-D/, ""); path($0); next }
    /^(org\\.elasticsearch|org\\.opensearch|kafka\\.Kafka|org\\.apache\\.(cassandra|zookeeper|activemq|solr)|com\\.neo4j|org\\.neo4j)[A-Za-z.]*$/ { print "main\\t" $0 }
    /rabbit/ && !rabbit { rabbit = 1; print "main\\trabbit" }
    /server\\.properties$/ { path($0) }'
}
processes() {
  [ -z "$root" ] || return 0
  told=0
  seen=
  for place in /proc/[0-9]*; do
    { read -r name <"$place/comm"; } 2>/dev/null || continue
    case $name in ${NAMES}) ;; *) continue ;; esac
    pid=\${place#/proc/}
    case $name in
      smbd|nfsd|dovecot|memcached|named|samba|ceph-osd|krb5kdc) case $seen in *" $name "*) continue ;; esac; seen="$seen $name " ;;
    esac
    mark=-
    while IFS= read -r line; do
      case $line in */docker*|*libpod*|*kubepods*|*/lxc*|*containerd*|*machine.slice*) mark=contained; break ;; esac
    done 2>/dev/null <"$place/cgroup"
    first= main= dirs=
    IFS=$newline
    set -f
    for line in $(words "$pid"); do
      case $line in
        first*) first=\${line#*"$tab"} ;;
        main*) [ -n "$main" ] || main=\${line#*"$tab"} ;;
        dir*) dirs=$dirs$newline\${line#*"$tab"} ;;
      esac
    done
    set +f
    unset IFS
    case $name:$first in postgres:postgres:*|postgres:*': '*) continue ;; esac
    [ "$name" != java ] || [ -n "$main" ] || continue
    say process "$name" "$pid" "$mark" "$main"
    case $first in /*) say program "$pid" "\${first%% *}" ;; esac
    [ "$mark" = - ] || continue
    case $name in
      postgres|postmaster|mysqld|mariadbd|redis-server|valkey-server|keydb-server)
        at=$(readlink "$place/cwd" 2>/dev/null)
        case $at in ''|/|*' (deleted)') ;; *) dirs=$dirs$newline$at ;; esac ;;
    esac
    IFS=$newline
    set -f
    dirs_told=0 dirs_seen=$newline
    for at in $dirs; do
      case $dirs_seen in *"$newline$at$newline"*) continue ;; esac
      dirs_seen=$dirs_seen$at$newline
      dirs_told=$((dirs_told + 1))
      [ "$dirs_told" -le 8 ] || break
      resolve "$at" && [ -d "$resolved" ] && say place "$pid" "$resolved"
    done
    set +f
    unset IFS
    told=$((told + 1))
    [ "$told" -lt 60 ] || break
  done
}
configurations() {
  set --
  for file in etc/mysql/my.cnf etc/my.cnf etc/mysql/*.d/*.cnf etc/my.cnf.d/*.cnf etc/mysql/mariadb.conf.d/*.cnf etc/mongod.conf etc/mongodb.conf \\
    etc/redis/*.conf etc/redis.conf etc/valkey/*.conf etc/ldap/slapd.conf etc/openldap/slapd.conf etc/ldap/slapd.d/cn=config/olcDatabase*.ldif \\
    etc/openldap/slapd.d/cn=config/olcDatabase*.ldif etc/elasticsearch/elasticsearch.yml etc/opensearch/opensearch.yml etc/influxdb/*.conf \\
    etc/influxdb/config.toml etc/cassandra/cassandra.yaml etc/cassandra/*/cassandra.yaml etc/kafka/server.properties opt/kafka/config/server.properties \\
    etc/dovecot/dovecot.conf etc/dovecot/conf.d/10-mail.conf etc/postgresql/*/*/postgresql.conf etc/default/etcd etc/etcd/etcd.conf \\
    etc/clickhouse-server/config.xml etc/samba/smb.conf etc/exports etc/exports.d/*.exports var/opt/mssql/mssql.conf; do
    for file in "$root"/$file; do
      resolve "$file" && [ -f "$resolved" ] && [ -r "$resolved" ] && set -- "$@" "$resolved"
    done
  done
  [ "$#" -gt 0 ] || return 0
  awk -v skip="\${#root}" '
    function dir(kind, text) { gsub(/["\\047;]/, "", text); sub(/^[ \\t]+/, "", text); sub(/[ \\t\\r]+$/, "", text)
      if (text ~ /^\\/[A-Za-z0-9._\\/@+%{}, -]*$/) print "config\\t" kind "\\t" text "\\t" substr(FILENAME, skip + 1) }
    function copy(kind, text) { gsub(/["\\047]/, "", text); sub(/^[a-z]*:\\/\\//, "", text); sub(/^.*@/, "", text)
      if (match(text, /^[A-Za-z0-9._:,@-]+/)) print "copy\\t" kind "\\t" substr(text, 1, RLENGTH) }
    function value(   line) { line = $0; sub(/^[^=:]*[=:][ \\t]*/, "", line); return line }
    /^[ \\t]*(#|;|\\/\\/)/ { next }
    FILENAME ~ /[.]cnf$/ && /^[ \\t]*datadir[ \\t]*=/ { dir("mysql", value()) }
    FILENAME ~ /[.]cnf$/ && /^[ \\t]*log[-_]bin([ \\t]*=|[ \\t]*$)/ { print "copy\\tmysql\\tbinary log" }
    FILENAME ~ /[.]cnf$/ && /^[ \\t]*wsrep_cluster_address[ \\t]*=[ \\t]*["\\047]?gcomm:\\/\\/[A-Za-z0-9]/ { line = value(); sub(/^.*gcomm:\\/\\//, "", line); copy("galera", line) }
    FILENAME ~ /mongod/ && /^[ \\t]*dbPath[ \\t]*:|^dbpath[ \\t]*=/ { dir("mongodb", value()) }
    FILENAME ~ /mongod/ && /^[ \\t]*replSetName[ \\t]*:|^replSet[ \\t]*=/ { copy("mongodb", value()) }
    FILENAME ~ /redis|valkey/ && /^dir[ \\t]/ { dir("redis", substr($0, 5)) }
    FILENAME ~ /redis|valkey/ && /^(replicaof|slaveof)[ \\t]/ { copy("redis", $2) }
    FILENAME ~ /slapd.conf$/ && /^directory[ \\t]/ { dir("ldap", $2) }
    FILENAME ~ /slapd/ && /^olcDbDirectory:/ { dir("ldap", value()) }
    FILENAME ~ /slapd/ && match($0, /provider="?ldaps?:\\/\\/[A-Za-z0-9.:_-]+/) { line = substr($0, RSTART, RLENGTH); sub(/^.*\\/\\//, "", line); copy("ldap", line) }
    FILENAME ~ /(elastic|open)search[.]yml$/ && /^[ \\t]*path[.]data[ \\t]*:/ { dir("elasticsearch", value()) }
    FILENAME ~ /(elastic|open)search[.]yml$/ && /^[ \\t]*(cluster[.]initial_master_nodes|cluster[.]initial_cluster_manager_nodes|discovery[.]seed_hosts)[ \\t]*:[ \\t]*\\[/ { line = value(); gsub(/[][ ]/, "", line); copy("elasticsearch", line) }
    FILENAME ~ /influxdb/ && /^[ \\t]*(dir|bolt-path|engine-path)[ \\t]*=/ { dir("influxdb", value()) }
    FILENAME ~ /cassandra[.]yaml$/ && /^[ \\t]*- \\// { line = $0; sub(/^[ \\t]*- /, "", line); dir("cassandra", line) }
    FILENAME ~ /server[.]properties$/ && /^log[.]dirs?[ \\t]*=/ { count = split(value(), parts, ","); for (at = 1; at <= count; at++) dir("kafka", parts[at]) }
    FILENAME ~ /dovecot/ && /^[ \\t]*mail_location[ \\t]*=/ { line = value(); sub(/^[a-z]+:/, "", line); sub(/:.*$/, "", line); dir("dovecot", line) }
    FILENAME ~ /postgresql[.]conf$/ && /^[ \\t]*data_directory[ \\t]*=/ { line = value(); sub(/#.*/, "", line); dir("postgresql", line) }
    FILENAME ~ /etcd/ && /^ETCD_DATA_DIR=/ { dir("etcd", value()) }
    FILENAME ~ /clickhouse/ && match($0, /<path>[^<]+/) { dir("clickhouse", substr($0, RSTART + 6, RLENGTH - 6)) }
    FILENAME ~ /mssql[.]conf$/ && /^[ \\t]*default(datadir|logdir|backupdir)[ \\t]*=/ { dir("sqlserver", value()) }
    FILENAME ~ /smb[.]conf$/ && /^[ \\t]*path[ \\t]*=/ { dir("smb", value()) }
    FILENAME ~ /exports/ && /^"?\\// { line = $0; if (line ~ /^"/) { sub(/^"/, "", line); sub(/".*/, "", line) } else sub(/[ \\t].*/, "", line); dir("nfs", line) }
  ' "$@" | head -n 300
}
copies() {
  for place; do
    if [ -e "$place/PG_VERSION" ]; then
      say copy-of "$place" "version $(head -c 8 "$place/PG_VERSION" 2>/dev/null | head -n 1)"
      if [ -e "$place/standby.signal" ] || [ -e "$place/recovery.conf" ]; then
        from=$(cat "$place/postgresql.auto.conf" "$place/recovery.conf" 2>/dev/null | sed -n "s/^[ ]*primary_conninfo.*[ '\\"]host=['\\"]*\\\\([A-Za-z0-9._:,-]*\\\\).*/\\\\1/p" | tail -n 1)
        say copy-of "$place" "standby \${from:--}"
      fi
      ls -1 "$place/pg_replslot" 2>/dev/null | head -n 20 | while IFS= read -r slot; do say copy-of "$place" "slot $slot"; done
    fi
    for file in "$place"/master.info "$place"/master-*.info; do
      [ -r "$file" ] || continue
      from=$(sed -n '4{s/[^A-Za-z0-9._:-]//g;p;}' "$file" 2>/dev/null)
      say copy-of "$place" "replica \${from:--}"
    done
    [ -e "$place/grastate.dat" ] && say copy-of "$place" galera
    for file in "$place"/*relay*bin.index "$place"/relay-log.info; do [ -e "$file" ] && { say copy-of "$place" relay-log; break; }; done
    for file in "$place"/binlog.index "$place"/*-bin.index; do [ -e "$file" ] && { say copy-of "$place" binary-log; break; }; done
  done
  true
}
usual_places() {
  for place in var/lib/postgresql/*/* var/lib/pgsql/data var/lib/pgsql/*/data var/lib/mysql var/lib/mongodb var/lib/mongo var/lib/redis var/lib/ldap var/lib/dirsrv \\
    var/lib/elasticsearch var/lib/opensearch var/lib/influxdb var/lib/rabbitmq var/lib/kafka var/lib/cassandra var/lib/etcd var/lib/consul \\
    var/lib/couchdb var/lib/neo4j var/lib/clickhouse var/lib/firebird var/opt/mssql/data var/lib/samba/private var/spool/cyrus var/lib/imap var/lib/prometheus; do
    for place in "$root"/$place; do
      # The pocket lab's hosts share the shell's own eyes with the machine they run on; programs see theirs alone.
      resolve "$place" && [ -d "$resolved" ] && [ "$resolved" != "$root/" ] && find "$resolved" -maxdepth 0 >/dev/null 2>&1 || continue
      printf '%s\\n' "$resolved"
    done
  done
}
# Files come and go while root counts, which du takes for a failure; to others a directory is closed.
sizes() {
  who=$(id -u)
  command -v timeout >/dev/null || return 0
  for place; do
    [ $(($(date +%s) - began)) -lt 12 ] || { say cut "$place"; continue; }
    size=$(timeout 5 du -skx "$place" 2>/dev/null)
    case $?:$who in
      0:*|1:0) say size "$place" "\${size%%[!0-9]*}" ;;
      1:*) say closed "$place" ;;
      *) say cut "$place" ;;
    esac
  done
}
running=$(processes)
part data-processes printf '%s\\n' "$running"
configured=$(configurations)
part data-configurations printf '%s\\n' "$configured"
places=$({
  printf '%s\\n' "$running" | sed -n 's/^place	[0-9]*	//p'
  printf '%s\\n' "$configured" | awk -F '\\t' '$1 == "config" && $2 != "nfs" && $2 != "smb" && $3 !~ /%/ { print $3 }'
} | sort -u | while IFS= read -r place; do resolve "$root$place" && printf '%s\\n' "$resolved"; done
  usual_places)
IFS='
'
set -f
set -- $(printf '%s\\n' "$places" | awk 'NF && !seen[$0]++' | head -n 40 | while IFS= read -r place; do [ -d "$place" ] && printf '%s\\n' "$place"; done)
set +f
part data-places printf '%s\\n' "$@"
part data-copies copies "$@"
began=$(date +%s)
part data-sizes sizes "$@"
`;

export const DATA_SERVICES: Group = { name: 'data-services', parts: PARTS };

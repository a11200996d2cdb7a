import { REAL } from '../software/real-places.ts';

/**
 * Whom the machine is configured to use. Such files hold passwords: of each line only a host and a port leave, out of
 * settings that are known to hold nothing else. One line each: ROLE, HOST, PORT, FILE, LINE.
 */

/** What is read, and as what; patterns of the shell below the root. */
const FILES: Readonly<Record<string, string>> = {
  dns: 'etc/resolv.conf run/systemd/resolve/resolv.conf etc/systemd/resolved.conf etc/systemd/resolved.conf.d/*.conf',
  ntp: 'etc/chrony.conf etc/chrony/chrony.conf etc/chrony.d/*.conf etc/chrony/conf.d/*.conf etc/chrony/sources.d/*.sources etc/ntp.conf etc/ntpsec/ntp.conf etc/openntpd/ntpd.conf etc/ntpd.conf etc/systemd/timesyncd.conf etc/systemd/timesyncd.conf.d/*.conf',
  ldap: 'etc/ldap.conf etc/ldap/ldap.conf etc/openldap/ldap.conf etc/nslcd.conf etc/sssd/sssd.conf etc/sssd/conf.d/*.conf etc/pam_ldap.conf etc/libnss-ldap.conf',
  kerberos: 'etc/krb5.conf etc/krb5.conf.d/*',
  smtp: 'etc/postfix/main.cf etc/msmtprc etc/ssmtp/ssmtp.conf etc/nullmailer/remotes etc/exim4/update-exim4.conf.conf etc/dma/dma.conf',
  proxy:
    'etc/environment etc/profile etc/profile.d/*.sh etc/apt/apt.conf etc/apt/apt.conf.d/* etc/yum.conf etc/dnf/dnf.conf etc/systemd/system.conf etc/systemd/system.conf.d/*.conf etc/systemd/system/*.d/*.conf etc/gitconfig etc/docker/daemon.json etc/wgetrc etc/sysconfig/proxy',
  syslog:
    'etc/rsyslog.conf etc/rsyslog.d/*.conf etc/syslog-ng/syslog-ng.conf etc/syslog-ng/conf.d/*.conf etc/syslog.conf etc/systemd/journal-upload.conf etc/filebeat/filebeat.yml',
  monitoring:
    'etc/zabbix/zabbix_agentd.conf etc/zabbix/zabbix_agent2.conf etc/zabbix_agentd.conf etc/zabbix/zabbix_agentd.d/*.conf etc/nagios/nrpe.cfg etc/telegraf/telegraf.conf etc/telegraf/telegraf.d/*.conf etc/datadog-agent/datadog.yaml etc/collectd.conf etc/collectd/collectd.conf',
  backup:
    'etc/bacula/*.conf etc/bareos/*.conf etc/borgmatic/*.yaml etc/borgmatic/config.yaml etc/borgmatic.d/*.yaml etc/restic/*.env etc/default/restic etc/burp/burp.conf etc/veeam/veeam.ini',
  configuration:
    'etc/puppet/puppet.conf etc/puppetlabs/puppet/puppet.conf etc/salt/minion etc/salt/minion.d/*.conf etc/chef/client.rb etc/landscape/client.conf',
  repository: 'etc/rhsm/rhsm.conf',
  database:
    'etc/postgresql-common/pg_service.conf etc/pgbouncer/pgbouncer.ini etc/my.cnf etc/my.cnf.d/*.cnf etc/mysql/my.cnf etc/mysql/conf.d/*.cnf etc/odbc.ini etc/freetds.conf etc/freetds/freetds.conf',
};

const READ = String.raw`
function tell(what, text, port,    host, at) {
  gsub(/["\047<>;]/, "", text)
  sub(/^.*@/, "", text); sub(/^[a-z+]+:\/\//, "", text); sub(/[\/?#, \t].*$/, "", text)
  host = text
  if (text ~ /^\[/) {
    host = substr(text, 2); at = index(host, "]")
    if (at == 0) return
    text = substr(host, at + 1); host = substr(host, 1, at - 1)
    if (text ~ /^:[0-9]+$/) port = substr(text, 2)
  } else if (text ~ /^[^:]+:[0-9]+$/) {
    host = text; sub(/:.*$/, "", host); port = text; sub(/^.*:/, "", port)
  } else if (text ~ /^[^:]+:[^:]*$/) sub(/:.*$/, "", host)
  if (host !~ /^[A-Za-z0-9_]([A-Za-z0-9_.:-]*[A-Za-z0-9_])?$/ || length(host) > 253) return
  if (tolower(host) ~ /^(none|no|yes|true|false|direct|off|auto|localhost|default|ip6-localhost)$/) return
  if (port !~ /^[0-9]+$/ || port + 0 < 1 || port + 0 > 65535) port = ""
  print what "\t" host "\t" port "\t" told "\t" FNR
}
function each(what, list, port,    words, count, at) {
  gsub(/[][]/, " ", list)
  count = split(list, words, /[ \t,]+/)
  for (at = 1; at <= count && at <= 16; at++) if (words[at] != "") tell(what, words[at], port)
}
FNR == 1 {
  told = substr(FILENAME, length(root) + 1)
  if (match(told, /\/(etc|run|opt|srv|var)\//)) told = substr(told, RSTART)
}
function value(line) { sub(/^[^=]*=[ \t]*/, "", line); return line }
/^[ \t]*(#|;|\/\/|$)/ || length($0) > 4000 { next }
{ line = $0; sub(/^[ \t]+/, "", line); sub(/[ \t\r]+$/, "", line) }
kind == "dns" && /^nameserver[ \t]/ { tell("dns", $2 ~ /:.*:/ ? "[" $2 "]" : $2, "") }
kind == "dns" && /^(DNS|FallbackDNS)=/ { list = value(line); gsub(/#[^ ]*/, "", list); count = split(list, word, /[ \t]+/); for (at = 1; at <= count; at++) tell("dns", word[at] ~ /:.*:/ ? "[" word[at] "]" : word[at], "") }
kind == "ntp" && /^[ \t]*(server|pool|peer|servers)[ \t]/ { tell("ntp", $2, "") }
kind == "ntp" && /^(NTP|FallbackNTP)=/ { each("ntp", value(line), "") }
kind == "ldap" && tolower(line) ~ /^(uri|host)[ \t]/ { sub(/^[^ \t]+[ \t]+/, "", line); each("ldap", line, "") }
kind == "ldap" && line ~ /^(ldap_uri|ldap_backup_uri|ldap_chpass_uri|ad_server|ipa_server)[ \t]*=/ { each("ldap", value(line), "") }
kind == "ldap" && line ~ /^(krb5_server|krb5_kpasswd|krb5_backup_server)[ \t]*=/ { each("kerberos", value(line), "") }
kind == "kerberos" && line ~ /^(kdc|admin_server|kpasswd_server|master_kdc|primary_kdc)[ \t]*=/ { tell("kerberos", value(line), "") }
kind == "smtp" && FILENAME ~ /main\.cf$/ && line ~ /^(relayhost|fallback_relay|smtp_fallback_relay)[ \t]*=/ { line = value(line); if (line ~ /^\[[^:]*\]/) gsub(/[][]/, "", line); tell("smtp", line, "") }
kind == "smtp" && FILENAME ~ /msmtprc$/ && /^[ \t]*host[ \t]/ { tell("smtp", $2, "") }
kind == "smtp" && FILENAME ~ /nullmailer/ { tell("smtp", $1, "") }
kind == "smtp" && line ~ /^(mailhub|SMARTHOST|dc_smarthost)[ \t=]/ { sub(/^[A-Za-z_]+[ \t=]+/, "", line); sub(/::/, ":", line); tell("smtp", line, "") }
kind == "proxy" && match(line, /((https?|ftp|all)_proxy|(HTTPS?|FTP|ALL)_PROXY|https?-proxy|::[Pp]roxy|^proxy)["\047]?[ \t]*[=: \t][ \t]*["\047]?/) {
  rest = substr(line, RSTART + RLENGTH)
  if (rest ~ /^[A-Za-z0-9[]/ && rest !~ /^[A-Za-z]*::/) { sub(/["\047;, \t].*$/, "", rest); if (rest ~ /[.:]/) tell("proxy", rest, "") }
}
kind == "syslog" && match(line, /[ \t]@@?(\([^)]*\))?[A-Za-z0-9[][^ \t;]*/) { rest = substr(line, RSTART, RLENGTH); sub(/^[ \t]@@?(\([^)]*\))?/, "", rest); tell("syslog", rest, "") }
kind == "syslog" && match(tolower(line), /target="[^"]+"/) { host = substr(line, RSTART + 8, RLENGTH - 9); port = match(tolower(line), /port="[0-9]+"/) ? substr(line, RSTART + 6, RLENGTH - 7) : ""; tell("syslog", host, port) }
kind == "syslog" && match(line, /(tcp6?|udp6?|network|syslog)\([ \t]*"[^"]+"/) { host = substr(line, RSTART, RLENGTH); sub(/^[^"]*/, "", host); port = match(line, /port\([ \t]*[0-9]+/) ? substr(line, RSTART + 5, RLENGTH - 5) : ""; gsub(/[ \t]/, "", port); tell("syslog", host, port) }
kind == "syslog" && line ~ /^URL[ \t]*=/ { tell("syslog", value(line), "") }
kind == "syslog" && FILENAME ~ /filebeat/ && line ~ /^hosts:[ \t]*\[/ { sub(/^hosts:/, "", line); each("syslog", line, "") }
kind == "monitoring" && line ~ /^(Server|ServerActive|allowed_hosts)[ \t]*=/ { each("monitoring", value(line), "") }
kind == "monitoring" && line ~ /^urls[ \t]*=[ \t]*\[/ { each("monitoring", value(line), "") }
kind == "monitoring" && line ~ /^(dd_url|site):/ { sub(/^[a-z_]+:[ \t]*/, "", line); tell("monitoring", line, "") }
kind == "monitoring" && FILENAME ~ /collectd/ && line ~ /^Server[ \t]+"/ { tell("monitoring", $2, $3) }
kind == "backup" && line ~ /^(Address|server)[ \t]*=/ { tell("backup", value(line), "") }
kind == "backup" && match(line, /(ssh|sftp|rest|https?):\/?\/?[^ \t]+/) { rest = substr(line, RSTART, RLENGTH); sub(/^(sftp|rest):/, "", rest); tell("backup", rest, "") }
kind == "configuration" && line ~ /^(server|ca_server|report_server|url)[ \t]*=/ { tell("configuration", value(line), "") }
kind == "configuration" && line ~ /^master[ \t]*:/ { sub(/^master[ \t]*:[ \t]*/, "", line); tell("configuration", line, "") }
kind == "configuration" && line ~ /^chef_server_url[ \t]/ { tell("configuration", $2, "") }
kind == "repository" && line ~ /^(hostname|baseurl)[ \t]*=/ { tell("repository", value(line), "") }
kind == "database" && line ~ /^(host|Server|Servername|SERVER|DB_HOST|PGHOST|MYSQL_HOST|REDIS_HOST|DATABASE_HOST)[ \t]*=/ { tell("database", value(line), "") }
kind == "database" && line ~ /^(DATABASE_URL|REDIS_URL|MONGO_URL|MONGODB_URI|AMQP_URL)[ \t]*=/ { tell("database", value(line), "") }
kind == "database" && match(line, /primary_conninfo.*host=[^ \047]+/) { rest = substr(line, RSTART, RLENGTH); sub(/^.*host=/, "", rest); port = match(line, /port=[0-9]+/) ? substr(line, RSTART + 5, RLENGTH - 5) : ""; tell("database", rest, port) }
kind == "database" && match(line, /=[ \t]*host=[^ \t]+/) { rest = substr(line, RSTART, RLENGTH); sub(/^.*host=/, "", rest); port = match(line, /port=[0-9]+/) ? substr(line, RSTART + 5, RLENGTH - 5) : ""; tell("database", rest, port) }
kind == "database" && match(line, /DB_HOST[\047"][ \t]*,[ \t]*[\047"][^\047"]+/) { rest = substr(line, RSTART, RLENGTH); sub(/^.*,[ \t]*/, "", rest); tell("database", rest, "") }
`;

/** Where applications and databases keep the like; another server's file system may lie there, and is never asked. */
const APPLICATIONS = 'var/www opt srv var/lib/postgresql var/lib/pgsql';
const NAMES = '.env wp-config.php postgresql.auto.conf';
/** Each link costs a few programs. */
const LINKS = 100;

const words = Object.entries(FILES)
  .map(([kind, files]) => `=${kind} ${files.replaceAll(/\S+/g, file => `"$root"/${file}`)}`)
  .join(' ');

/** A disk of another host, by what the kernel and its database of nodes say; then all of the files above in one reading. */
export const UPSTREAMS_FUNCTIONS = `${REAL}
disks_of_others() {
  for place in "$root"/sys/class/iscsi_connection/*; do
    [ -r "$place/persistent_address" ] || continue
    printf 'iscsi\\t%s\\t%s\\t%s\\t\\n' "$(cat "$place/persistent_address")" "$(cat "$place/persistent_port")" 'iSCSI session'
  done
  for place in "$root"/etc/iscsi/nodes/*/* "$root"/var/lib/iscsi/nodes/*/*; do
    node=\${place##*/}
    case $node in *,*) ;; *) continue ;; esac
    rest=\${node#*,}
    printf 'iscsi\\t%s\\t%s\\t%s\\t\\n' "\${node%%,*}" "\${rest%%,*}" "\${place#"$root"}"
  done
}
# A web root is often a link to a share: each link is followed step by step, and not to where a mount of another server is.
settings_in() {
  for name in ${NAMES}; do
    file=$1/$name
    if [ -h "$file" ]; then file=$(followed "$file") || continue; fi
    [ -f "$file" ] && [ -r "$file" ] && printf '%s\\n' "$file"
  done
  [ "$2" -gt 0 ] || return 0
  for child in "$1"/*; do
    case $child in *"$newline"*) continue ;; esac
    if [ -h "$child" ]; then
      links=$((links + 1))
      [ "$links" -le ${LINKS} ] && child=$(followed "$child") || continue
    fi
    [ -d "$child" ] && settings_in "$child" $(($2 - 1))
  done
}
followed() {
  to=$(real "$1") || return
  case $newline$foreign in *"$newline$to/"*) return 1 ;; esac
  printf '%s\\n' "$to"
}
of_applications() {
  links=0
  local_places ${APPLICATIONS.replaceAll(/\S+/g, place => `"$root"/${place}`)} | {
    set +f
    unset IFS
    while IFS= read -r place; do
      if [ -h "$place" ]; then place=$(followed "$place") || continue; fi
      settings_in "$place" 2
    done
  }
}
upstreams() {
  disks_of_others
  set --
  kind=
  for file in ${words}; do
    case $file in =*) kind=\${file#=}; continue ;; esac
    [ -f "$file" ] && [ -r "$file" ] && set -- "$@" "kind=$kind" "$file"
  done
  newline='
'
  IFS=$newline
  set -f
  for file in $(of_applications); do set -- "$@" kind=database "$file"; done
  set +f
  unset IFS
  [ "$#" -gt 0 ] || return 0
  awk -v root="$root" '${READ}' "$@" | head -n 2000
}
static_names() {
  awk '/^[ \\t]*[0-9a-fA-F.:]+[ \\t]/ { sub(/#.*/, ""); $1 = $1; print }' "$root/etc/hosts" | head -n 2000
}
`;

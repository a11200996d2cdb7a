import type { ActsTwiceFacts } from '../../journal/facts.ts';

/** Units that would act a second time if both sites ran, by what they do. Names as their packages ship them. */
export interface KnownUnit {
  readonly kind: ActsTwiceFacts['kind'];
  readonly pattern: RegExp;
  readonly detail: string;
}

const known = (kind: KnownUnit['kind'], names: string, detail: string): KnownUnit => ({
  kind,
  pattern: new RegExp(`^(?:${names})(?:@[^.]*)?\\.service$`),
  detail,
});

export const KNOWN_UNITS: readonly KnownUnit[] = [
  known('cron', 'cron|crond|cronie|fcron|anacron|bcron|systemd-cron', 'runs every cron table of the machine'),
  known('cron', 'atd', 'runs jobs that were put off with at'),

  known('mail', 'postfix|exim4?|sendmail|opensmtpd|smtpd|qmail|courier-mta', 'sends the mail in its queue'),
  known('mail', 'nullmailer|msmtpd|dma|esmtp|ssmtp', 'sends the mail in its queue to a relay'),
  known('mail', 'fetchmail|getmail|mpop|offlineimap', 'fetches and deletes mail at another server'),
  known('mail', 'mailman3?|mailman3-web|sympa', 'sends mail to the members of its lists'),

  known('queue', 'celery|celerybeat|celeryd|celery-\\w+', 'takes jobs from a queue (Celery)'),
  known(
    'queue',
    'sidekiq|sidekiq-\\w+|resque|resque-\\w+|delayed_job|good_job|shoryuken|que',
    'takes jobs from a queue',
  ),
  known('queue', 'rq|rqworker|rq-\\w+|huey|dramatiq|arq', 'takes jobs from a queue'),
  known(
    'queue',
    '(?:laravel|horizon|messenger|queue)[-_]?(?:worker|work|horizon)?',
    'takes jobs from a queue',
  ),
  known(
    'queue',
    '\\S*[-_](?:worker|workers|consumer|consumers|scheduler)',
    'takes jobs from a queue, by its name',
  ),
  known(
    'queue',
    'kafka-connect|connect-distributed|kafka-mirror-maker|debezium\\S*',
    'reads and moves messages (Kafka)',
  ),
  known('queue', 'beanstalkd|gearman-job-server|gearmand', 'hands out the jobs in its queue'),
  known(
    'queue',
    'logstash|fluentd|td-agent|fluent-bit|filebeat|vector|rsyslog-relp',
    'forwards events to another system',
  ),
  known(
    'queue',
    'temporal-worker\\S*|airflow-\\S+|dagster-daemon|prefect-agent|nifi|jenkins|gitlab-runner|actions\\.runner\\.\\S+|buildkite-agent|teamcity-agent',
    'runs jobs of a scheduler',
  ),

  known(
    'backup',
    'bacula-(?:fd|sd|dir|director)|bareos-(?:fd|filedaemon|sd|storage|dir|director)',
    'backs up under the name of this machine',
  ),
  known(
    'backup',
    'veeamservice|veeamdeployment|veeamtransport|veeam',
    'backs up under the name of this machine (Veeam)',
  ),
  known(
    'backup',
    'borgmatic|borg\\S*|restic\\S*|duplicity\\S*|duplicati|kopia\\S*|rclone\\S*',
    'backs up under the name of this machine',
  ),
  known(
    'backup',
    'urbackupclientbackend|urbackup\\S*|crashplan|code42|burp\\S*|amanda\\S*|rsnapshot\\S*|tsm|dsmcad|netbackup|commvault|cvd|avagent|nsr|networker',
    'backs up under the name of this machine',
  ),
  known(
    'backup',
    'pgbackrest\\S*|barman\\S*|wal-g\\S*|zfs-auto-snapshot\\S*|snapper-\\S+|btrbk',
    'backs up, or prunes older backups',
  ),

  known('monitoring', 'zabbix-agent2?|zabbix-proxy', 'reports under the name of this machine (Zabbix)'),
  known(
    'monitoring',
    'nagios-nrpe-server|nrpe|ncpa_\\w+|ncpa|icinga2|nsca|check-mk-agent\\S*|cmk-agent-ctl-daemon',
    'reports under the name of this machine (Nagios and kin)',
  ),
  known(
    'monitoring',
    'telegraf|collectd|datadog-agent\\S*|newrelic-infra|grafana-agent|alloy|amazon-cloudwatch-agent|metricbeat|heartbeat-elastic|packetbeat|auditbeat|elastic-agent|dynatrace\\S*|oneagent|appdynamics\\S*|scollector|munin-node|netdata|site24x7\\S*|sensu-agent|splunk|SplunkForwarder|otelcol\\S*',
    'reports under the name of this machine',
  ),
  known(
    'monitoring',
    'prometheus-pushgateway|pushprox\\S*|prometheus-alertmanager|alertmanager|monit',
    'sends measurements or alarms',
  ),
  known(
    'monitoring',
    'wazuh-agent|ossec\\S*|falcon-sensor|ds_agent|mdatp|sentinelone|cbdaemon|osqueryd|qualys-cloud-agent|nessusagent|rapid7\\S*|ir_agent',
    'reports under the identity of this machine (security agent)',
  ),

  known('cluster', 'corosync|pacemaker|pcsd|sbd|heartbeat|cman|drbd', 'is a member of a cluster'),
  known(
    'cluster',
    'keepalived|ucarp|vrrpd|frr|bird\\d?|quagga|exabgp',
    'takes over addresses or announces routes',
  ),
  known(
    'cluster',
    'etcd|consul|nomad|vault|zookeeper|patroni|stolon-\\S+|repmgrd|galera|garbd?|mysql-router|orchestrator|redis-sentinel|rabbitmq-server|cassandra|elasticsearch|opensearch|mongod|mongos|cockroach|kafka|nats-server|glusterd|ceph\\S*|kubelet|k3s|k3s-agent|microk8s\\S*|docker-swarm|serf',
    'may be a member of a cluster',
  ),
  known(
    'cluster',
    'openvpn|openvpn-client|openvpn-server|strongswan\\S*|ipsec|wg-quick|tailscaled|zerotier-one|tinc|nebula|cloudflared|autossh\\S*',
    'builds a tunnel under the identity of this machine',
  ),
  known(
    'cluster',
    'slapd|samba-ad-dc|winbind|sssd|realmd|certmonger|ipa',
    'speaks to a directory under the identity of this machine',
  ),

  known(
    'update',
    'unattended-upgrades|apt-daily|apt-daily-upgrade|packagekit|dnf-automatic\\S*|yum-cron|yum-updatesd|transactional-update|snapd',
    'installs updates by itself',
  ),
  known(
    'update',
    'puppet|puppet-agent|pe-puppet|chef-client|cinc-client|salt-minion|cfengine3|cf-execd|rudder-agent|ansible-pull',
    'lets a server change this machine under its name',
  ),
  known(
    'update',
    'rhsmcertd|rhsm|insights-client|landscape-client|ubuntu-advantage|amazon-ssm-agent|waagent|walinuxagent|google-guest-agent',
    'registers this machine with a service',
  ),
  known(
    'update',
    'certbot|certbot-renew|acme\\S*|dehydrated|lego\\S*|caddy',
    'renews certificates under the name of this machine',
  ),
  known('update', 'ddclient|inadyn|ez-ipupdate|noip2?|cloud-ddns\\S*', 'sets DNS records for this machine'),

  known(
    'lease',
    'dhclient|dhcpcd\\d?|udhcpc|ifup-dhcp',
    'holds a lease under the hardware address of this machine',
  ),
  known('lease', 'isc-dhcp-server\\S*|dhcpd\\d?|kea-dhcp\\S*|dnsmasq', 'hands out leases'),
];

/** Timers and cron parts that only tidy up the machine's own disk: twice does no harm. */
const HOUSEKEEPING_TIMERS =
  /^(?:systemd-\S+|e2scrub_\S+|fstrim|logrotate|man-db|mandb|mlocate|mlocate-updatedb|plocate-updatedb|updatedb|dpkg-db-backup|mdadm-\S+|mdcheck_\S+|mdmonitor-\S+|raid-check|sysstat-\S+|phpsessionclean|exim4-base|fwupd-refresh|motd-news|ua-timer|xfs_scrub_all|btrfs-\S+|lvm2-\S+|apport-autoreport|update-notifier-\S+|unbound-anchor|dnf-makecache|yum-makecache|check-battery|backup-rpmdb|backup-sysconfig|issue-generator|detect-part-label-duplicates|shadow|pamac-cleancache|pkgfile-update|archlinux-keyring-\S+|snapd\.snap-repair)\.timer$/;

const HOUSEKEEPING_CRON =
  /^(?:\.placeholder|dpkg|logrotate|man-db|mandb|mlocate|plocate|locate|passwd|shadow|bsdmainutils|bsdutils|e2scrub_all|sysstat|mdadm|raid-check|0anacron|0hourly|anacron|php|exim4-base|aptitude|apport|cracklib-runtime|samba|spamassassin|update-notifier-common|man-db\.cron|0yum-hourly\.cron|rhsmd|00-logwatch|tmpwatch|google-chrome|btrfs-\S+|ntp|chrony|quota|calendar|standard|suse\S*|packagekit-background\.cron)$/;

export const isHousekeepingTimer = (timer: string): boolean => HOUSEKEEPING_TIMERS.test(timer);
export const isHousekeepingCron = (name: string): boolean => HOUSEKEEPING_CRON.test(name);

export const knownUnit = (unit: string): KnownUnit | undefined =>
  KNOWN_UNITS.find(({ pattern }) => pattern.test(unit));

import type { IdentityFacts } from '../../../journal/facts-survey.ts';

type Kind = IdentityFacts['kind'];

/** A program whose configuration says who this machine is to others. */
interface Configured {
  readonly kind: Kind;
  readonly name: string;
  /** A file, or a directory whose files are read. */
  readonly place: string;
  readonly keys: readonly string[];
}

const configured = (kind: Kind, name: string, place: string, ...keys: string[]): Configured => ({
  ...{ kind, name, place, keys },
});

/** `=` is the whole first line of a file that holds nothing else. Keys in lower case; none of them holds a secret anywhere. */
export const SETTINGS: readonly Configured[] = [
  configured('monitoring-agent', 'Zabbix agent', '/etc/zabbix', 'hostname'),
  configured('monitoring-agent', 'Datadog agent', '/etc/datadog-agent', 'hostname'),
  configured('monitoring-agent', 'Telegraf', '/etc/telegraf', 'hostname'),
  configured('monitoring-agent', 'collectd', '/etc/collectd.conf', 'hostname'),
  configured('monitoring-agent', 'collectd', '/etc/collectd', 'hostname'),
  configured('monitoring-agent', 'Munin node', '/etc/munin', 'host_name'),
  configured('monitoring-agent', 'Icinga', '/etc/icinga2', 'nodename'),
  configured('monitoring-agent', 'New Relic', '/etc/newrelic-infra.yml', 'display_name'),
  configured('monitoring-agent', 'Splunk forwarder', '/opt/splunkforwarder/etc', 'guid', 'servername'),
  configured('configuration-agent', 'Salt', '/etc/salt', 'id', '='),
  configured('configuration-agent', 'Puppet', '/etc/puppetlabs/puppet', 'certname'),
  configured('configuration-agent', 'Puppet', '/etc/puppet', 'certname'),
  configured('configuration-agent', 'Chef', '/etc/chef', 'node_name'),
  configured('configuration-agent', 'Chef', '/etc/cinc', 'node_name'),
  configured('backup-agent', 'Bacula', '/etc/bacula/bacula-fd.conf', 'name'),
  configured('backup-agent', 'Bareos', '/etc/bareos/bareos-fd.d', 'name'),
  configured('backup-agent', 'NetBackup', '/usr/openv/netbackup/bp.conf', 'client_name'),
  configured('backup-agent', 'Spectrum Protect', '/opt/tivoli/tsm/client/ba/bin', 'nodename'),
  configured('cluster', 'Corosync', '/etc/corosync', 'cluster_name', 'ring0_addr', 'ring1_addr'),
  configured('cluster', 'Keepalived', '/etc/keepalived', 'virtual_router_id', 'vip'),
  configured('cluster', 'Gluster', '/var/lib/glusterd', 'uuid'),
  configured('cluster', 'Patroni', '/etc/patroni', 'scope', 'name'),
  configured('cluster', 'Elasticsearch', '/etc/elasticsearch', 'cluster.name', 'node.name'),
  configured('cluster', 'Cassandra', '/etc/cassandra', 'cluster_name'),
  configured('cluster', 'Galera', '/etc/mysql', 'wsrep_cluster_name', 'wsrep_node_name'),
  configured('cluster', 'Galera', '/etc/my.cnf.d', 'wsrep_cluster_name', 'wsrep_node_name'),
  configured('domain-join', 'SSSD', '/etc/sssd', 'domain', 'ad_domain', 'ad_hostname', 'ipa_hostname'),
  configured('domain-join', 'Samba', '/etc/samba/smb.conf', 'workgroup', 'realm', 'security'),
  configured('domain-join', 'Kerberos', '/etc/krb5.conf', 'default_realm'),
  configured('vpn', 'IPsec', '/etc/ipsec.conf', 'conn'),
  configured('host-id', 'iSCSI initiator', '/etc/iscsi', 'initiatorname'),
  configured('cloud-init', 'cloud-init', '/var/lib/cloud/data', '='),
  configured('cloud-init', 'cloud-init', '/var/lib/cloud/instances', '='),
  configured('cloud-init', 'cloud-init', '/run/cloud-init', '='),
];

/** Where settings are looked for. */
export const CONFIGURED: readonly string[] = SETTINGS.map(({ place }) => place);

/** All keys whose values may leave the host, as an expression for awk. */
export const SETTING_KEYS: readonly string[] = [
  ...new Set(
    SETTINGS.flatMap(({ keys }) => keys.filter(key => !['=', 'vip', 'conn', 'domain'].includes(key))),
  ),
].map(key => key.replaceAll('.', '[.]'));

/** A file or directory that is there only where something was bound to this very machine. */
interface Bound {
  readonly kind: Kind;
  readonly place: string;
  readonly detail: string;
}

const bound = (kind: Kind, place: string, detail: string): Bound => ({ kind, place, detail });

export const AGENTS: readonly Bound[] = [
  bound('host-id', '/etc/nvme/hostnqn', 'name of this host to NVMe over fabrics'),
  bound('domain-join', '/var/lib/samba/private/secrets.tdb', 'machine account of Samba'),
  bound('domain-join', '/etc/ipa/default.conf', 'FreeIPA client'),
  bound('domain-join', '/etc/opt/quest/vas', 'Safeguard Authentication Services'),
  bound('domain-join', '/etc/centrifydc', 'Centrify'),
  bound('domain-join', '/opt/pbis', 'PowerBroker Identity Services'),
  bound('subscription', '/etc/pki/consumer/cert.pem', 'Red Hat subscription'),
  bound('subscription', '/etc/sysconfig/rhn/systemid', 'Spacewalk or SUSE Manager'),
  bound('subscription', '/etc/zypp/credentials.d/SCCcredentials', 'SUSE Customer Center'),
  bound('subscription', '/etc/landscape/client.conf', 'Landscape'),
  bound('monitoring-agent', '/var/lib/netdata/registry', 'Netdata'),
  bound('monitoring-agent', '/var/ossec/etc/client.keys', 'Wazuh or OSSEC'),
  bound('monitoring-agent', '/opt/CrowdStrike', 'CrowdStrike Falcon'),
  bound('monitoring-agent', '/opt/sentinelone', 'SentinelOne'),
  bound('monitoring-agent', '/etc/opt/microsoft/mdatp', 'Microsoft Defender'),
  bound('monitoring-agent', '/opt/Elastic/Agent', 'Elastic Agent'),
  bound('monitoring-agent', '/etc/qualys', 'Qualys'),
  bound('monitoring-agent', '/opt/rapid7/ir_agent', 'Rapid7'),
  bound('monitoring-agent', '/opt/nessus_agent', 'Nessus agent'),
  bound('monitoring-agent', '/opt/Tanium', 'Tanium'),
  bound('monitoring-agent', '/opt/ds_agent', 'Trend Micro'),
  bound('monitoring-agent', '/var/lib/dynatrace', 'Dynatrace'),
  bound('monitoring-agent', '/etc/check_mk', 'Checkmk agent'),
  bound('monitoring-agent', '/etc/nagios/nrpe.cfg', 'NRPE'),
  bound('monitoring-agent', '/opt/splunkforwarder', 'Splunk forwarder'),
  bound('monitoring-agent', '/etc/zabbix', 'Zabbix agent'),
  bound('monitoring-agent', '/etc/datadog-agent', 'Datadog agent'),
  bound('configuration-agent', '/var/lib/amazon/ssm', 'AWS Systems Manager'),
  bound('configuration-agent', '/var/opt/azcmagent', 'Azure Arc'),
  bound('configuration-agent', '/etc/salt/pki/minion', 'Salt'),
  bound('configuration-agent', '/etc/puppetlabs/puppet/ssl', 'Puppet'),
  bound('configuration-agent', '/etc/chef', 'Chef'),
  bound('configuration-agent', '/etc/cfengine', 'CFEngine'),
  bound('backup-agent', '/etc/veeam', 'Veeam agent'),
  bound('backup-agent', '/etc/CommVaultRegistry', 'Commvault'),
  bound('backup-agent', '/usr/openv/netbackup', 'NetBackup'),
  bound('backup-agent', '/nsr', 'NetWorker'),
  bound('backup-agent', '/opt/tivoli/tsm/client', 'Spectrum Protect'),
  bound('backup-agent', '/etc/rubrik', 'Rubrik'),
  bound('backup-agent', '/opt/acronis', 'Acronis'),
  bound('backup-agent', '/opt/cohesity', 'Cohesity'),
  bound('backup-agent', '/opt/omni', 'Data Protector'),
  bound('cluster', '/etc/kubernetes/kubelet.conf', 'Kubernetes node'),
  bound('cluster', '/var/lib/rancher/k3s', 'K3s'),
  bound('cluster', '/var/lib/rancher/rke2', 'RKE2'),
  bound('cluster', '/var/lib/etcd', 'member of etcd'),
  bound('cluster', '/var/lib/pacemaker/cib', 'Pacemaker'),
  bound('cluster', '/etc/drbd.d', 'DRBD'),
  bound('cluster', '/var/lib/docker/swarm/state.json', 'Docker Swarm'),
  bound('cluster', '/var/lib/rabbitmq/.erlang.cookie', 'RabbitMQ, whose node is called after the host name'),
  bound('cluster', '/etc/ceph/ceph.conf', 'Ceph'),
  bound('vpn', '/var/lib/tailscale', 'Tailscale'),
  bound('vpn', '/var/lib/zerotier-one', 'ZeroTier'),
  bound('vpn', '/etc/tinc', 'tinc'),
  bound('vpn', '/etc/nebula', 'Nebula'),
  bound('secret-store', '/etc/vault.d', 'Vault'),
  bound('secret-store', '/etc/vault-agent.d', 'Vault agent'),
  bound(
    'secret-store',
    '/var/lib/systemd/credential.secret',
    'credentials that systemd sealed to this machine',
  ),
  bound('licence', '/etc/hasplm', 'Sentinel licence manager'),
  bound('licence', '/var/hasplm', 'Sentinel licence manager'),
  bound('licence', '/var/lib/CodeMeter', 'CodeMeter licence manager'),
  bound('hardware', '/dev/tpmrm0', 'TPM: what is sealed to it opens nowhere else'),
  bound('hardware', '/dev/nvidia0', 'graphics processor'),
  bound('hardware', '/dev/infiniband', 'InfiniBand'),
  bound('hardware', '/dev/usb/hiddev0', 'USB device, perhaps a dongle'),
];

/** Programs that say by running what no file says. Names as the kernel has them: fifteen characters. */
export const PROGRAMS: Readonly<Record<string, { readonly kind: Kind; readonly detail: string }>> = {
  lmgrd: { kind: 'licence', detail: 'FlexLM licence server' },
  rlm: { kind: 'licence', detail: 'RLM licence server' },
  hasplmd: { kind: 'licence', detail: 'Sentinel licence manager' },
  aksusbd: { kind: 'licence', detail: 'Sentinel licence manager, USB dongles' },
  CodeMeterLin: { kind: 'licence', detail: 'CodeMeter licence manager' },
  winbindd: { kind: 'domain-join', detail: 'winbind' },
  vault: { kind: 'secret-store', detail: 'Vault' },
  tangd: { kind: 'secret-store', detail: 'Tang: other machines unlock their disks with it' },
  keepalived: { kind: 'cluster', detail: 'Keepalived' },
  corosync: { kind: 'cluster', detail: 'Corosync' },
  pacemakerd: { kind: 'cluster', detail: 'Pacemaker' },
  kubelet: { kind: 'cluster', detail: 'Kubernetes node' },
  etcd: { kind: 'cluster', detail: 'member of etcd' },
  charon: { kind: 'vpn', detail: 'IPsec' },
  'charon-systemd': { kind: 'vpn', detail: 'IPsec' },
  openvpn: { kind: 'vpn', detail: 'OpenVPN' },
  tailscaled: { kind: 'vpn', detail: 'Tailscale' },
  veeamservice: { kind: 'backup-agent', detail: 'Veeam agent' },
  'bacula-fd': { kind: 'backup-agent', detail: 'Bacula' },
  'bareos-fd': { kind: 'backup-agent', detail: 'Bareos' },
  cvd: { kind: 'backup-agent', detail: 'Commvault' },
};

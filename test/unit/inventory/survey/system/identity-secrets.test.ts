import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { collectorCommand } from '../../../../../src/inventory/collector/collector.ts';
import { round } from '../../../../../src/inventory/collector/group.ts';
import { IDENTITY } from '../../../../../src/inventory/collector/survey/system/identity.ts';
import { readIdentity } from '../../../../../src/inventory/survey/system/identity.ts';
import { answersFrom } from '../answers.ts';

const SECRET = 'Hunter2Hunter2';

/** Files as programs and administrators write them, a secret in every place where one may stand. */
const FILES: Readonly<Record<string, string>> = {
  'zabbix/zabbix_agentd.conf': `# Hostname=${SECRET}\nHostname=app1\nTLSPSKIdentity=${SECRET}\nHostnameKey=${SECRET}\n`,
  'datadog-agent/datadog.yaml': `api_key: ${SECRET}\nhostname: "app1.example"\nproxy:\n  https: http://u:${SECRET}@p\n`,
  'salt/minion_id': 'app1.salt\n',
  'salt/minion': `id: app1\nmaster_finger: ${SECRET}\n`,
  'keepalived/keepalived.conf': `vrrp_instance A {
  virtual_router_id 51
  authentication {
    auth_type PASS
    auth_pass ${SECRET}
  }
  virtual_ipaddress {
    10.0.0.100/24 dev eth0 label ${SECRET}
  }
}
`,
  'sssd/sssd.conf': `[domain/corp.example]\nad_domain = corp.example\nldap_default_authtok = ${SECRET}\n`,
  'samba/smb.conf': `[global]\n  realm = CORP.EXAMPLE\n  security = ads\n  ldap admin dn = ${SECRET}\n`,
  'bacula/bacula-fd.conf': `FileDaemon {\n  Name = app1-fd\n}\nDirector {\n  Name = dir\n  Password = "${SECRET}"\n}\n`,
  'patroni/patroni.yml': `scope: main\nname: pg1\npostgresql:\n  authentication:\n    superuser:\n      password: ${SECRET}\n`,
  'mysql/my.cnf': `[mysqld]\nwsrep_node_name=n1\nwsrep_sst_auth=root:${SECRET}\npassword=${SECRET}\n`,
  'ipsec.conf': `conn office\n  left=10.0.0.1\n  leftauth=${SECRET}\n`,
  'wireguard/wg0.conf': `[Interface]\nPrivateKey = ${SECRET}\n`,
  'app/tool.lic': `SERVER lic 001122334455 27000\nFEATURE x vendor 1.0 1-jan-2030 1 SIGN=${SECRET} HOSTID=ID=12345\n`,
};

/** A view of this machine in which these files lie over its own, for one command; needs the right to mount. */
const over = (directory: string, ...command: string[]): [string, string[]] => [
  'unshare',
  [
    ...['-m', 'sh', '-c', 'mount -t overlay -o "lowerdir=$1:/etc" overlay /etc && shift && exec "$@"'],
    ...['sh', directory, ...command],
  ],
];

const MOUNTS = spawnSync(...over(tmpdir(), 'true')).status === 0;

it.runIf(MOUNTS)('names what is bound to the machine and leaves every secret beside it', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'landfall-identity-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(path.join(directory, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(directory, name), text);
  }
  const [, ...words] = collectorCommand('/', round('system', [IDENTITY]));
  const { stdout } = await execa(...over(directory, '/bin/sh', ...words));
  const answers = answersFrom(stdout);
  for (const name of ['settings', 'agents', 'keytabs', 'vpn-names', 'licences'])
    expect(answers.text(name), name).not.toContain(SECRET);
  const found = (readIdentity(answers) ?? []).map(({ where, detail }) => `${where}: ${detail}`);
  expect(found).toEqual(
    expect.arrayContaining([
      '/etc/zabbix/zabbix_agentd.conf: Zabbix agent: hostname app1',
      '/etc/datadog-agent/datadog.yaml: Datadog agent: hostname app1.example',
      '/etc/salt/minion_id: Salt: app1.salt',
      '/etc/keepalived/keepalived.conf: Keepalived: virtual_router_id 51, vip 10.0.0.100/24',
      '/etc/sssd/sssd.conf: SSSD: domain corp.example, ad_domain corp.example',
      '/etc/samba/smb.conf: Samba: realm CORP.EXAMPLE, security ads',
      '/etc/bacula/bacula-fd.conf: Bacula: name app1-fd, name dir',
      '/etc/patroni/patroni.yml: Patroni: scope main, name pg1',
      '/etc/mysql/my.cnf: Galera: wsrep_node_name n1',
      '/etc/ipsec.conf: IPsec: conn office',
      '/etc/wireguard/wg0.conf: WireGuard: wg0',
      '/etc/app/tool.lic: bound to the host 001122334455, ID=12345',
    ]),
  );
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readIdentity } from '../../../../../src/inventory/survey/system/identity.ts';
import { AGENTS, CONFIGURED } from '../../../../../src/inventory/survey/system/identity-table.ts';
import { answersOf } from '../answers.ts';

const ID = '0123456789abcdef0123456789abcdef';

describe('what is bound to a machine', () => {
  it('tells each thing once, by the file that says most', () => {
    const answers = answersOf({
      'survey-user': '0\n',
      'machine-id': `${ID}\n`,
      'bus-machine-id': `${ID.replace('0', 'f')}\n`,
      'host-id': ' 007f0101\n',
      settings: [
        '/etc/zabbix/zabbix_agentd.conf\thostname\tapp1',
        '/etc/keepalived/keepalived.conf\tvirtual_router_id\t51',
        '/etc/keepalived/keepalived.conf\tvip\t10.0.0.100/24',
        '/etc/salt/minion_id\t=\tapp1.corp.example',
        '/etc/unknown/file.conf\thostname\tapp1',
        '/etc/zabbix/zabbix_agentd.conf\tid\tnot a key of Zabbix',
      ].join('\n'),
      agents: '/etc/zabbix\n/etc/salt/pki/minion\n/dev/tpmrm0\n',
      keytabs: '@@ /etc/krb5.keytab\nhost/app1@CORP\nHTTP/app1@CORP\n',
      'vpn-names': '/etc/wireguard/wg0.conf\n',
      'ubuntu-pro': '"attached": true\n',
      licences: '@@ /opt/tool/tool.lic\n001122334455\n',
      programs: 'keepalived\nlmgrd\nbash\ntoString\n',
    });
    const found = readIdentity(answers)?.map(({ kind, where, detail }) => `${kind} ${where}: ${detail}`);
    expect(found).toEqual([
      `machine-id /etc/machine-id: ${ID}`,
      `machine-id /var/lib/dbus/machine-id: ${ID.replace('0', 'f')}: another than /etc/machine-id, as on a machine that was made from a template`,
      'host-id /etc/hostid: 007f0101',
      'monitoring-agent /etc/zabbix/zabbix_agentd.conf: Zabbix agent: hostname app1',
      'cluster /etc/keepalived/keepalived.conf: Keepalived: virtual_router_id 51, vip 10.0.0.100/24',
      'configuration-agent /etc/salt/minion_id: Salt: app1.corp.example',
      'hardware /dev/tpmrm0: TPM: what is sealed to it opens nowhere else',
      'keytab /etc/krb5.keytab: keys of host/app1@CORP, HTTP/app1@CORP',
      'vpn /etc/wireguard/wg0.conf: WireGuard: wg0',
      'subscription /var/lib/ubuntu-advantage/status.json: Ubuntu Pro',
      'licence /opt/tool/tool.lic: bound to the host 001122334455',
      'licence process lmgrd: FlexLM licence server',
    ]);
    expect(answers.gaps).toEqual([]);
  });

  it('says what root alone could have read', () => {
    const answers = answersOf({
      ...{ 'survey-user': '1000\n', agents: '', keytabs: '@@ /etc/krb5.keytab\n' },
      'vpn-names': '! /etc/wireguard\n',
    });
    expect(readIdentity(answers)).toEqual([
      { kind: 'keytab', where: '/etc/krb5.keytab', detail: 'keys of Kerberos' },
    ]);
    expect(answers.gaps).toMatchObject([
      { what: 'principals in keytabs', why: 'needs-root' },
      { what: 'names of tunnels below /etc/wireguard', why: 'needs-root' },
    ]);
    const unasked = answersOf({});
    expect(readIdentity(unasked)).toBeUndefined();
    expect(unasked.gaps).toHaveLength(1);
  });

  it('puts no word of the table into the script that a shell would read as more than a path', () => {
    for (const place of [...CONFIGURED, ...AGENTS.map(agent => agent.place)])
      expect(place).toMatch(/^(?:\/[A-Za-z0-9._-]+)+$/);
  });
});

describe('the sudoers file', () => {
  const text = readFileSync(
    path.join(import.meta.dirname, '../../../../../docs/inventory-sudoers.conf'),
    'utf8',
  );

  it('lets nobody choose a word of a command', () => {
    const rules = text.replace(/^#.*$/gm, '');
    expect(rules).not.toMatch(/[*?[\]!]\s*\/|\*|\bALL\s*$/m);
    const commands = [...rules.matchAll(/\/usr\/bin\/timeout 20 (.+?)(?:, \\)?$/gm)].map(match => match[1]);
    expect(commands.toSorted()).toEqual(
      [
        '/usr/bin/klist -k /etc/krb5.keytab',
        '/usr/sbin/ip6tables-legacy-save',
        '/usr/sbin/ip6tables-save',
        '/usr/sbin/iptables-legacy-save',
        '/usr/sbin/iptables-save',
        '/usr/sbin/nft -j -t list ruleset',
        '/usr/sbin/nft -j list ruleset',
        '/usr/sbin/nft -j list sets',
        '/usr/sbin/nft list ruleset',
      ].toSorted(),
    );
  });
});

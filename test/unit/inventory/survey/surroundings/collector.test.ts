import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectorCommand } from '../../../../../src/inventory/collector/collector.ts';
import { readPeers, readSurroundings } from '../../../../../src/inventory/survey/surroundings.ts';
import { answersFrom, SURROUNDINGS } from '../answers.ts';

const SS = `#!/bin/sh
cat <<'X'
udp   UNCONN    0 0 10.1.0.11%eth0:68 0.0.0.0:*
udp   ESTAB     0 0 10.1.0.11:53555 10.1.0.2:53 users:(("nginx",pid=4,fd=1))
tcp   LISTEN    0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))
tcp   LISTEN    0 128 *:80 *:* users:(("nginx",pid=2,fd=3))
tcp   ESTAB     0 0 10.1.0.11:22 10.9.0.5:50000 users:(("sshd",pid=9,fd=3))
tcp   ESTAB     0 0 10.1.0.11:40000 10.1.0.9:5432 users:(("my app",pid=9,fd=3))
tcp   ESTAB     0 0 10.1.0.11:40001 10.1.0.9:5432 users:(("my app",pid=9,fd=4))
tcp   TIME-WAIT 0 0 [::ffff:10.1.0.11]:80 [::ffff:10.5.0.7]:51000
tcp   SYN-SENT  0 1 10.1.0.11:40010 10.1.0.40:2049
tcp   ESTAB     0 0 127.0.0.1:40010 127.0.0.1:80
X
`;

const FILES: Readonly<Record<string, string>> = {
  'proc/uptime': '100.5 20\n',
  'proc/self/mountinfo': [
    '22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw',
    '90 22 0:44 / /srv/data rw shared:50 - nfs4 nas1:/export/data rw,vers=4.2,clientaddr=10.1.0.11,addr=10.1.0.40',
    '91 22 0:45 / /mnt/leg\\040al rw - cifs //filer/legal rw,username=svc,password=hunter2,addr=10.1.0.41',
    '',
  ].join('\n'),
  'etc/fstab': '//filer/legal /mnt/leg\\040al cifs credentials=/root/.smb 0 0\n',
  'etc/hosts': '127.0.0.1 localhost\n10.1.0.9 db1 # main\n',
  'etc/resolv.conf': 'nameserver 10.1.0.2\nsearch corp.example\n',
  'etc/apt/apt.conf.d/proxy': 'Acquire::http::Proxy "http://user:hunter2/s@proxy.corp.example:3128/";\n',
  'etc/sssd/sssd.conf': 'ldap_uri = ldap://ldap1, ldaps://10.1.0.21:636\nldap_default_authtok = hunter2\n',
  'etc/systemd/system/mnt-old.mount': '[Mount]\nWhat=//u:hunter2@filer/old\nWhere=/mnt/old\nType=cifs\n',
  'etc/nginx/nginx.conf':
    '# 10.9.9.9\n  server 10.1.0.9:8080; # 10.1.0.8\nversion 1.2.3.4\nallow 10.1.0.0/24;\noid 1.3.6.1.4.1\n',
  'opt/shop/app.properties': 'db.url=jdbc:postgresql://10.1.0.9:5432/shop?password=hunter2\n',
  'srv/data/app.conf': 'x=10.66.0.1\n',
  'srv/local/app.conf': 'x=10.66.0.2\n',
};

async function asked(shell: string): Promise<string> {
  const root = mkdtempSync(path.join(tmpdir(), 'landfall-root-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries({ ...FILES, 'bin/ss': SS })) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text, { mode: name === 'bin/ss' ? 0o755 : 0o644 });
  }
  const [, ...args] = collectorCommand(root, SURROUNDINGS);
  const env = { PATH: `${root}/bin:/usr/bin:/bin`, SSH_CONNECTION: '10.9.0.5 50000 10.1.0.11 22' };
  const { stdout } = await execa(shell, args, { env, extendEnv: false });
  return stdout;
}

const SHELLS = ['/bin/dash', '/bin/bash'].filter(shell => existsSync(shell));

describe.each(SHELLS)('the collector asks of surroundings, with %s', shell => {
  it('whom a machine talks to and uses, and lets no secret leave', async () => {
    const stdout = await asked(shell);
    const answers = answersFrom(stdout);
    const everything = answers.named('').map(name => answers.section(name)?.text);
    expect(everything.join('\n')).not.toContain('hunter2');

    expect(readPeers(answers)?.peers.map(({ seen, ...peer }) => peer)).toEqual([
      { direction: 'out', protocol: 'udp', address: '10.1.0.2', port: 53, process: 'nginx' },
      { direction: 'out', protocol: 'tcp', address: '10.1.0.9', port: 5432, process: 'my app' },
      { direction: 'in', protocol: 'tcp', address: '10.5.0.7', port: 80, process: 'nginx' },
      { direction: 'out', protocol: 'tcp', address: '10.1.0.40', port: 2049, unanswered: true },
    ]);

    const { shares, upstreams, staticNames, hardAddresses } = readSurroundings(answers);
    expect(
      shares?.map(({ mountpoint, state, undocumented, answers: is }) => [
        mountpoint,
        state,
        undocumented,
        is,
      ]),
    ).toEqual([
      ['/srv/data', 'mounted', true, false],
      ['/mnt/leg al', 'mounted', undefined, false],
      ['/mnt/old', 'configured', undefined, undefined],
    ]);
    expect(upstreams?.map(({ role, host, port }) => [role, host, port])).toEqual([
      ['dns', '10.1.0.2', undefined],
      ['ldap', 'ldap1', undefined],
      ['ldap', '10.1.0.21', 636],
      ['proxy', 'proxy.corp.example', 3128],
    ]);
    expect(staticNames).toEqual([{ address: '10.1.0.9', names: ['db1'] }]);
    const found = hardAddresses?.map(
      ({ file, line, address, setting }) => `${file}:${line} ${address} ${setting}`,
    );
    // Nothing of /srv/data: the server that it is mounted from may be dead.
    expect(found?.toSorted()).toEqual([
      '/etc/nginx/nginx.conf:2 10.1.0.9 server',
      '/etc/sssd/sssd.conf:1 10.1.0.21 ldap_uri',
      '/opt/shop/app.properties:1 10.1.0.9 db.url',
      '/srv/local/app.conf:1 10.66.0.2 x',
    ]);
  });
});

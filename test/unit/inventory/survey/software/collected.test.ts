import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectorCommand, surveyCommand } from '../../../../../src/inventory/collector/collector.ts';
import { round } from '../../../../../src/inventory/collector/group.ts';
import { REAL_PLACES } from '../../../../../src/inventory/collector/survey/software/real-places.ts';
import { SOFTWARE_GROUPS } from '../../../../../src/inventory/collector/survey/software.ts';
import { decodeSections } from '../../../../../src/inventory/guest/sections.ts';
import { Answers } from '../../../../../src/inventory/survey/learn.ts';
import { readSoftware } from '../../../../../src/inventory/survey/software.ts';
import { commandLine } from '../../../../../src/remote/quote.ts';
import { CERTIFICATE, NOT_AFTER } from './certificate.ts';

const SECRET = 'Hunter2Hunter2';
const KEY = `-----BEGIN PRIVATE KEY-----\n${SECRET}${SECRET}\n-----END PRIVATE KEY-----\n`;

/** Files as administrators write them, each with a secret where one may stand. */
const FILES: Readonly<Record<string, string>> = {
  'etc/cron.d/shop': `# ${SECRET}
TOKEN=${SECRET}
5 4 * * * www-data /usr/bin/php /srv/shop/clean.php
MAILTO="ops@shop.example"
30 2 * * * root mysqldump -uroot -p${SECRET} shop | gzip > /backup/shop.gz
MAILTO=""
0 6 * * 1 root /opt/shop/report.sh weekly
`,
  'opt/shop/report.sh': `#!/bin/sh\n# mail nobody\nPASS=${SECRET}\ncurl -s http://x | mail -s report boss@shop.example\n`,
  'var/spool/cron/crontabs/anna': `@reboot curl -u me:${SECRET} https://x.example/ping\n`,
  'etc/cron.daily/newsletter': `#!/bin/sh\n/usr/sbin/sendmail -t < /srv/letter\n`,
  'etc/anacrontab': `SHELL=/bin/sh\n1 5 cron.daily run-parts /etc/cron.daily\n7 10 weekly-sync /usr/local/bin/sync --token ${SECRET}\n`,
  'var/spool/cron/atjobs/a0000101c3a5f8': `#!/bin/sh\n# atrun uid=0 gid=0\n# mail root 0\nDB_PASSWORD=${SECRET}; export DB_PASSWORD\ncd /root || {\n\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n}\n/root/switch.sh --password ${SECRET}\n`,
  'etc/nginx/sites-enabled/shop': `server {\n  # ssl_certificate /etc/old.pem;\n  ssl_certificate /srv2/tls/shop.bundle;\n  ssl_certificate_key /srv2/tls/shop.key;\n}\n`,
  'srv2/tls/shop.bundle': `${KEY}${CERTIFICATE}${CERTIFICATE}`,
  'etc/haproxy/certs/only-key.pem': KEY,
  'etc/app/broken.crt': `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${KEY}`,
  'etc/apt/sources.list': `deb http://ftp.debian.org/debian bookworm main\ndeb https://me:${SECRET}@packages.shop.example:8443/apt stable main\n# deb http://old.example/ x y\n`,
  'etc/apt/sources.list.d/off.sources': `Enabled: no\nURIs: https://off.example/\n\nURIs: https://on.example/${SECRET}\n`,
  'etc/yum.repos.d/x.repo': `[a]\nbaseurl=https://repo-a.example/\nenabled=1\npassword=${SECRET}\n[b]\nenabled = 0\nbaseurl=https://repo-b.example/\n`,
  'lib/apk/db/installed': 'P:musl\nV:1.2.4-r2\nA:x86_64\n\nP:nginx\nV:1.24.0-r7\nA:x86_64\n\n',
  'etc/postfix/main.cf': 'relayhost = [smtp.shop.example]:587\n',
  'var/spool/postfix/deferred/A/ABC': 'x',
  'var/spool/postfix/active/DEF': 'x',
  'etc/msmtprc': `host mx.shop.example\npassword ${SECRET}\n`,
  'etc/mysql/my.cnf': `[client]\npassword=${SECRET}\n[mysqld]\ndatadir=/var/lib/mysql\n`,
  'var/lib/mysql/master.info': `25\nbinlog.000003\n154\n10.10.0.4\nrepl\n${SECRET}\n3306\n`,
  'var/lib/postgresql/15/main/PG_VERSION': '15\n',
  'var/lib/postgresql/15/main/standby.signal': '',
  'var/lib/postgresql/15/main/postgresql.auto.conf': `primary_conninfo = 'user=repl password=${SECRET} host=10.10.0.7 port=5432'\n`,
  'etc/redis/redis.conf': `requirepass ${SECRET}\nmasterauth ${SECRET}\nreplicaof 10.10.0.8 6379\n`,
  'etc/ldap/slapd.d/cn=config/olcDatabase={1}mdb.ldif': `olcRootPW: ${SECRET}\nolcDbDirectory: /var/lib/ldap\nolcSyncrepl: rid=1 provider=ldap://10.10.0.9 credentials=${SECRET}\n`,
  'var/lib/ldap/data.mdb': 'x',
  'var/lib/lxc/web/config': `lxc.environment = TOKEN=${SECRET}\n`,
  'var/lib/snapd/snaps/core22_1.snap': 'x',
  'var/lib/snapd/snaps/lxd_200.snap': 'x',
  'var/lib/snapd/snaps/lxd_99.snap': 'x',
  'var/lib/containers/storage/overlay-containers/containers.json': JSON.stringify([
    {
      names: ['cache'],
      image: 'abc',
      metadata: JSON.stringify({ 'image-name': 'docker.io/library/redis:7' }),
    },
  ]),
  'var/lib/docker/containers/abc/config.v2.json': `{"Env":["TOKEN=${SECRET}"]}`,
};

const SHELLS = [['/bin/dash'], ['/bin/bash'], ['/usr/bin/busybox', 'sh']].filter(([shell = '']) =>
  existsSync(shell),
);

async function collected(shell: readonly string[]): Promise<Answers> {
  const root = mkdtempSync(path.join(tmpdir(), 'landfall root-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  chmodSync(path.join(root, 'opt/shop/report.sh'), 0o755);
  mkdirSync(path.join(root, 'etc/letsencrypt/live/old'), { recursive: true });
  symlinkSync('../../archive/old/fullchain1.pem', path.join(root, 'etc/letsencrypt/live/old/fullchain.pem'));
  const [program = '', ...words] = shell;
  const [, ...args] = collectorCommand(root, REAL_PLACES + round('software', SOFTWARE_GROUPS));
  const { stdout } = await execa(program, [...words, ...args]);
  return new Answers(decodeSections(stdout, 'here'));
}

describe('what the collector brings home of software', () => {
  it.each(SHELLS)('is what is there, and never a secret: %s', async (...shell) => {
    const answers = await collected(shell);
    for (const name of answers.named('')) expect(answers.section(name)?.text, name).not.toContain(SECRET);
    const found = readSoftware(answers);

    const schedules = new Map(found.schedules?.map(each => [`${each.where} ${each.when}`, each]));
    expect(schedules.get('/etc/cron.d/shop 5 4 * * *')).toEqual({
      ...{ kind: 'cron', where: '/etc/cron.d/shop', user: 'www-data', when: '5 4 * * *' },
      what: '/usr/bin/php /srv/shop/clean.php',
    });
    expect(schedules.get('/etc/cron.d/shop 30 2 * * *')).toMatchObject({
      ...{ what: 'mysqldump -uroot -pwithheld shop | gzip > /backup/shop.gz' },
      ...{ mails: true, mailTo: 'ops@shop.example' },
    });
    expect(schedules.get('/etc/cron.d/shop 0 6 * * 1')).toMatchObject({ mails: true });
    expect(schedules.get('/etc/cron.d/shop 0 6 * * 1')).not.toHaveProperty('mailTo');
    expect(schedules.get('/var/spool/cron/crontabs/anna @reboot')).toMatchObject({ user: 'anna' });
    expect(schedules.get('/etc/cron.daily/newsletter every day')).toMatchObject({ mails: true });
    expect(schedules.get('/etc/anacrontab every 7 days')?.what).toBe('/usr/local/bin/sync --token withheld');
    expect(found.schedules?.find(({ kind }) => kind === 'at')).toMatchObject({
      ...{ user: '0', what: '/root/switch.sh --password withheld' },
      when: new Date(0x01c3a5f8 * 60_000).toISOString(),
    });

    expect(found.containers?.map(({ engine, name, image }) => `${engine} ${name} ${image}`.trim())).toEqual([
      'lxc web',
      'podman cache docker.io/library/redis:7',
      'snap lxd revision 200',
    ]);
    expect(found.packages).toMatchObject({ manager: 'apk', count: 2 });
    expect(found.certificates).toEqual([
      {
        ...{ path: '/srv2/tls/shop.bundle', subject: 'O=Example, CN=shop.example' },
        ...{ issuer: 'O=Example, CN=shop.example', selfSigned: true, notAfter: NOT_AFTER },
        names: ['shop.example', 'www.shop.example', '10.10.0.5'],
      },
    ]);
    expect(found.mail).toEqual([
      { agent: 'postfix', queued: 2, relay: 'smtp.shop.example' },
      { agent: 'msmtp', queued: 0, relay: 'mx.shop.example' },
    ]);
    expect(answers.text('repositories')?.trim().split('\n').toSorted()).toEqual([
      '/etc/apt/sources.list\t2\tpackages.shop.example',
      '/etc/apt/sources.list.d/off.sources\t4\ton.example',
      '/etc/yum.repos.d/x.repo\t2\trepo-a.example',
    ]);
    const copies = answers.text('data-copies') ?? '';
    expect(copies).toContain('standby 10.10.0.7');
    expect(copies).toContain('replica 10.10.0.4');
    expect(answers.text('data-configurations')).toContain('copy\tredis\t10.10.0.8');
    expect(answers.text('data-configurations')).toContain('copy\tldap\t10.10.0.9');
    expect(found.dataServices?.map(({ engine, process }) => `${engine}: ${process}`)).toContain(
      'PostgreSQL: not running',
    );
    expect(answers.gaps.map(({ what, why }) => `${what}: ${why}`)).toEqual(
      expect.arrayContaining([
        'containers of docker: refused',
        'files that should hold a certificate (1): unreadable',
      ]),
    );
  });

  it('is asked by a script that one argument can hold', () => {
    // Linux takes no argument longer than 128 KiB, and a shell at the host gets the whole line as one.
    expect(commandLine(surveyCommand()).length).toBeLessThan(128 * 1024 - 1024);
  });
});

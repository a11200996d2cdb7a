import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readActsTwice } from '../../../src/inventory/acts-twice/acts-twice.ts';
import { cronParts, cronTables, programsOf } from '../../../src/inventory/acts-twice/cron.ts';
import type { Sections } from '../../../src/inventory/guest/sections.ts';

const sections = (texts: Readonly<Record<string, string>>): Sections =>
  new Map(Object.entries(texts).map(([name, text]) => [name, { rc: 0, text }]));

describe('units', () => {
  it.each([
    ['cron.service', 'cron'],
    ['postfix@-.service', 'mail'],
    ['exim4.service', 'mail'],
    ['celery.service', 'queue'],
    ['sidekiq-mailers.service', 'queue'],
    ['orders-worker.service', 'queue'],
    ['kafka-connect.service', 'queue'],
    ['bacula-fd.service', 'backup'],
    ['zabbix-agent2.service', 'monitoring'],
    ['telegraf.service', 'monitoring'],
    ['pacemaker.service', 'cluster'],
    ['keepalived.service', 'cluster'],
    ['unattended-upgrades.service', 'update'],
    ['puppet.service', 'update'],
    ['dhcpcd.service', 'lease'],
  ])('%s is %s', (unit, kind) => {
    const [fact] = readActsTwice(sections({}), [unit], []) ?? [];
    expect(fact).toMatchObject({ kind, name: unit, unit });
  });

  it('leaves alone what serves, and templates', () => {
    const units = ['nginx.service', 'ssh.service', 'mariadb.service', 'postgresql.service', 'smbd.service'];
    expect(
      readActsTwice(sections({}), [...units, 'postfix@.service', 'systemd-timesyncd.service'], []),
    ).toEqual([]);
  });

  it('takes silence for no answer', () => {
    expect(readActsTwice(sections({}), undefined, [])).toBeUndefined();
  });
});

describe('timers', () => {
  it('reads all widths of the table, leaves housekeeping, and tells what is started', () => {
    const timers = `Sun 2026-11-22 13:56:51 UTC 14min left  Sun 2026-11-22 13:41:51 UTC 2s ago scrub.timer  scrub.service
Mon 2026-11-23 00:25:56 UTC 10h left    -    -     fstrim.timer   fstrim.service
- - - - apt-daily.timer apt-daily.service
n/a n/a n/a n/a certbot.timer certbot.service
`;
    expect(readActsTwice(sections({ timers }), [], [])).toEqual([
      {
        kind: 'timer',
        name: 'scrub.timer',
        unit: 'scrub.timer',
        detail: 'starts scrub.service by the clock',
      },
      {
        ...{ kind: 'update', name: 'apt-daily.timer', unit: 'apt-daily.timer' },
        detail: 'starts apt-daily.service by the clock',
      },
      {
        ...{ kind: 'update', name: 'certbot.timer', unit: 'certbot.timer' },
        detail: 'starts certbot.service by the clock',
      },
    ]);
  });
});

describe('cron', () => {
  it('tells when and which programs, by whose table', () => {
    const tables = cronTables(
      [
        '/etc/crontab\t17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly',
        '/etc/crontab\t25 6\t* * *\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }',
        '/etc/cron.d/backup\t30 2 * * * root nice -n 19 /usr/local/bin/backup --password hunter2 >/dev/null 2>&1',
        '/etc/cron.d/backup\t@daily root curl -u me:hunter2 https://x | mail -s hunter2 me@x',
        '/etc/cron.d/e2scrub_all\t30 3 * * 0 root /sbin/e2scrub_all',
        '/var/spool/cron/crontabs/bob\t*/5 * * * * PASS=hunter2 python3 /home/bob/x.py hunter2%hunter2',
        'noise',
      ].join('\n'),
    );
    expect(tables).toEqual([
      {
        ...{ kind: 'cron', name: '/etc/cron.d/backup', file: '/etc/cron.d/backup' },
        detail: '30 2 * * * root: /usr/local/bin/backup; @daily root: curl, mail',
      },
      {
        ...{ kind: 'cron', name: '/var/spool/cron/crontabs/bob', file: '/var/spool/cron/crontabs/bob' },
        detail: '*/5 * * * *: python3',
      },
    ]);
    expect(JSON.stringify(tables)).not.toContain('hunter2');
  });

  it('tells scripts of cron.daily and its sisters, wherever the host keeps its root', () => {
    const text = '/x/fs/root/etc/cron.daily/logrotate\n/etc/cron.daily/report\n/etc/cron.weekly/a.dpkg-old\n';
    expect(
      cronParts(`${text}/etc/cron.daily/apt-compat\n`).map(({ kind, name, detail }) => [kind, name, detail]),
    ).toEqual([
      ['cron', '/etc/cron.daily/report', 'every day'],
      ['update', '/etc/cron.daily/apt-compat', 'every day'],
    ]);
  });

  it('never tells an argument, and never throws', () => {
    const secret = 'Hunter2Hunter2';
    const word = fc.oneof(
      fc.constantFrom(
        '-p',
        '--token',
        '/usr/bin/x',
        'env',
        'A=1',
        'nice',
        '-n',
        '19',
        '|',
        '&&',
        ';',
        '2>&1',
      ),
      fc.stringMatching(/^[a-z]{1,5}$/),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), words => {
        const told = programsOf(
          `/usr/bin/job ${words.join(' ')} -p${secret} --key=${secret} user:${secret}@x`,
        );
        expect(told.join(' ')).not.toContain(secret);
        cronTables(`/etc/crontab\t${words.join(' ')}`);
      }),
    );
    fc.assert(fc.property(fc.string(), text => void [cronTables(text), cronParts(text), programsOf(text)]));
  });
});

it('names interfaces that ask for a lease, without anything to put aside', () => {
  const config = { manager: 'ifupdown' as const, file: '/etc/network/interfaces', addresses: [], dhcp: true };
  expect(readActsTwice(sections({}), [], [{ ...config, interface: 'eth0' }])).toEqual([
    { kind: 'lease', name: 'eth0 (/etc/network/interfaces)', detail: 'asks for its address by DHCP' },
  ]);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSoftware } from '../../../../../src/inventory/survey/software.ts';
import { surveyFacts } from '../../../../../src/journal/facts-survey.ts';
import { answersOf, wildSections } from '../answers.ts';
import { CERTIFICATE } from './certificate.ts';

const BODY = CERTIFICATE.split('\n').slice(1, -2).join('\n');

const DOCKER = `["/shop-db","postgres:15","running","unless-stopped",{"5432/tcp":[{"HostIp":"127.0.0.1","HostPort":"5432"},{"HostIp":"","HostPort":"5433"}]},[{"Type":"volume","Name":"data","Source":"/var/lib/docker/volumes/data/_data","Destination":"/var/lib/postgresql/data"},{"Type":"tmpfs","Source":"","Destination":"/tmp"}]]
["/once","busybox","exited","no",{},null]
`;
const TIMERS = `Unit=backup.service
TimersCalendar={ OnCalendar=*-*-* 02:00:00 ; next_elapse=Tue 2026-11-24 02:00:00 UTC }
TimersMonotonic={ OnBootUSec=15min ; next_elapse=15min }
Id=backup.timer

Unit=systemd-tmpfiles-clean.service
TimersMonotonic={ OnBootUSec=15min ; next_elapse=15min }
Id=systemd-tmpfiles-clean.timer
@ services
ExecStart=/usr/local/bin/backup --token withheld
User=backup
Id=backup.service
`;
const PROCESSES = `process\tpostgres\t812\t-\t
program\t812\t/usr/lib/postgresql/15/bin/postgres
place\t812\t/var/lib/postgresql/15/main
process\tmysqld\t900\tcontained\t
process\tjava\t901\t-\torg.elasticsearch.bootstrap.Elasticsearch
`;
const SS = `tcp   LISTEN 0      200        127.0.0.1:5432       0.0.0.0:*    users:(("postgres",pid=812,fd=6))
tcp   LISTEN 0      200        [::]:9200       [::]:*    users:(("java",pid=901,fd=6))
`;

const GOOD = {
  'survey-user': ['0\n', '1000\n'],
  cron: ['/etc/cron.d/x\t5 4 * * * root /usr/bin/x\n/etc/cron.daily/newsletter\n'],
  'cron-mail': ['/etc/cron.d/x\t0\tops@x.example\n/etc/cron.d/x\t0\t+\n'],
  anacron: ['7 10 weekly-sync /usr/local/bin/sync\n'],
  timers: ['Tue 2026-11-24 02:00:00 UTC 3h left n/a n/a backup.timer backup.service\n'],
  'timer-units': [TIMERS],
  'at-jobs': ['/var/spool/cron/atjobs/a0000101c3a5f8\t0\t1\t/root/switch.sh\n', '! needs root\n'],
  'containers:state': ['docker asked\npodman asked\n', 'docker stopped\nlxc needs-root\n', '\n'],
  'containers:docker': [DOCKER],
  'containers:podman': [DOCKER],
  'containers:podman-files': ['@@ /var/lib\n[{"names":["a"],"image":"b","metadata":"{}"}]\n'],
  'containers:lxc': ['lxc\tweb\nup\tweb\nincus\tdb\nsystemd-nspawn\tm\trunning\n'],
  'containers:kubernetes': ['default_shop-7f_uid\tapp\n'],
  'containers:containerd': ['default\tweb    docker.io/x:1   io.containerd.runc.v2\n'],
  'containers:snap': ['lxd_1.snap\ncore22_9.snap\n'],
  packages: [
    'dpkg\nii \tbash\t5.2\tamd64\nhi \tlinux-image\t6.1\tamd64\nrc \told\t1\tall\n',
    'rpm\nii\tbash\t5-1\tx86_64\n',
  ],
  'packages-held': ['kernel\n'],
  certificates: [`@@ /etc/a.pem\n${BODY}\n@@ /etc/b.crt\n@- /etc/c.pem\n@! more\n`],
  mail: ['postfix\tsmtp.x.example\t3\nmsmtp\t\t0\n', 'exim\t\t-\n'],
  'data-processes': [PROCESSES],
  'data-configurations': [
    'config\telasticsearch\t/srv/es\t/etc/elasticsearch/elasticsearch.yml\ncopy\telasticsearch\t10.0.0.1,10.0.0.2\n',
  ],
  'data-places': ['/var/lib/postgresql/15/main\n/srv/es\n/var/lib/redis\n'],
  'data-copies': [
    'copy-of\t/var/lib/postgresql/15/main\tversion 15\ncopy-of\t/var/lib/postgresql/15/main\tslot dallas\n',
  ],
  'data-sizes': ['size\t/var/lib/postgresql/15/main\t1000\ncut\t/srv/es\n'],
  ss: [SS],
  'hot-files': ['grafana\t/var/lib/grafana/grafana.db-wal\n'],
};

const first = (): Record<string, string> =>
  Object.fromEntries(Object.entries(GOOD).map(([name, [text = '']]) => [name, text]));

describe('the software of a guest', () => {
  it('is told from answers as hosts give them', () => {
    const answers = answersOf(first());
    const found = readSoftware(answers);
    expect(found.schedules).toContainEqual({
      ...{ kind: 'timer', where: 'backup.timer', user: 'backup' },
      when: 'OnCalendar=*-*-* 02:00:00, OnBootSec=15min',
      what: '/usr/local/bin/backup --token withheld',
    });
    expect(found.schedules?.filter(({ kind }) => kind === 'timer').length).toBe(1);
    expect(found.containers).toContainEqual({
      ...{
        engine: 'docker',
        name: 'shop-db',
        image: 'postgres:15',
        state: 'running',
        restart: 'unless-stopped',
      },
      ports: ['127.0.0.1:5432->5432/tcp', '5433->5432/tcp'],
      volumes: ['/var/lib/docker/volumes/data/_data:/var/lib/postgresql/data'],
    });
    expect(found.packages).toMatchObject({ manager: 'dpkg', count: 2, held: ['kernel', 'linux-image'] });
    expect(found.dataServices).toEqual([
      {
        ...{ engine: 'Elasticsearch', process: 'java', directories: ['/srv/es'], ports: [9200] },
        replication: 'cluster with 10.0.0.1,10.0.0.2',
      },
      { engine: 'MySQL or MariaDB', process: 'mysqld, in a container', directories: [], ports: [] },
      {
        ...{ engine: 'PostgreSQL', version: '15', process: 'postgres', ports: [5432], bytes: 1_024_000 },
        ...{ directories: ['/var/lib/postgresql/15/main'], replication: 'others read from it: slots dallas' },
      },
      { engine: 'Redis', process: 'not running', directories: ['/var/lib/redis'], ports: [] },
      { engine: 'SQLite', process: 'grafana', directories: ['/var/lib/grafana'], ports: [] },
    ]);
    expect(answers.gaps.map(({ what, why }) => `${what}: ${why}`)).toEqual([
      'files that should hold a certificate (1): unreadable',
      'more than 200 files with certificates: cut-short',
      'certificates in closed files: needs-root',
      'sizes of services that hold data: timed-out',
    ]);
  });

  it('does not call a directory that is closed one that took too long', () => {
    const answers = answersOf({ ...first(), 'data-sizes': 'closed\t/srv/es\n' });
    readSoftware(answers);
    expect(answers.gaps).toContainEqual(
      expect.objectContaining({
        what: 'sizes of services that hold data',
        why: 'needs-root',
        raw: '/srv/es',
      }),
    );
  });

  it('tells of a second cluster that is down beside the one that runs', () => {
    const places = '/var/lib/postgresql/15/main\n/var/lib/postgresql/13/old\n';
    const { dataServices } = readSoftware(answersOf({ ...first(), 'data-places': places }));
    expect(
      dataServices
        ?.filter(({ engine }) => engine === 'PostgreSQL')
        .map(each => [each.process, each.directories]),
    ).toEqual([
      ['not running', ['/var/lib/postgresql/13/old']],
      ['postgres', ['/var/lib/postgresql/15/main']],
    ]);
  });

  it('has a digest of its packages that does not depend on their order, and changes with a version', () => {
    const digest = (text: string): string | undefined =>
      readSoftware(answersOf({ packages: text })).packages?.digest;
    const one = digest('rpm\nii\ta\t1-1\tx86_64\nii\tb\t2-1\tx86_64\n');
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(digest('rpm\nii\tb\t2-1\tx86_64\nii\ta\t1-1\tx86_64\n')).toBe(one);
    expect(digest('rpm\nii\tb\t2-2\tx86_64\nii\ta\t1-1\tx86_64\n')).not.toBe(one);
  });

  it('leaves a gap where a package manager was locked, and none where there is none', () => {
    const locked = answersOf({ ...first(), packages: 124, 'packages-held': '' });
    expect(readSoftware(locked)).not.toHaveProperty('packages');
    expect(locked.gaps).toContainEqual(expect.objectContaining({ what: 'packages', why: 'timed-out' }));
    expect(readSoftware(answersOf({ packages: 'none\n' })).packages).toMatchObject({
      manager: 'none',
      count: 0,
    });
  });

  it('says what only root could have seen', () => {
    const answers = answersOf({
      ...first(),
      'survey-user': '1000\n',
      mail: 'exim\t\t-\n',
      'containers:state': 'docker needs-root\n',
    });
    const found = readSoftware(answers);
    expect(found.mail).toEqual([{ agent: 'exim' }]);
    expect(answers.gaps.filter(({ why }) => why === 'needs-root').map(({ what }) => what)).toEqual([
      'cron tables of users',
      'containers that users run for themselves',
      'containers of docker',
      'certificates in closed files',
      'where databases of others keep their files',
      'the queue of exim',
    ]);
  });

  it('never throws, stays within its bounds and is what the journal accepts, whatever hosts answer', () => {
    fc.assert(
      fc.property(wildSections(GOOD), sections => {
        const answers = answersOf(sections);
        const survey = { root: false, gaps: answers.gaps, ...readSoftware(answers) };
        expect(surveyFacts.parse(survey)).toEqual(survey);
        expect(JSON.stringify(survey).length).toBeLessThan(200_000);
        // Nothing that a terminal would take for an order.
        expect(JSON.stringify(survey)).not.toMatch(/\\u00(?:[01]|7f|8|9)/);
      }),
      { numRuns: 300 },
    );
  });
});

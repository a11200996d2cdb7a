import type { SurveyFacts } from '../../../../src/journal/facts-survey.ts';
import type { Plan } from '../../../../src/plan/schema.ts';
import type { Estate } from '../../../../src/reports/inventory/estate.ts';
import { HOUR, machinePlan, planOf, Story, T0 } from '../../../support/state.ts';

/** A shop of two departments, looked at in full: what inventory documents and screens are tested on. */
export function shop(): Plan {
  const connection = { address: 'sql1', user: 'repl', password: 'env:SQL_PASSWORD' };
  return planOf({
    machines: {
      web1: machinePlan({ owner: 'web team', department: 'Sales & Web', role: 'shop front', after: ['db1'] }),
      db1: machinePlan({ department: 'Finance', checks: [{ tcp: 5432 }], address_after: '10.30.0.12' }),
      old1: machinePlan({ tier: 'normal' }),
    },
    databases: {
      Orders: { tier: 'critical', publisher: connection, subscriber: connection, department: 'Finance' },
    },
  });
}

export const survey = (parts: Partial<SurveyFacts> = {}): SurveyFacts => ({ root: true, gaps: [], ...parts });

/** What was seen inside web1: one of everything that a person has to settle. */
export const WEB1 = survey({
  root: false,
  gaps: [
    {
      what: 'firewall rules',
      why: 'needs-root',
      help: 'landfall-inv ALL=(root) NOPASSWD: /usr/sbin/nft list ruleset',
    },
    { what: 'certificates below /opt', why: 'timed-out' },
  ],
  shares: [
    {
      mountpoint: '/mnt/legacy',
      type: 'nfs4',
      server: 'nas9.miami.example',
      path: '/export/cfg',
      state: 'mounted',
      answers: false,
      undocumented: true,
    },
  ],
  schedules: [
    {
      kind: 'cron',
      where: '/etc/cron.d/invoices',
      user: 'shop',
      when: '0 6 * * *',
      what: 'send-invoices | mail -s invoices sales@example.com',
      mails: true,
    },
  ],
  identity: [{ kind: 'licence', where: '/opt/print/licence.lic', detail: 'bound to host id 52540012' }],
  certificates: [
    {
      path: '/etc/nginx/tls/shop.pem',
      subject: 'CN=shop.example',
      names: ['shop.example'],
      notAfter: T0 - HOUR,
    },
    { path: '/etc/ssl/far.pem', subject: 'CN=far', names: [], notAfter: T0 + 400 * 24 * HOUR },
  ],
  dataServices: [
    {
      engine: 'PostgreSQL',
      version: '15.6',
      process: 'postgres',
      directories: ['/var/lib/postgresql/15'],
      ports: [5432],
      bytes: 12e9,
      replication: 'replica of 10.20.0.44',
    },
  ],
  containers: [
    {
      engine: 'docker',
      name: 'queue',
      image: 'rabbitmq:3',
      state: 'running',
      ports: ['5672/tcp'],
      volumes: ['/srv/queue'],
    },
  ],
  upstreams: [{ role: 'dns', host: '10.20.0.2', where: '/etc/resolv.conf', line: 1 }],
});

/** A disk and a guest that could be built as they are. */
const UUID = 'aaaaaaaa-1111-4111-8111-111111111111';
const WHOLE = {
  blocks: [
    { device: '/dev/vda', type: 'disk', size: 20e9, serial: 'vda-serial' },
    { device: '/dev/vda1', type: 'part', size: 20e9, parent: '/dev/vda', fstype: 'ext4', uuid: UUID },
  ],
  fileSystems: [
    {
      mountpoint: '/',
      device: '/dev/vda1',
      type: 'ext4',
      uuid: UUID,
      size: 20e9,
      used: 8e9,
      inodesUsed: 120_000,
    },
  ],
  partitionTables: { '/dev/vda': 'label: dos\n/dev/vda1 : start=2048, size=39000000, type=83\n' },
};
const DISK = {
  disks: [
    {
      target: 'vda',
      source: '/pool/vda.qcow2',
      format: 'qcow2',
      bus: 'virtio',
      serial: 'vda-serial',
      capacity: 20e9,
      allocation: 9e9,
    },
  ],
};

/** Looked at in the order: web1 and db1 just now, old1 never; the SQL Server with too few rights. */
export function looked(plan = shop()): Story {
  const story = new Story(plan).begin();
  story.observe(
    'web1',
    {
      ...WHOLE,
      actsTwice: [],
      sockets: [{ protocol: 'tcp', address: '0.0.0.0', port: 443, process: 'nginx' }],
    },
    DISK,
  );
  story.tell({ type: 'machine.surveyed', machine: 'web1', survey: WEB1, digest: 'd' });
  story.observe('db1', WHOLE, DISK);
  story.tell({ type: 'machine.surveyed', machine: 'db1', survey: survey(), digest: 'd' });
  return story.tell({
    type: 'server.surveyed',
    server: 'sql1:1433',
    databases: ['Orders'],
    survey: {
      name: 'MIA-SQL1',
      version: '15.0.4355',
      edition: 'Standard Edition',
      missingRights: [
        {
          right: 'VIEW SERVER STATE',
          unlocks: 'sessions and memory',
          grant: 'GRANT VIEW SERVER STATE TO [repl]',
        },
      ],
      gaps: [],
      databases: [
        {
          name: 'Orders',
          state: 'ONLINE',
          recovery: 'FULL',
          compatibility: 150,
          dataBytes: 50e9,
          logBytes: 4e9,
          features: ['cdc'],
        },
      ],
      jobs: [
        {
          name: 'Replicate to HQ',
          enabled: true,
          schedule: 'every 5 minutes',
          lastOutcome: 'failed',
          failingSince: T0 - 60 * 24 * HOUR,
        },
        { name: 'Reindex', enabled: true, lastOutcome: 'succeeded' },
      ],
    },
  });
}

export const ESTATE: Estate = {
  dependencies: {
    edges: [
      {
        from: 'web1',
        to: { kind: 'unknown', address: '10.20.0.99', atSource: true },
        via: 'socket',
        port: 6379,
        evidence: ['php-fpm to 10.20.0.99:6379, in 4 of 4 looks'],
        seenAt: T0,
      },
      { from: 'web1', to: { kind: 'machine', name: 'db1' }, via: 'plan', evidence: ['after'], seenAt: T0 },
      {
        from: 'db1',
        to: { kind: 'external', name: 'bank', address: 'bank.example' },
        via: 'upstream',
        evidence: [],
        seenAt: T0,
      },
    ],
    findings: [
      {
        check: 'depends-10.20.0.99-6379',
        subject: 'web1',
        kind: 'soon-dead',
        what: 'web1 talks to 10.20.0.99:6379, which nobody moves',
        why: 'it goes down with the source site',
        evidence: ['php-fpm to 10.20.0.99:6379, in 4 of 4 looks'],
        next: ['name it under external: in the plan'],
        seenAt: T0,
      },
    ],
    order: [['db1'], ['web1']],
    circles: [],
    contradictions: [
      {
        subject: 'old1',
        needs: 'db1',
        why: 'it has its address in a file',
        next: ['machines.old1.after: [db1]'],
      },
    ],
  },
  drift: [
    {
      id: 'unlisted-domain:legacy-cron',
      kind: 'unlisted-domain',
      subject: 'mia-kvm1',
      severity: 'warning',
      what: 'legacy-cron runs there and is not in the plan',
      why: 'what is not in the plan stays behind',
      evidence: [],
      next: ['put it into the plan, or waive it'],
      seenAt: T0,
    },
  ],
};

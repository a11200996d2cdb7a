import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSections } from '../../../src/inventory/guest/sections.ts';
import { readSurvey } from '../../../src/inventory/survey/survey.ts';
import { surveyDrift } from '../../../src/inventory/survey-drift.ts';
import type { ContainerFacts, FirewallFacts, SurveyFacts } from '../../../src/journal/facts-survey.ts';
import { collectorOutput, GUESTS, recordedGuest } from '../../support/recorded-host.ts';

const survey = (parts: Partial<SurveyFacts> = {}): SurveyFacts => ({ root: true, gaps: [], ...parts });

const share = {
  mountpoint: '/srv',
  type: 'nfs4',
  server: 'nas1',
  path: '/export',
  state: 'mounted',
} as const;
const cron = { kind: 'cron', where: '/etc/crontab', user: 'root', when: '0 6 * * *', what: 'send' } as const;
const docker: ContainerFacts = {
  ...{ engine: 'docker' as const, name: 'shop', image: 'shop:1', state: 'running', ports: [], volumes: [] },
};
const certificate = { path: '/etc/tls.pem', subject: 'CN=x', names: ['x'], notAfter: 1000 };
const upstream = { role: 'dns', host: '10.1.0.53', where: '/etc/resolv.conf' } as const;
const postgres = { engine: 'PostgreSQL', process: 'postgres', directories: ['/var/lib/pg'], ports: [5432] };
const identity = { kind: 'licence', where: '/opt/a.lic', detail: 'host id 1' } as const;
const firewall: FirewallFacts = { kind: 'nftables', rules: 10, addresses: ['10.0.0.0/8'] };
const packages = { manager: 'dpkg', count: 400, digest: 'a' } as const;

describe('what changed between two surveys', () => {
  it.each<[string, Partial<SurveyFacts>, Partial<SurveyFacts>, string[]]>([
    [
      'packages that were updated',
      { packages },
      { packages: { ...packages, digest: 'b' } },
      ['packages were updated or exchanged (400 packages as before)'],
    ],
    [
      'packages that came',
      { packages },
      { packages: { ...packages, digest: 'b', count: 402, held: ['nginx'] } },
      [
        'packages were installed or removed: there were 400, and there are 402',
        'the hold on the package nginx is new',
      ],
    ],
    ['a share', {}, { shares: [share] }, []],
    ['a share', { shares: [] }, { shares: [share] }, ['the share nas1:/export at /srv is new']],
    ['a share', { shares: [share] }, { shares: [] }, ['the share nas1:/export at /srv is gone']],
    [
      'a schedule',
      { schedules: [cron] },
      { schedules: [{ ...cron, when: '0 7 * * *' }] },
      [
        'the job send (0 7 * * *, as root, in /etc/crontab) is new',
        'the job send (0 6 * * *, as root, in /etc/crontab) is gone',
      ],
    ],
    [
      'the image of a container',
      { containers: [docker] },
      { containers: [{ ...docker, image: 'shop:2', state: 'exited' }] },
      ['the image of the container shop of docker changed from shop:1 to shop:2'],
    ],
    [
      'a certificate of another issuer',
      { certificates: [{ ...certificate, issuer: 'CN=ca1' }] },
      { certificates: [{ ...certificate, issuer: 'CN=ca2', names: ['y'] }] },
      [
        'the issuer of the certificate /etc/tls.pem changed from CN=ca1 to CN=ca2',
        'in the certificate /etc/tls.pem the name y is new',
        'in the certificate /etc/tls.pem the name x is gone',
      ],
    ],
    [
      'an upstream',
      { upstreams: [upstream] },
      { upstreams: [{ ...upstream, host: '10.1.0.54' }] },
      [
        'the server that it is configured to use 10.1.0.54 (dns, in /etc/resolv.conf) is new',
        'the server that it is configured to use 10.1.0.53 (dns, in /etc/resolv.conf) is gone',
      ],
    ],
    [
      'a service with data',
      { dataServices: [{ ...postgres, version: '14.1' }] },
      { dataServices: [{ ...postgres, version: '14.2', replication: 'replica of 10.0.0.4' }] },
      [
        'the version of PostgreSQL in /var/lib/pg changed from 14.1 to 14.2',
        'what PostgreSQL in /var/lib/pg says of copies of its own changed from none to replica of 10.0.0.4',
      ],
    ],
    [
      'a route',
      { routes: [{ to: 'default', via: '10.1.0.1', device: 'eth0' }] },
      { routes: [{ to: 'default', via: '10.1.0.2', device: 'eth0' }] },
      ['the route to default via 10.1.0.2 eth0 is new', 'the route to default via 10.1.0.1 eth0 is gone'],
    ],
    [
      'a firewall that was taken down',
      { firewall },
      { firewall: { ...firewall, rules: 0, addresses: [] } },
      ['the firewall has no rule any more'],
    ],
    [
      'a rule of a firewall',
      { firewall },
      { firewall: { ...firewall, rules: 11 } },
      ['the number of rules of the firewall changed from 10 to 11'],
    ],
    [
      'an identity',
      { identity: [identity] },
      { identity: [{ ...identity, detail: 'host id 2' }] },
      ['of licence (/opt/a.lic) what it says changed from host id 1 to host id 2'],
    ],
  ])('%s', (_, before, after, sentences) => {
    expect(surveyDrift(survey(before), survey(after))).toEqual(sentences);
  });

  it('is quiet about what moves by itself', () => {
    const before = survey({
      containers: [{ ...docker, engine: 'kubernetes', name: 'web-5d8f-abcde' }],
      certificates: [certificate],
      schedules: [cron],
      dataServices: [{ ...postgres, bytes: 1 }],
      shares: [{ ...share, state: 'automount' }],
      routes: [{ to: '172.17.0.0/16', device: 'docker0' }],
      firewall,
      mail: [{ agent: 'postfix', queued: 1 }],
      time: { service: 'chrony', offsetMs: 1 },
      load: { cpus: 1, one: 1, memory: 1, available: 1 },
    });
    const after = survey({
      containers: [{ ...docker, engine: 'kubernetes', name: 'web-5d8f-fghij' }],
      certificates: [{ ...certificate, notAfter: 2000 }],
      schedules: [cron, { ...cron, kind: 'at', where: 'job 7' }],
      dataServices: [{ ...postgres, bytes: 2 }],
      shares: [{ ...share, answers: true }],
      routes: [],
      firewall: { ...firewall, rules: 40, addresses: ['10.0.0.0/8', '203.0.113.9'] },
      mail: [{ agent: 'postfix', queued: 9 }],
      time: { service: 'chrony', offsetMs: 3 },
      load: { cpus: 1, one: 2, memory: 1, available: 0 },
    });
    expect(surveyDrift(before, after)).toEqual([]);
  });

  it('addresses that a program bars for an hour are no change, a network that is let in is', () => {
    const barred = { ...firewall, rules: 12, addresses: ['10.0.0.0/8', '203.0.113.9', '198.51.100.4/32'] };
    expect(surveyDrift(survey({ firewall }), survey({ firewall: barred }))).toEqual([]);
    const opened = { ...firewall, rules: 12, addresses: ['10.0.0.0/8', '192.168.0.0/16'] };
    expect(surveyDrift(survey({ firewall }), survey({ firewall: opened }))).toEqual([
      'in the rules of the firewall the network 192.168.0.0/16 is new',
    ]);
  });

  it('what another login does not see is not gone: only that it is another one is told', () => {
    const seen = survey({ schedules: [cron] });
    const blind = survey({ root: false, schedules: [] });
    expect(surveyDrift(seen, blind)).toEqual([
      'it is not asked as root any more: less of what is around it can be seen',
    ]);
    expect(surveyDrift(blind, seen)).toEqual([]);
  });

  it('what a question that ran out of time left out is not gone', () => {
    const seen = survey({ schedules: [cron], shares: [share] });
    const cut = survey({ schedules: [], shares: [], gaps: [{ what: 'cron tables', why: 'timed-out' }] });
    expect(surveyDrift(seen, cut)).toEqual(['the share nas1:/export at /srv is gone']);
    const ended = survey({ gaps: [{ what: 'the end of the survey', why: 'cut-short' }], shares: [] });
    expect(surveyDrift(seen, ended)).toEqual([]);
    const closed = [{ what: 'cron tables of users', why: 'needs-root' as const }];
    expect(surveyDrift({ ...seen, gaps: closed }, survey({ schedules: [], gaps: closed }))).toHaveLength(1);
  });

  it('a terminal is told nothing that it would obey', () => {
    const evil = survey({ shares: [{ ...share, server: 'nas\u001b[2J\u202e' }] });
    expect(surveyDrift(survey({ shares: [] }), evil).join('')).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

const word = fc.stringMatching(/^[a-z]{1,3}$/);
const few = <T>(item: fc.Arbitrary<T>) => fc.option(fc.array(item, { maxLength: 4 }), { nil: undefined });
const anySurvey: fc.Arbitrary<SurveyFacts> = fc
  .record({
    shares: few(word.map(name => ({ ...share, server: name }))),
    schedules: few(word.map(what => ({ ...cron, what }))),
    containers: few(
      fc.tuple(word, word).map(([name, image]) => ({ ...docker, name, image, ports: [], volumes: [] })),
    ),
    certificates: few(
      fc.tuple(word, fc.nat()).map(([path, notAfter]) => ({ ...certificate, path, notAfter })),
    ),
    upstreams: few(word.map(host => ({ ...upstream, host }))),
    dataServices: few(word.map(name => ({ ...postgres, directories: [name] }))),
    routes: few(word.map(to => ({ to, via: '10.0.0.1' }))),
    identity: few(fc.tuple(word, word).map(([where, detail]) => ({ ...identity, where, detail }))),
    firewall: fc.option(
      fc.record({
        kind: fc.constantFrom('nftables', 'none'),
        rules: fc.nat({ max: 3 }),
        addresses: fc.array(
          word.map(each => `${each}/8`),
          { maxLength: 3 },
        ),
      }),
      { nil: undefined },
    ),
  })
  .map(parts => survey(Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))));

const ending = (all: readonly string[], words: string): string[] =>
  all.flatMap(each => (each.endsWith(words) ? each.slice(0, -words.length) : [])).toSorted();

describe('for any two surveys', () => {
  it('of the same facts nothing is told', () => {
    fc.assert(
      fc.property(anySurvey, facts => {
        expect(surveyDrift(facts, structuredClone(facts))).toEqual([]);
      }),
    );
  });

  it('what is new one way is gone the other way', () => {
    fc.assert(
      fc.property(anySurvey, anySurvey, (one, other) => {
        const [there, back] = [surveyDrift(one, other), surveyDrift(other, one)];
        expect(ending(there, ' is new').length).toBe(ending(back, ' is gone').length);
        expect(ending(there, ' is gone').length).toBe(ending(back, ' is new').length);
      }),
    );
  });
});

describe('recorded hosts', () => {
  const read = (name: string): SurveyFacts =>
    readSurvey(decodeSections(collectorOutput(recordedGuest(name)), name)).survey;

  it.each(GUESTS)('%s looked at twice has not changed', name => {
    expect(surveyDrift(read(name), read(name))).toEqual([]);
  });
});

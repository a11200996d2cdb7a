import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { dotText, mermaidText } from '../../../src/cli/dependencies-graph.ts';
import { dependenciesText, onlyOf } from '../../../src/cli/dependencies-text.ts';
import { dependenciesOf } from '../../../src/estate/dependencies/dependencies.ts';
import type { PeerFacts } from '../../../src/journal/facts-survey.ts';
import { landfall } from '../../support/cli.ts';
import { recordedEvacuation } from '../../support/recorded-evacuation.ts';
import { domainFacts, guestFacts, machinePlan, planOf, Story } from '../../support/state.ts';

const at = (last: number) => ({
  source: { hypervisor: 'mia-kvm1', address: `10.20.0.${last}`, user: 'root' },
  target: { hypervisor: 'dal-kvm1', image: 'golden', network: 'dal-servers', address: `10.30.0.${last}` },
});

const out = (address: string, port: number, process: string): PeerFacts => ({
  ...{ direction: 'out', protocol: 'tcp', address, port, process, seen: 2 },
});

/** web1 needs db1 on two ports, a place that goes down with the source site, and one that is known; old1 nothing. */
function estate() {
  const plan = planOf({
    machines: { web1: machinePlan(at(11)), db1: machinePlan(at(12)), old1: machinePlan(at(13)) },
    external: { ldap: { at: ['10.99.0.3'], ports: [636] } },
  });
  const story = new Story(plan).begin();
  const peers = [
    out('10.20.0.12', 3306, 'php-fpm'),
    out('10.20.0.12', 22, 'rsync'),
    out('10.20.0.77', 389, 'nslcd\u001b[31m'),
    out('10.99.0.3', 636, 'php-fpm'),
  ];
  for (const name of ['web1', 'db1']) {
    const guest = guestFacts({ hostname: name, addresses: [plan.machines[name]?.source.address ?? ''] });
    story.tell(
      { type: 'machine.observed', machine: name, domain: domainFacts({ name }), guest, digest: 'd' },
      { type: 'machine.surveyed', machine: name, survey: { root: true, gaps: [] }, digest: 's' },
      {
        ...{ type: 'peers.sampled', machine: name, samples: 4, seconds: 3 },
        peers: name === 'web1' ? peers : [],
      },
    );
  }
  return { plan, all: dependenciesOf(story.view, story.now) };
}

const plain = (width: number) => ({ width, unicode: false, colour: false });
const asked = { machines: 3, unseen: ['old1'] };

describe('landfall dependencies prints', () => {
  it('who needs whom, by what, and what each is', () => {
    const lines = dependenciesText(estate().all, asked, plain(120)).split('\n');
    expect(lines.slice(0, 5)).toEqual([
      'from  needs       which is                port  by      seen',
      'web1  db1         machine                 3306  socket  php-fpm to 10.20.0.12:3306, in 2 of 4 looks',
      'web1  db1         machine                 22    socket  rsync to 10.20.0.12:22, in 2 of 4 looks',
      expect.stringMatching(/^web1 {2}10\.20\.0\.77 {2}unknown, at the source {2}389 {3}socket {2}nslcd/),
      'web1  ldap        external                636   socket  php-fpm to 10.99.0.3:636, in 2 of 4 looks',
    ]);
  });

  it('what is to settle with what to do, and an order', () => {
    const text = dependenciesText(estate().all, asked, plain(120));
    expect(text).toContain('\nto settle: 1\n[x] web1: ');
    expect(text).toMatch(/\n {4}next: .*external/);
    expect(text).toMatch(/\n {2}2 {2}db1\n {2}3 {2}web1\n/);
  });

  it.each([60, 80, 120])('in %i columns, but for words that are longer', width => {
    const text = dependenciesText(estate().all, asked, plain(width));
    const long = text.split('\n').filter(line => stringWidth(line) > width && line.trim().includes(' '));
    expect(long).toEqual([]);
  });

  it('no escape sequence of a host', () => {
    const { all } = estate();
    for (const text of [dependenciesText(all, asked, plain(80)), dotText(all, []), mermaidText(all, [])])
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('never that nothing is left to settle without saying who was not looked at', () => {
    const nothing = dependenciesOf(new Story(planOf({ machines: { web1: machinePlan(at(11)) } })).view, 0);
    const text = dependenciesText(nothing, { machines: 1, unseen: ['web1'] }, plain(120));
    expect(text).toContain('[!] 1 of 1 machine was not looked at, what it needs is not known: web1');
    expect(text).toContain('nothing is left to settle, as far as anybody looked');
  });

  it('once what is the same for many machines', () => {
    const { all } = estate();
    const [finding] = all.findings;
    if (finding === undefined) throw new Error('the estate has something to settle');
    const findings = ['web1', 'web2', 'web3'].map(subject => ({ ...finding, subject }));
    const text = dependenciesText({ ...all, findings }, asked, plain(120));
    expect(text).toContain('to settle: 1 (3 with each machine counted)');
    expect(text).toContain('[x] web1, web2, web3: ');
    expect(text.match(/at the source site, which is not in the plan/g)).toHaveLength(1);
    expect(text).toContain('the same for each of the 3');
  });

  it('of a place in the Internet what is to settle about it', () => {
    const plan = planOf({ machines: { web1: machinePlan(at(11)) } });
    const story = new Story(plan).begin();
    story.tell(
      {
        ...{ type: 'machine.observed', machine: 'web1', domain: domainFacts({ name: 'web1' }), digest: 'd' },
        guest: guestFacts({ hostname: 'web1', addresses: ['10.20.0.11'] }),
      },
      { type: 'machine.surveyed', machine: 'web1', survey: { root: true, gaps: [] }, digest: 's' },
      {
        ...{ type: 'peers.sampled', machine: 'web1', samples: 4, seconds: 3 },
        peers: [out('192.0.2.53', 53, 'resolved')],
      },
    );
    const all = dependenciesOf(story.view, story.now);
    expect(all.findings).toHaveLength(1);
    expect(onlyOf(plan, all, '192.0.2.53').findings).toEqual(all.findings);
  });

  it('what is about one machine, or about a place that something needs', () => {
    const { plan, all } = estate();
    expect(onlyOf(plan, all, 'db1')).toMatchObject({ edges: [{ port: 3306 }, { port: 22 }], findings: [] });
    expect(onlyOf(plan, all, 'ldap')).toMatchObject({ edges: [{ from: 'web1', port: 636 }], findings: [] });
    expect(onlyOf(plan, all, '10.20.0.77')).toMatchObject({
      edges: [{ from: 'web1', port: 389 }],
      findings: [{ check: 'depends-10.20.0.77-389' }],
    });
    expect(() => onlyOf(plan, all, 'wbe1')).toThrow(/"wbe1" is no machine/);
  });
});

describe('the picture', () => {
  const OWN = ['web1', 'db1', 'old1'];

  it('for Graphviz has every machine, one arrow for a pair, and what is unknown in dashes', () => {
    expect(dotText(estate().all, OWN)).toBe(`digraph landfall {
  rankdir=LR;
  "web1";
  "db1";
  "old1";
  "10.20.0.77" [style=dashed];
  "ldap";
  "web1" -> "db1" [label="socket 3306, socket 22"];
  "web1" -> "10.20.0.77" [label="socket 389"];
  "web1" -> "ldap" [label="socket 636"];
}
`);
  });

  it('for Mermaid has the same', () => {
    expect(mermaidText(estate().all, OWN)).toBe(`flowchart LR
  n0["web1"]
  n1["db1"]
  n2["old1"]
  n3["10.20.0.77"]:::unknown
  n4["ldap"]
  n0 -->|"socket 3306, socket 22"| n1
  n0 -->|"socket 389"| n3
  n0 -->|"socket 636"| n4
  classDef unknown stroke-dasharray: 5 5
`);
  });

  it('is not left by a name that a host chose', () => {
    const evil = 'x"]; click n0 "<img onerror=1>\\\n';
    const { all } = estate();
    const edges = all.edges.map(edge => ({
      ...edge,
      to: { kind: 'unknown' as const, address: evil, atSource: false },
    }));
    for (const text of [dotText({ ...all, edges }, OWN), mermaidText({ ...all, edges }, OWN)]) {
      expect(text).toContain('"x_]; click n0 __img onerror=1__');
      expect(text).not.toMatch(/[\\<]/);
      for (const line of text.split('\n')) expect(line.split('"').length % 2).toBe(1);
    }
  });
});

describe('landfall dependencies', () => {
  it('is not done where nobody looked, and takes one form of the answer', async () => {
    const { root } = await recordedEvacuation();
    const run = (...argv: string[]) => landfall(['dependencies', 'storm', '--state', root, ...argv]);
    const { out: text, code } = await run();
    expect(code).toBe(3);
    expect(text).toContain('2 of 2 machines were not looked at, what they need is not known: db1, web1');
    expect(JSON.parse((await run('--json')).out)).toMatchObject({ type: 'dependencies', v: 1, findings: [] });
    expect((await run('--dot')).out).toMatch(/^digraph landfall \{\n/);
    expect((await run('--mermaid')).out).toMatch(/^flowchart LR\n/);
    expect((await run('--dot', '--mermaid')).code).toBe(2);
    expect((await run('nobody')).code).toBe(2);
  });
});

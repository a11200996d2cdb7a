import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependenciesOf, settlingOf } from '../../../../src/estate/dependencies/dependencies.ts';
import type { PeerFacts, SurveyFacts } from '../../../../src/journal/facts-survey.ts';
import type { PlanInput } from '../../../../src/plan/schema.ts';
import { domainFacts, guestFacts, machinePlan, planOf, Story } from '../../../support/state.ts';

const at = (last: number) => ({
  source: { hypervisor: 'mia-kvm1', address: `10.20.0.${last}`, user: 'root' },
  target: { hypervisor: 'dal-kvm1', image: 'golden', network: 'dal-servers', address: `10.30.0.${last}` },
});
const machines = { web1: machinePlan(at(11)), db1: machinePlan(at(12)) };
const out = (address: string, port: number, parts: Partial<PeerFacts> = {}): PeerFacts => ({
  ...{ direction: 'out', protocol: 'tcp', address, port, process: 'app', seen: 2 },
  ...parts,
});

interface Seen {
  readonly peers?: readonly PeerFacts[];
  readonly survey?: Partial<SurveyFacts>;
  readonly port?: number;
}

function storyOf(seen: Readonly<Record<string, Seen>>, overrides: Partial<PlanInput> = {}): Story {
  const plan = planOf({ machines, ...overrides });
  const story = new Story(plan).begin();
  for (const [name, { peers = [], survey = {}, port }] of Object.entries(seen)) {
    const address = plan.machines[name]?.source.address ?? '';
    const sockets = port === undefined ? [] : [{ protocol: 'tcp' as const, address: '0.0.0.0', port }];
    const guest = guestFacts({ hostname: name, addresses: [address], sockets });
    story.tell(
      { type: 'machine.observed', machine: name, domain: domainFacts({ name }), guest, digest: 'd' },
      { type: 'machine.surveyed', machine: name, survey: { root: true, gaps: [], ...survey }, digest: 's' },
      { type: 'peers.sampled', machine: name, samples: 4, seconds: 3, peers: [...peers] },
    );
  }
  return story;
}

const told = (story: Story) => dependenciesOf(story.view, story.now);
const checks = (story: Story) => told(story).findings.map(({ kind, check }) => `${kind} ${check}`);

describe('whom a machine depends on', () => {
  it('is a machine of the plan, by its address, with the port and how often it was seen', () => {
    const story = storyOf({ web1: { peers: [out('10.20.0.12', 3306)] } });
    expect(told(story).edges).toEqual([
      {
        ...{ from: 'web1', to: { kind: 'machine', name: 'db1' }, via: 'socket', port: 3306 },
        ...{ evidence: ['app to 10.20.0.12:3306, in 2 of 4 looks'], seenAt: story.now },
      },
    ]);
    expect(checks(story)).toEqual([]);
  });

  it('is known from the other end, too', () => {
    const story = storyOf({ db1: { peers: [out('10.20.0.11', 3306, { direction: 'in' })] } });
    expect(told(story).edges).toMatchObject([{ from: 'web1', to: { name: 'db1' }, port: 3306 }]);
  });

  it('goes down with the source site where the plan does not know it there', () => {
    const story = storyOf({ web1: { peers: [out('10.20.0.77', 389), out('10.99.0.3', 25)] } });
    expect(checks(story)).toEqual(['soon-dead depends-10.20.0.77-389', 'unknown depends-10.99.0.3-25']);
  });

  it('is settled by external, for its ports, until it says that it is lost', () => {
    const external = (more: object) => ({ external: { ldap: { at: ['10.20.0.0/24'], ...more } } });
    const seen = { web1: { peers: [out('10.20.0.77', 389)] } };
    expect(checks(storyOf(seen, external({})))).toEqual([]);
    expect(checks(storyOf(seen, external({ ports: [636] })))).toEqual(['soon-dead depends-10.20.0.77-389']);
    expect(checks(storyOf(seen, external({ after_loss: 'lost' })))).toEqual(['lost depends-ldap']);
  });

  it('leaves out the copies that landfall itself makes, and what the whole world uses', () => {
    const upstreams = [{ role: 'ntp' as const, host: '2.debian.pool.ntp.org', where: '/etc/chrony.conf' }];
    const story = storyOf({ web1: { peers: [out('10.30.0.11', 22)], survey: { upstreams } } });
    expect(told(story)).toMatchObject({ edges: [], findings: [] });
  });

  it('takes places of the Internet by the service: their addresses change by the hour', () => {
    const story = storyOf({ web1: { peers: [out('52.1.2.3', 443), out('52.9.9.9', 443)] } });
    expect(checks(story)).toEqual(['unknown depends-internet-443']);
    expect(told(story).edges).toHaveLength(2);
  });

  it('is a share that no fstab knows, and one whose server is silent', () => {
    const share = {
      mountpoint: '/srv/data',
      type: 'nfs4',
      server: 'nas1',
      path: '/x',
      address: '10.20.0.40',
    };
    const shares = [{ ...share, state: 'mounted' as const, undocumented: true, answers: false }];
    const story = storyOf({ web1: { survey: { shares } } }, { external: { nas: { at: ['nas1'] } } });
    expect(checks(story)).toEqual(['unknown silent-nas1-2049', 'unknown mount-srv-data']);
    expect(checks(storyOf({ web1: { survey: { shares } } }))).toContain('soon-dead depends-10.20.0.40-2049');
  });

  it('is an address in a file that another machine, or the machine itself, will not have at the target', () => {
    const line = (address: string, number: number) => ({ file: '/opt/app.conf', line: number, address });
    const hardAddresses = [
      line('10.20.0.12', 3),
      line('10.20.0.11', 4),
      line('10.20.0.200', 5),
      line('8.1.1.1', 6),
    ];
    const story = storyOf({ web1: { survey: { hardAddresses } } });
    expect(checks(story)).toEqual([
      'soon-dead address-10.20.0.12',
      'soon-dead address-10.20.0.11',
      'soon-dead depends-10.20.0.200',
    ]);
    expect(told(story).findings[0]?.evidence).toEqual(['/opt/app.conf line 3 has 10.20.0.12']);
  });

  it('is nobody’s concern where the network comes along', () => {
    const networks = {
      'mia-servers': { site: 'miami', libvirt: 'servers', cidr: '10.20.0.0/24' },
      'dal-servers': { site: 'dallas', libvirt: 'servers', cidr: '10.20.0.0/24', replaces: 'mia-servers' },
    };
    const hardAddresses = [{ file: '/opt/app.conf', line: 3, address: '10.20.0.12' }];
    expect(checks(storyOf({ web1: { survey: { hardAddresses } } }, { networks }))).toEqual([]);
  });

  it('tells of clients only where a stranger at the source site is one', () => {
    const client = (address: string) => out(address, 443, { direction: 'in' });
    const story = storyOf({ web1: { peers: [client('10.20.0.99'), client('203.0.113.5')] } });
    expect(checks(story)).toEqual(['unknown client-10.20.0.99-443']);
  });

  it('keeps what a gate rests on as the same object while nothing changed', () => {
    const { plan, state } = storyOf({ web1: { peers: [out('10.99.0.3', 25)] } }).view;
    expect(settlingOf({ plan, state }, 'web1')).toBe(settlingOf({ plan, state: { ...state } }, 'web1'));
  });
});

describe('the order', () => {
  it('has databases before front ends, and names the line that sets the plan right', () => {
    const story = storyOf(
      {
        db1: { port: 3306 },
        web1: { port: 443, peers: [out('10.20.0.12', 3306)] },
        // By its name it would come up before both.
        app1: { peers: [out('10.20.0.12', 3306), out('10.20.0.11', 443)] },
      },
      { machines: { ...machines, app1: machinePlan(at(13)) } },
    );
    const { order, contradictions } = told(story);
    expect(order).toEqual([['db1'], ['web1'], ['app1']]);
    expect(contradictions.map(({ next }) => next)).toContainEqual(['machines.app1.after: [db1]']);
  });

  it('puts a circle into one wave and calls it by name', () => {
    const story = storyOf({
      web1: { peers: [out('10.20.0.12', 3306)] },
      db1: { peers: [out('10.20.0.11', 8080)] },
    });
    expect(told(story)).toMatchObject({ circles: [['db1', 'web1']], contradictions: [] });
    expect(told(story).order).toEqual([['db1', 'web1']]);
  });

  it('loses nobody, respects every dependency outside a circle, and is the same again', () => {
    const names = Array.from({ length: 8 }, (_, index) => `m${index}`);
    const fleet = Object.fromEntries(names.map((name, index) => [name, machinePlan(at(20 + index))]));
    const calls = fc.array(fc.tuple(fc.nat(7), fc.nat(9)), { maxLength: 20 });
    fc.assert(
      fc.property(calls, pairs => {
        const seen = Object.fromEntries(
          names.map((name, index) => [
            name,
            {
              peers: pairs
                .filter(([from]) => from === index)
                .map(([, to]) => out(`10.20.0.${20 + to}`, 8080)),
            },
          ]),
        );
        const story = storyOf(seen, { machines: fleet });
        const { order, circles, edges, findings } = told(story);
        expect(order.flat().toSorted()).toEqual(names);
        const wave = (name: string) => order.findIndex(each => each.includes(name));
        for (const { from, to } of edges) {
          if (to.kind === 'unknown') {
            expect(findings.some(each => each.subject === from && each.check.includes(to.address))).toBe(
              true,
            );
            continue;
          }
          const together = circles.some(circle => circle.includes(from) && circle.includes(to.name));
          expect(together ? wave(from) === wave(to.name) : wave(from) > wave(to.name)).toBe(true);
        }
        expect(told(storyOf(seen, { machines: fleet }))).toEqual(told(story));
      }),
      { numRuns: 25 },
    );
  });
});

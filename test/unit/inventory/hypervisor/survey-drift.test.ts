import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hypervisorDrift } from '../../../../src/inventory/hypervisor/survey-drift.ts';
import type { DomainSurvey, HypervisorSurvey } from '../../../../src/journal/facts-site.ts';

const domain = (name: string, changes: Partial<DomainSurvey> = {}): DomainSurvey => ({
  ...{ name, uuid: `uuid-${name}`, state: 'running', autostart: true, memory: 1, vcpus: 1 },
  ...{ disks: [], interfaces: [], addresses: [], snapshots: 0, checkpoints: 0, passthrough: [] },
  ...changes,
});
const survey = (changes: Partial<HypervisorSurvey> = {}): HypervisorSurvey => ({
  ...{ gaps: [], domains: [], networks: [], pools: [], bridges: [], cpuFit: [], versions: {} },
  ...changes,
});
const network = (name: string, active = true) => ({ name, active, bridge: `virbr-${name}`, addresses: [] });
const pool = (name: string, active = true) => ({ name, active, type: 'dir', autostart: true });

describe('what changed on a hypervisor', () => {
  it('domains that came, went, and were renamed', () => {
    const before = survey({ domains: [domain('web1'), domain('old')] });
    const after = survey({
      domains: [
        domain('web-1', { uuid: 'uuid-web1', autostart: false }),
        domain('new', { state: 'shut off' }),
      ],
    });
    expect(hypervisorDrift(before, after)).toEqual([
      'the domain new is new (shut off)',
      'the domain old is gone',
      'the name of a domain changed from web1 to web-1',
      'the domain web-1 does not start by itself now',
    ]);
  });

  it('networks, pools and bridges that went or stand still, and another version', () => {
    const before = survey({
      networks: [network('servers'), network('backup')],
      pools: [pool('default'), pool('ssd')],
      bridges: ['virbr-servers', 'virbr-backup', 'br-prod'],
      versions: { libvirt: 'libvirt 9.0.0' },
    });
    const after = survey({
      networks: [network('servers', false)],
      pools: [pool('default')],
      bridges: ['virbr-servers'],
      versions: { libvirt: 'libvirt 10.0.0' },
    });
    expect(hypervisorDrift(before, after)).toEqual([
      'the pool ssd is gone',
      'the network backup is gone',
      'the network servers is not active any more',
      'the bridge br-prod is gone',
      'libvirt changed from libvirt 9.0.0 to libvirt 10.0.0',
    ]);
  });

  it('what landfall makes itself is no change, nor is what was not to be listed', () => {
    const after = survey({
      domains: [domain('landfall-storm-web1-receiver', { landfall: true })],
      networks: [network('landfall-storm-proof')],
      bridges: ['virbr-landfall-storm-proof'],
    });
    expect(hypervisorDrift(survey(), after)).toEqual([]);
    const seen = survey({ domains: [domain('web1')], pools: [pool('default')] });
    const gaps = [{ what: 'its domains', why: 'refused' as const }];
    expect(hypervisorDrift(seen, survey({ gaps }))).toEqual(['the pool default is gone']);
    const many = [{ what: '40 more that could not be learned', why: 'cut-short' as const }];
    expect(hypervisorDrift(seen, survey({ gaps: many }))).toEqual([]);
  });

  const anySurvey = fc
    .record({
      domains: fc.uniqueArray(fc.stringMatching(/^[a-d]$/)),
      pools: fc.uniqueArray(fc.stringMatching(/^[a-d]$/)),
      networks: fc.uniqueArray(fc.stringMatching(/^[a-d]$/)),
    })
    .map(({ domains, pools, networks }) =>
      survey({
        domains: domains.map(name => domain(name)),
        pools: pools.map(name => pool(name)),
        networks: networks.map(name => network(name)),
      }),
    );

  it('is nothing between two equal ones, and the other way round the opposite', () => {
    fc.assert(
      fc.property(anySurvey, anySurvey, (one, other) => {
        expect(hypervisorDrift(one, structuredClone(one))).toEqual([]);
        const opposite = hypervisorDrift(other, one).map(sentence =>
          sentence.endsWith('gone')
            ? sentence.replace(/ is gone$/, ' is new')
            : sentence.replace(/ is new(?: \(running\))?$/, ' is gone'),
        );
        const plain = hypervisorDrift(one, other).map(sentence => sentence.replace(' (running)', ''));
        expect(opposite.toSorted()).toEqual(plain.toSorted());
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outsideFacts, parseGuestInfo } from '../../../src/inventory/machine/outside.ts';
import { guestFacts as schema } from '../../../src/journal/facts.ts';
import { decide } from '../../../src/sync/mover/choose.ts';
import { situationOf } from '../../../src/sync/mover/situation.ts';
import { domainFacts, machinePlan, planOf, Story } from '../../support/state.ts';

const INFO = `os.id               : mswindows
os.name             : Microsoft Windows
os.pretty-name      : Windows Server 2019 Standard
os.version-id       : 2019
os.kernel-release   : 17763
os.machine          : x86_64
hostname            : WIN1
`;

describe('a machine into which nobody logs in', () => {
  test('is known as far as its agent tells', () => {
    expect(outsideFacts(domainFacts({ firmware: 'uefi' }), INFO)).toMatchObject({
      login: false,
      hostname: 'WIN1',
      os: { id: 'mswindows', version: '2019', pretty: 'Windows Server 2019 Standard' },
      bootMode: 'uefi',
      fileSystems: [],
    });
  });

  test('without an agent says that it was not asked', () => {
    const facts = outsideFacts(domainFacts(), undefined);
    expect(facts.os.pretty).toBe('not asked: nobody logs in there');
    expect(facts).not.toHaveProperty('rsync');
  });

  test('whatever an agent answers, the facts are facts, and move no cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(schema.safeParse(outsideFacts(domainFacts(), text)).success).toBe(true);
        expect([...parseGuestInfo(`hostname : ${text}`).values()].join('')).not.toMatch(
          /[\u0000-\u001f\u007f]/,
        );
      }),
    );
  });

  test('travels by its blocks, or not at all', () => {
    const plan = planOf({
      machines: {
        web1: machinePlan({ source: { hypervisor: 'mia-kvm1', address: '10.20.0.11', login: false } }),
      },
    });
    const domain = domainFacts();
    const story = new Story(plan).begin();
    story.tell({
      type: 'machine.observed',
      machine: 'web1',
      domain,
      guest: outsideFacts(domain, INFO),
      digest: 'd',
    });
    const blocks = (refusals: string[]) =>
      story.tell({
        ...{ type: 'blocks.observed', machine: 'web1', libvirt: '9.0.0', qemu: '7.2.22', disks: [] },
        ...{ foreignCheckpoints: [], ownCheckpoints: [], agent: true, refusals },
      });
    blocks([]);
    expect(decide(situationOf(story.view, 'web1', story.now))).toMatchObject({
      mover: 'blocks',
      against: expect.arrayContaining(['by files: the plan says that nobody logs in there']),
    });
    blocks(['vda is a raw disk']);
    expect(decide(situationOf(story.view, 'web1', story.now))).toMatchObject({ mover: undefined });
  });
});

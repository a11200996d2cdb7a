import { describe, expect, it } from 'vitest';
import { EMPTY_STATE } from '../../../src/journal/state.ts';
import type { Gate } from '../../../src/readiness/gate.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { verdictOf } from '../../../src/readiness/verdict.ts';
import { guestFacts, HOUR, MINUTE, machinePlan, planOf, Story, T0 } from '../../support/state.ts';

const gateOf = (story: Story, check: string, now = story.now): Gate => {
  const found = gatesOf(story.view, now).find(each => each.check === check);
  if (found === undefined) throw new Error(`no gate ${check}`);
  return found;
};

const REASON = {
  kind: 'missing-root' as const,
  words: 'The initramfs did not find the root file system.',
  evidence: ['ALERT!'],
  remedy: ['compare the UUIDs'],
};

const begun = (plan = planOf()): Story => new Story(plan).begin();
const guestWith = (processes: readonly string[], services: readonly string[] = []) => ({
  sockets: processes.map(process => ({
    protocol: 'tcp' as const,
    address: '127.0.0.1',
    port: 5000,
    process,
  })),
  services: [...services],
});

type Row = [name: string, check: string, verdict: Gate['verdict'], story: () => Story];

const ROWS: Row[] = [
  ['nothing is known', 'inventory', 'unproven', () => begun()],
  ['just observed', 'inventory', 'pass', () => begun().observe('web1')],
  [
    'observed a day and a minute ago',
    'inventory',
    'unproven',
    () =>
      begun()
        .observe('web1')
        .wait(24 * HOUR + MINUTE),
  ],
  [
    'the observation lies in the future',
    'inventory',
    'unproven',
    () => begun().wait(HOUR).observe('web1').wait(-HOUR),
  ],

  ['UUIDs agree, case apart', 'identity', 'pass', () => begun().observe('web1')],
  ['UUIDs differ', 'identity', 'fail', () => begun().observe('web1', { productUuid: 'other' })],
  ['nothing observed', 'identity', 'unproven', () => begun()],

  ['nothing built', 'built', 'unproven', () => begun().observe('web1')],
  ['built', 'built', 'pass', () => begun().observe('web1').build('web1')],
  [
    'a fresh receiver is not prepared yet',
    'built',
    'unproven',
    () =>
      begun()
        .observe('web1')
        .build('web1')
        .tell({ type: 'receiver.started', machine: 'web1', domain: 'd', uuid: 'u2' }),
  ],
  [
    'a file system has no place',
    'built',
    'fail',
    () => begun().observe('web1', { fileSystems: twoFileSystems() }).build('web1'),
  ],

  [
    'a disk appeared',
    'drift',
    'fail',
    () =>
      begun()
        .build('web1')
        .observe('web1', {}, { disks: [disk('vda'), disk('vdb')] }),
  ],
  [
    'a disk grew',
    'drift',
    'fail',
    () =>
      begun()
        .build('web1')
        .observe('web1', {}, { disks: [disk('vda', 40e9)] }),
  ],
  [
    'an empty CD drive',
    'drift',
    'pass',
    () =>
      begun()
        .build('web1')
        .observe('web1', {}, { disks: [disk('vda'), disk('sda', 0)] }),
  ],
  ['disks as they were', 'drift', 'pass', () => begun().observe('web1').build('web1')],

  ['no pass', 'first-pass', 'unproven', () => begun().observe('web1').build('web1')],
  [
    'the first pass runs',
    'first-pass',
    'unproven',
    () => begun().observe('web1').build('web1').startPass('web1', 1),
  ],
  [
    'the first pass is done',
    'first-pass',
    'pass',
    () => begun().observe('web1').build('web1').pass('web1', 1),
  ],
  [
    'one file system was left out',
    'first-pass',
    'fail',
    () => begun().observe('web1', { fileSystems: twoFileSystems() }).build('web1').pass('web1', 1),
  ],
  [
    'it was left out because the plan excludes it',
    'first-pass',
    'pass',
    () =>
      begun(planOf({ machines: { web1: machinePlan({ exclude: ['/srv/'] }) } }))
        .observe('web1', { fileSystems: twoFileSystems() })
        .build('web1')
        .pass('web1', 1),
  ],
  ['hundreds of passes later', 'first-pass', 'pass', () => manyPasses()],

  ['only a first pass', 'converged', 'unproven', () => begun().observe('web1').build('web1').pass('web1', 1)],
  ['judged converged', 'converged', 'pass', () => begun().evacuate('web1')],
  [
    'judged not converging',
    'converged',
    'fail',
    () => begun().pass('web1', 1).pass('web1', 2, { judged: 'not-converging' }),
  ],
  [
    'passes used up',
    'converged',
    'fail',
    () => begun().pass('web1', 1).pass('web1', 2, { judged: 'exhausted' }),
  ],
  [
    'converged once, then not',
    'converged',
    'fail',
    () => begun().pass('web1', 1).pass('web1', 2).pass('web1', 3, { judged: 'not-converging' }),
  ],

  ['no pass is open', 'at-rest', 'pass', () => begun().evacuate('web1')],
  ['a pass is being written', 'at-rest', 'unproven', () => begun().evacuate('web1').startPass('web1', 3)],
  [
    'the verified pass is copied again',
    'at-rest',
    'unproven',
    () => begun().evacuate('web1').startPass('web1', 2),
  ],
  ['nothing was ever copied', 'at-rest', 'unproven', () => begun()],

  ['never verified', 'verified', 'unproven', () => begun().pass('web1', 1).pass('web1', 2)],
  ['verified after the last pass', 'verified', 'pass', () => begun().evacuate('web1')],
  ['verified, then another pass', 'verified', 'unproven', () => begun().evacuate('web1').pass('web1', 3)],
  [
    'verified, then an earlier pass again',
    'verified',
    'unproven',
    () => begun().evacuate('web1').pass('web1', 1),
  ],
  [
    'verified, then another pass under a clock that was set back',
    'verified',
    'unproven',
    () => begun().evacuate('web1').wait(-HOUR).pass('web1', 3),
  ],
  [
    'verified and found different',
    'verified',
    'fail',
    () => begun().pass('web1', 1).verify('web1', 1, ['/etc/fstab']),
  ],
  [
    'verified before the replica was made anew',
    'verified',
    'unproven',
    () => begun().evacuate('web1').wait(MINUTE).build('web1'),
  ],
  [
    'the verification names a pass that never ended',
    'verified',
    'unproven',
    () => begun().pass('web1', 1).verify('web1', 7),
  ],

  ['verified just now', 'verification-recent', 'pass', () => begun().evacuate('web1')],
  [
    'verified yesterday',
    'verification-recent',
    'unproven',
    () =>
      begun()
        .evacuate('web1')
        .wait(25 * HOUR),
  ],

  ['clean', 'last-pass-clean', 'pass', () => begun().pass('web1', 1)],
  ['vanished files are normal', 'last-pass-clean', 'pass', () => begun().pass('web1', 1, { code: 24 })],
  [
    'some paths failed',
    'last-pass-clean',
    'fail',
    () => begun().pass('web1', 1, { code: 23, troubles: ['/x: denied'] }),
  ],

  ['within the tier', 'exposure', 'pass', () => begun().evacuate('web1')],
  ['past the tier', 'exposure', 'fail', () => begun().evacuate('web1').wait(HOUR)],
  ['nothing safe', 'exposure', 'unproven', () => begun().pass('web1', 1)],

  ['no database', 'consistency', 'pass', () => begun().evacuate('web1')],
  ['nothing known', 'consistency', 'unproven', () => begun()],
  [
    'a smeared copy of a listening database',
    'consistency',
    'fail',
    () =>
      begun()
        .observe('web1', guestWith(['mariadbd']))
        .pass('web1', 1),
  ],
  [
    'a smeared copy of a database service',
    'consistency',
    'fail',
    () =>
      begun()
        .observe('web1', guestWith([], ['postgresql@15-main.service']))
        .pass('web1', 1),
  ],
  [
    'an exporter is no database',
    'consistency',
    'pass',
    () =>
      begun()
        .observe('web1', guestWith(['postgres_exporter'], ['redis-exporter.service']))
        .pass('web1', 1),
  ],
  [
    'one instant of a database',
    'consistency',
    'pass',
    () =>
      begun()
        .observe('web1', guestWith(['mongod']))
        .pass('web1', 1, { consistency: 'crash' }),
  ],
  [
    'containers hide what they run',
    'consistency',
    'unproven',
    () =>
      begun()
        .observe('web1', guestWith([], ['docker.service']))
        .pass('web1', 1),
  ],

  ['nothing failed', 'no-failure', 'pass', () => begun().evacuate('web1')],
  ['an open failure', 'no-failure', 'fail', () => begun().evacuate('web1').fail('web1')],
  [
    'a mended failure',
    'no-failure',
    'pass',
    () =>
      begun()
        .fail('web1')
        .tell({ type: 'step.done', step: 'sync/web1/pass', phase: 'sync', ms: 1, already: false }),
  ],

  ['a fresh key', 'path-key', 'pass', () => begun().build('web1')],
  ['a key for half an hour', 'path-key', 'fail', () => begun().build('web1', 30 * MINUTE)],
  [
    'an expired key',
    'path-key',
    'fail',
    () =>
      begun()
        .build('web1', HOUR)
        .wait(2 * HOUR),
  ],
  [
    'a key that does not outlive a pass of three hours',
    'path-key',
    'fail',
    () =>
      begun()
        .build('web1', 5 * HOUR)
        .pass('web1', 1, { ms: 3 * HOUR }),
  ],
  ['no key', 'path-key', 'unproven', () => begun()],

  ['both sides know attributes', 'attributes', 'pass', () => begun().evacuate('web1')],
  ['nothing known of the receiver', 'attributes', 'unproven', () => begun().observe('web1')],
  [
    'a source whose rsync has no xattrs: a comparison without them is no proof',
    'attributes',
    'fail',
    () =>
      begun()
        .observe('web1', { rsync: { ...guestFacts().rsync, xattrs: false } })
        .build('web1'),
  ],

  ['never booted', 'boot-proof', 'unproven', () => begun().evacuate('web1')],
  ['booted well', 'boot-proof', 'pass', () => begun().ready('web1')],
  ['booted badly', 'boot-proof', 'fail', () => begun().evacuate('web1').prove('web1', REASON)],
  [
    'booted badly, then well',
    'boot-proof',
    'pass',
    () => begun().evacuate('web1').prove('web1', REASON).prove('web1'),
  ],
  ['booted well, then badly', 'boot-proof', 'fail', () => begun().ready('web1').prove('web1', REASON)],
  [
    'booted a day ago',
    'boot-proof',
    'unproven',
    () =>
      begun()
        .ready('web1')
        .wait(25 * HOUR),
  ],
  [
    'failed a day ago',
    'boot-proof',
    'fail',
    () =>
      begun()
        .evacuate('web1')
        .prove('web1', REASON)
        .wait(25 * HOUR),
  ],
  ['passes since the boot', 'boot-proof', 'pass', () => begun().ready('web1').pass('web1', 3)],
  [
    'a replica made anew since',
    'boot-proof',
    'unproven',
    () => begun().ready('web1').wait(MINUTE).build('web1'),
  ],
  ['what acts twice is known', 'double-run', 'pass', () => begun().evacuate('web1')],
  ['network', 'reachability', 'not-covered', () => begun().evacuate('web1')],

  ['accepted', 'plan-accepted', 'pass', () => begun()],
  ['not begun', 'plan-accepted', 'unproven', () => new Story()],
  ['days left', 'deadline', 'pass', () => begun()],
  ['the day has passed', 'deadline', 'fail', () => begun().wait(97 * HOUR)],
  ['a relative deadline before the start', 'deadline', 'unproven', () => new Story()],
  ['a fresh journal', 'journal', 'pass', () => begun()],
  ['an hour of silence while it runs', 'journal', 'unproven', () => begun().wait(HOUR + MINUTE)],
  [
    'an hour of silence after its end',
    'journal',
    'pass',
    () =>
      begun()
        .tell({ type: 'evacuation.ended', outcome: 'complete' })
        .wait(2 * HOUR),
  ],
  [
    'a day of silence',
    'journal',
    'unproven',
    () =>
      begun()
        .tell({ type: 'evacuation.ended', outcome: 'complete' })
        .wait(25 * HOUR),
  ],
  ['a journal of the future', 'journal', 'unproven', () => begun().wait(-HOUR)],
  ['an empty journal', 'journal', 'unproven', () => new Story()],
];

function disk(target: string, capacity = 20e9) {
  return { target, source: `/pool/${target}`, format: 'qcow2', bus: 'virtio', capacity, allocation: 0 };
}

function twoFileSystems() {
  const root = {
    mountpoint: '/',
    device: '/dev/vda1',
    type: 'ext4',
    uuid: 'AAAA-1',
    size: 20e9,
    used: 8e9,
    inodesUsed: 1,
  };
  return [root, { ...root, mountpoint: '/srv', device: '/dev/vda2', uuid: 'BBBB-2' }];
}

function manyPasses(): Story {
  const story = begun().observe('web1').build('web1').pass('web1', 1);
  for (let pass = 2; pass <= 210; pass += 1) story.pass('web1', pass, { ms: 1000 });
  return story;
}

describe('gates', () => {
  it.each(ROWS)('%s: %s is %s', (_name, check, verdict, story) => {
    expect(gateOf(story(), check)).toMatchObject({ check, verdict });
  });

  it('every gate of every row has evidence, a remedy, a cost and a stable id', () => {
    for (const [, , , story] of ROWS) {
      const told = story();
      const gates = gatesOf(told.view, told.now);
      expect(new Set(gates.map(each => each.id)).size).toBe(gates.length);
      for (const each of gates) {
        expect(each.evidence.length, each.id).toBeGreaterThan(0);
        expect(each.remedy, each.id).not.toBe('');
        expect(each.costOfIgnoring, each.id).not.toBe('');
        expect(each.id).toBe(`${each.scope}/${each.subject}/${each.check}`);
      }
    }
  });

  it('names a hidden machine called like an object property without inventing facts', () => {
    const plan = planOf({ machines: { constructor: machinePlan() } });
    const gates = gatesOf({ plan, state: EMPTY_STATE }, T0).filter(each => each.scope === 'machine');
    expect(gates.every(each => each.verdict !== 'pass')).toBe(true);
  });

  it('sees a plan file that is not the accepted one', () => {
    const story = begun();
    const gate = gatesOf(story.view, story.now, { planHash: 'sha256:other' })[0];
    expect(gate).toMatchObject({ check: 'plan-accepted', verdict: 'fail' });
  });

  it('sees machines that only the plan or only the journal knows', () => {
    const story = begun();
    const plan = planOf({ machines: { app1: machinePlan() } });
    const gate = gatesOf({ plan, state: story.state }, story.now)[0];
    expect(gate?.verdict).toBe('fail');
    expect(gate?.evidence).toContain('machine app1 is new in the plan');
    expect(gate?.evidence).toContain('machine web1 is gone from the plan');
  });

  it('quotes the command to check by hand for both shells', () => {
    const plan = planOf({
      ssh: { config: "/home/it's me/ssh config" },
      machines: { web1: machinePlan({ source: { hypervisor: 'mia-kvm1', address: 'web1', sudo: true } }) },
    });
    const story = begun(plan).evacuate('web1');
    expect(gateOf(story, 'exposure').checkByHand).toBe(
      `ssh -F '/home/it'\\''s me/ssh config' web1 'sudo -n -- find / -xdev -type f -newermt @${(T0 + 2 * MINUTE) / 1000}'`,
    );
  });

  it('counts a failed step of a hypervisor against the evacuation, not against a machine', () => {
    const story = begun().evacuate('web1').lookAround().fail('mia-kvm1');
    expect(gateOf(story, 'shared-steps')).toMatchObject({ scope: 'evacuation', verdict: 'fail' });
    expect(verdictOf(gatesOf(story.view, story.now)).evacuation?.verdict).toBe('ready');
  });
});

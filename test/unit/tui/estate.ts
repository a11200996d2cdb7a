import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import { type Clock, systemClock } from '../../../src/foundation/clock.ts';
import { fold } from '../../../src/journal/fold.ts';
import type { CommandRecord } from '../../../src/remote/host.ts';
import type { Sample } from '../../../src/step/step.ts';
import { proveMachine } from '../../support/proofs.ts';
import { MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';
import { snapshotOf } from '../../support/ui.ts';

/** An evening of six machines of which each stands elsewhere: what the screens of the evacuation are tested on. */

export interface Estate {
  readonly snapshot: Snapshot;
  /** Stands still at the moment of the snapshot. */
  readonly clock: Clock;
  readonly now: number;
}

const plan = planOf({
  link: { limit: '800 Mbit/s' },
  machines: {
    db1: machinePlan({ owner: 'the database team' }),
    app1: machinePlan({ after: ['db1', 'Orders'] }),
    files1: machinePlan({ tier: 'normal' }),
    mail1: machinePlan({ tier: 'normal' }),
    web1: machinePlan({ tier: 'normal', after: ['app1'] }),
    new1: machinePlan({ tier: 'normal' }),
  },
  databases: {
    Orders: {
      tier: 'critical',
      publisher: { address: '10.20.0.9', user: 'landfall', password: 'env:SOURCE' },
      subscriber: { address: '10.30.0.9', user: 'landfall', password: 'env:TARGET' },
    },
  },
});

export function estate(parts: Partial<Snapshot> = {}): Estate {
  const story = new Story(plan).begin();
  for (const name of ['db1', 'app1', 'files1', 'mail1', 'web1']) {
    story.observe(name).wait(1000).build(name).wait(1000);
    story.pass(name, 1, { ms: 5 * MINUTE, literal: 8e9 });
  }
  story.pass('files1', 2, { literal: 48e6 }).verify('files1', 2);
  proveMachine(story, 'files1', 1, { ms: 0 });
  story.tell({ type: 'machine.paused', machine: 'files1', reason: 'quarter end' });
  story.pass('mail1', 2, { literal: 4.2e9, judged: 'converging' });
  story.pass('mail1', 3, {
    literal: 4.1e9,
    judged: 'not-converging',
    predictedMs: 100e3,
    hot: [{ path: '/var/spool/mail/queue', bytes: 3.9e9 }],
  });
  story.fail('web1', {
    why: 'the replica has 12 GB less than the source needs',
    evidence: ['rsync: write failed: No space left on device (28)'],
  });
  story.pass('db1', 2, { literal: 212e6, predictedMs: 110e3 }).verify('db1', 2);
  proveMachine(story, 'db1', 1, { ms: 0 });
  story.lookAround();
  story.tell({ type: 'step.started', step: 'sync/app1/pass-2', phase: 'sync', attempt: 1 });
  story.startPass('app1', 2, { predictedMs: 4 * MINUTE }).wait(130e3);
  const now = story.now;
  return {
    now,
    clock: { ...systemClock, now: () => now },
    snapshot: snapshotOf({
      plan,
      state: story.state,
      events: story.events,
      samples: { 'sync/app1/pass-2': sample(now - 3000) },
      ...parts,
    }),
  };
}

export const sample = (at: number): Sample => ({
  step: 'sync/app1/pass-2',
  subject: 'app1',
  at,
  text: '/',
  fraction: 0.614,
  bytes: 1.9e9,
  bytesPerSecond: 42e6,
  etaMs: 130e3,
});

export const RSYNC =
  'rsync -aHAX --numeric-ids --delete --partial-dir=.landfall-partial --stats --info=progress2 --exclude-from=/run/landfall/miami-to-dallas/path-web1/exclude-0123456789abcdef -e /run/landfall/miami-to-dallas/path-web1/rsh / standby:/mnt/t/';

export const commandsAt = (now: number): CommandRecord[] => [
  { at: now - 9000, host: 'web1', command: 'rsync --version', code: 0, ms: 12 },
  { at: now - 8000, host: 'dal-kvm1', command: 'virsh domstate landfall-e-web1-receiver', code: 1, ms: 230 },
  { at: now - 7000, host: 'dal-kvm1', command: 'virsh domstate landfall-e-web10-receiver', code: 0, ms: 230 },
  { at: now - 5000, host: 'web1', command: RSYNC, code: null, ms: 130_000 },
];

/** The same evening without a failure. */
export function wellEstate(parts: Partial<Snapshot> = {}): Estate {
  const { snapshot, ...rest } = estate();
  const events = snapshot.events.filter(each => !('step' in each && each.step === 'sync/web1/pass'));
  return { ...rest, snapshot: { ...snapshot, events, state: fold(events), ...parts } };
}

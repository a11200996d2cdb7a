import { describe, expect, test } from 'vitest';
import type { Gate } from '../../../src/readiness/gate.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { stagesOf } from '../../../src/reports/stages.ts';
import { statusOf } from '../../../src/reports/status.ts';
import { isTargetBuilt, mayBeInReceiver, stepsBeforeBlocks } from '../../../src/step/receiver.ts';
import { partsOf } from '../../../src/tui/screens/build-steps.ts';
import { MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';

/** A machine that travels by blocks never has a prepared receiver: nothing may wait for one. */

const GB = 1e9;
const source = { hypervisor: 'mia-kvm1', address: '10.20.0.11', user: 'root' };

const begun = (login = true): Story =>
  new Story(planOf({ machines: { web1: machinePlan({ mover: 'blocks', source: { ...source, login } }) } }))
    .begin()
    .observe('web1')
    .tell({
      type: 'mover.chosen',
      machine: 'web1',
      mover: 'blocks',
      decided: 'plan',
      reasons: [],
      against: [],
    });

const volumes = [{ disk: 'vda', pool: 'default', volume: 'v', capacity: 20 * GB, path: '/pool/v' }];
const built = (login = true): Story => {
  const story = begun(login).tell(
    { type: 'replica.created', machine: 'web1', volumes },
    {
      ...{ type: 'standby.defined', machine: 'web1', hypervisor: 'dal-kvm1', domain: 'web1' },
      ...{ uuid: 'u', changes: [], digest: 'd' },
    },
  );
  if (!login) return story;
  return story.tell(
    { type: 'receiver.started', machine: 'web1', domain: 'r', uuid: 'u' },
    { type: 'receiver.reachable', machine: 'web1', hostKey: 'ssh-ed25519 AAAA', addresses: [] },
  );
};

const gateOf = (story: Story, check: string): Gate => {
  const found = gatesOf(story.view, story.now).find(each => each.check === check);
  if (found === undefined) throw new Error(`no gate ${check}`);
  return found;
};
const statusIn = (story: Story): string =>
  statusOf(story.state.machines['web1'], { running: false, paused: false }).word;

describe('what is built for blocks', () => {
  test('is met without a prepared receiver, and waits for one that can be reached', () => {
    expect(gateOf(begun(), 'built').verdict).toBe('unproven');
    const half = begun().tell({ type: 'replica.created', machine: 'web1', volumes });
    expect(gateOf(half, 'built').verdict).toBe('unproven');
    expect(gateOf(built(), 'built').verdict).toBe('pass');
    expect(gateOf(built(), 'built').evidence.join()).toContain('no replica is in it');
  });

  test('needs no receiver at all where nobody logs in', () => {
    expect(gateOf(built(false), 'built').verdict).toBe('pass');
    expect(gateOf(built(false), 'built').evidence.join()).toContain('nobody logs in');
  });

  test('is done for status, stage and screen: the passes come next', () => {
    expect(statusIn(built())).toBe('built');
    expect(gateOf(built(), 'first-pass').remedySteps[0]).toBe('wait: the first pass comes next');
    const stage = stagesOf(built().view, built().now, undefined).find(({ phase }) => phase === 'build');
    expect(stage?.state).toBe('done');
    const names = (story: Story): string[] => partsOf(story.view, 'web1').map(({ part }) => part.name);
    expect(names(built())).toEqual(['replica', 'standby', 'receiver', 'reachable', 'path']);
    expect(names(built(false))).toEqual(['replica', 'standby', 'path']);
  });

  test('is as good as the plan that it was built for', () => {
    const story = built().wait(MINUTE);
    story.tell({
      ...{ type: 'plan.accepted', planHash: 'sha256:other', diff: '+ x' },
      changed: ['machine/web1/target'],
    });
    expect(gateOf(story, 'built').verdict).toBe('unproven');
  });
});

describe('what has travelled by blocks', () => {
  const copied = (): Story =>
    built().pass('web1', 1, { mover: 'blocks', mountpoints: ['vda'], consistency: 'filesystem' });

  test('is every file system of its disks, with all that hangs on the files', () => {
    expect(gateOf(copied(), 'first-pass').verdict).toBe('pass');
    expect(gateOf(copied(), 'attributes').verdict).toBe('pass');
    expect(gateOf(copied(), 'swap-files').verdict).toBe('pass');
    expect(gateOf(copied(), 'last-pass-clean').evidence.join()).toContain('1 disk');
  });

  test('lacks a disk that came later, by its name', () => {
    const disks = ['vda', 'vdb'].map(target => ({
      ...{ target, source: `/pool/${target}`, format: 'qcow2', bus: 'virtio' },
      ...{ capacity: 20 * GB, allocation: GB },
    }));
    const story = copied().observe('web1', {}, { disks });
    const gate = gateOf(story, 'first-pass');
    expect(gate.verdict).toBe('fail');
    expect(gate.evidence.join()).toContain('disk vdb');
  });

  test('waits for nobody while a volume is added: what was copied counts as before', () => {
    const before = copied();
    const verified = before.verify('web1', 1);
    const added = [...volumes, { disk: 'vdb', pool: 'default', volume: 'w', capacity: GB, path: '/pool/w' }];
    const kept = verified.wait(MINUTE).tell({
      ...{ type: 'replica.created', machine: 'web1', volumes: added, kept: ['vda'] },
    });
    expect(kept.state.machines['web1']?.replica).toMatchObject({ volumes: added });
    expect(kept.state.machines['web1']?.replica?.afterPass).toBeUndefined();
    const anew = kept.tell({ type: 'replica.created', machine: 'web1', volumes: added });
    expect(anew.state.machines['web1']?.replica?.afterPass).toBe(1);
  });

  test('is as large as the full copy that took its place', () => {
    const story = copied().tell(
      {
        ...{ type: 'checkpoint.made', machine: 'web1', pass: 2, checkpoint: 'c2' },
        disks: [{ disk: 'vda', capacity: 30 * GB }],
      },
      { type: 'replica.advanced', machine: 'web1', pass: 2, checkpoint: 'c2', replaced: true },
    );
    expect(story.state.machines['web1']?.replica?.volumes[0]?.capacity).toBe(30 * GB);
  });
});

describe('what must be out of a receiver before blocks come', () => {
  test('is nothing where nothing ever was in it', () => {
    expect(mayBeInReceiver(built().view, 'web1')).toBe(false);
    expect(stepsBeforeBlocks(built().view, 'web1')).toEqual(['build/web1/replica']);
    expect(isTargetBuilt(built().view, 'web1')).toBe(true);
  });

  test('is the replica that files have filled, until it was seen to be out', () => {
    const story = built().tell({ type: 'receiver.observed', machine: 'web1', devices: { vda: '/dev/sda' } });
    expect(stepsBeforeBlocks(story.view, 'web1')).toEqual(['build/web1/replica', 'build/web1/detach']);
    story.tell({ type: 'receiver.observed', machine: 'web1', devices: {} });
    expect(stepsBeforeBlocks(story.view, 'web1')).toEqual(['build/web1/replica']);
  });

  test('may be what an attempt has plugged in and not come to look at', () => {
    const story = built().tell({
      ...{ type: 'step.started', step: 'build/web1/attach', phase: 'build', attempt: 1 },
    });
    expect(mayBeInReceiver(story.view, 'web1')).toBe(true);
  });
});

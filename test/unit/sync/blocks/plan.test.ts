import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../../../src/journal/events.ts';
import { syncSteps } from '../../../../src/sync/index.ts';
import { baseOf, nextBlocksPass } from '../../../../src/sync/movers/blocks/plan.ts';
import { domainFacts, machinePlan, planOf, Story } from '../../../support/state.ts';

const GB = 1e9;
const disk = (target: string, capacity = 20 * GB) => ({
  target,
  source: `/pool/${target}.qcow2`,
  format: 'qcow2',
  bus: 'virtio',
  capacity,
  allocation: GB,
});

function story(): Story {
  const told = new Story(planOf({ machines: { web1: machinePlan({ mover: 'blocks' }) } }));
  told.begin().observe('web1', {}, domainFacts({ disks: [disk('vda')] }));
  return told;
}

const pass = (
  told: Story,
  number: number,
  kind: 'full' | 'delta',
  literalBytes: number,
  mover: 'files' | 'blocks' = 'blocks',
): EventBody[] => {
  const run = {
    mountpoint: 'vda',
    disk: 'vda',
    job: 'j',
    code: 0,
    files: 0,
    filesTransferred: 0,
    filesDeleted: 0,
    totalBytes: GB,
    transferredBytes: literalBytes,
    literalBytes,
    matchedBytes: 0,
    sentBytes: literalBytes,
    receivedBytes: 0,
    listSeconds: 0,
    ms: 1000,
    vanished: 0,
    troubles: [],
  };
  const checkpoint = `landfall-miami-to-dallas-p${number}`;
  const advanced: EventBody[] = [
    {
      type: 'checkpoint.made',
      machine: 'web1',
      pass: number,
      checkpoint,
      disks: [{ disk: 'vda', capacity: 20 * GB }],
    },
    { type: 'replica.advanced', machine: 'web1', pass: number, checkpoint, replaced: kind === 'full' },
  ];
  return [
    { type: 'pass.started', machine: 'web1', pass: number, kind, mover, reason: 'r', checksum: false },
    ...(mover === 'files' ? [] : advanced),
    {
      type: 'pass.ended',
      machine: 'web1',
      pass: number,
      kind,
      mover,
      consistency: 'crash',
      startedAt: told.now,
      ms: 1000,
      runs: [run],
      hot: [],
    },
    { type: 'pass.judged', machine: 'web1', pass: number, verdict: 'first', why: 'w', help: [] },
  ];
};

describe('the next pass by blocks', () => {
  it('begins whole, goes on with what has changed', () => {
    const told = story();
    expect(nextBlocksPass(told.view, 'web1')).toMatchObject({
      pass: 1,
      kind: 'full',
      reason: 'the first copy',
    });
    told.tell(...pass(told, 1, 'full', GB));
    expect(nextBlocksPass(told.view, 'web1')).toMatchObject({ pass: 2, kind: 'delta' });
    expect(syncSteps(told.view, 'web1').map(({ id }) => id)).toContain('sync/web1/pass-2');
  });

  it('ends once it has converged, and comes again when it is asked for', () => {
    const told = story();
    told.tell(...pass(told, 1, 'full', GB), ...pass(told, 2, 'delta', 1000));
    expect(nextBlocksPass(told.view, 'web1')).toBeUndefined();
    told.tell({ type: 'pass.requested', machine: 'web1', reason: 'the last one' });
    expect(nextBlocksPass(told.view, 'web1')).toMatchObject({
      pass: 3,
      kind: 'delta',
      reason: 'the last one',
    });
  });

  it.each<[string, (told: Story) => EventBody[], RegExp]>([
    ['files were copied since', told => pass(told, 2, 'delta', 1, 'files'), /files were copied/],
    [
      'its checkpoint is gone',
      () => [{ type: 'checkpoint.removed', machine: 'web1', checkpoint: 'landfall-miami-to-dallas-p1' }],
      /the checkpoint of pass 1 is gone/,
    ],
    [
      'the replica was made anew',
      () => [{ type: 'replica.created', machine: 'web1', volumes: [] }],
      /made anew/,
    ],
  ])('is whole, and says why, where %s', (_, events, reason) => {
    const told = story();
    told.tell(...pass(told, 1, 'full', GB), ...events(told));
    expect(nextBlocksPass(told.view, 'web1')).toMatchObject({
      kind: 'full',
      reason: expect.stringMatching(reason),
    });
  });

  it.each([
    ['new', [disk('vda'), disk('vdb')], /vdb is new/],
    ['larger', [disk('vda', 30 * GB)], /vda has another size/],
  ])('is whole where a disk is %s, also after it had converged', (_, disks, reason) => {
    const told = story();
    told.tell(...pass(told, 1, 'full', GB), ...pass(told, 2, 'delta', 1000));
    told.now += 60e3;
    told.observe('web1', {}, domainFacts({ disks }));
    expect(nextBlocksPass(told.view, 'web1')).toMatchObject({
      kind: 'full',
      reason: expect.stringMatching(reason),
    });
  });

  it('a delta that was begun becomes whole under its number when its base turns out to be gone', () => {
    const told = story();
    told.tell(...pass(told, 1, 'full', GB), ...pass(told, 2, 'delta', GB).slice(0, 1));
    expect(nextBlocksPass(told.view, 'web1')).toMatchObject({ pass: 2, kind: 'delta' });
    told.tell({ type: 'checkpoint.removed', machine: 'web1', checkpoint: 'landfall-miami-to-dallas-p1' });
    expect(nextBlocksPass(told.view, 'web1')).toMatchObject({ pass: 2, kind: 'full' });
  });

  it('a pass that files have begun is left behind', () => {
    const told = story();
    told.tell(...pass(told, 1, 'full', GB, 'files').slice(0, 1));
    expect(nextBlocksPass(told.view, 'web1')).toMatchObject({ pass: 2, kind: 'full' });
  });

  it('damage that no write explains is cured by the whole machine, twice at most', () => {
    const told = story();
    const verified = (number: number): EventBody => ({
      type: 'replica.verified',
      machine: 'web1',
      pass: number,
      passStartedAt: told.now,
      ms: 1,
      filesCompared: 0,
      bytesCompared: 1,
      live: 0,
      mismatches: ['vda at offset 0'],
    });
    told.tell(...pass(told, 1, 'full', GB), ...pass(told, 2, 'delta', 1000), verified(2));
    expect(nextBlocksPass(told.view, 'web1')).toMatchObject({
      pass: 3,
      kind: 'full',
      reason: 'repair: 1 difference that no write explains',
    });
  });

  it('the base is the checkpoint of the last pass that is in the replica', () => {
    const told = story();
    told.tell(...pass(told, 1, 'full', GB));
    expect(baseOf(told.view, 'web1')).toEqual({ checkpoint: 'landfall-miami-to-dallas-p1', pass: 1 });
  });
});

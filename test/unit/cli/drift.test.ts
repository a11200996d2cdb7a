import { describe, expect, it } from 'vitest';
import { type DriftPaper, driftText } from '../../../src/cli/drift-list.ts';
import { driftOf } from '../../../src/estate/drift/drift.ts';
import { HOUR, Story } from '../../support/state.ts';

const PAPER = { width: 80, unicode: false, colour: false };
const printed = (story: Story, paper: Partial<DriftPaper> = {}): string =>
  driftText(story.view, driftOf(story.view, story.now), { now: story.now, ...PAPER, ...paper });

const survey = (name: string) => ({
  ...{ gaps: [], networks: [], pools: [], bridges: [], cpuFit: [], versions: {} },
  domains: ['web1', name].map(each => ({
    ...{ name: each, uuid: each, state: 'running', autostart: false, memory: 2 * 1024 ** 3, vcpus: 2 },
    ...{ disks: [], interfaces: [], addresses: [], snapshots: 0, checkpoints: 0, passthrough: [] },
  })),
});
const seen = (name = 'cron'): Story =>
  new Story().begin().tell({ type: 'hypervisor.surveyed', hypervisor: 'mia-kvm1', survey: survey(name) });

describe('what landfall drift prints', () => {
  it('each with why, what it rests on, what to do and when it was seen; then the sum', () => {
    expect(printed(seen().wait(HOUR / 2)).split('\n')).toEqual([
      '[x] the domain "cron" on mia-kvm1 is running and not in the plan',
      '    nobody copies it: it is lost with the site, and whatever needs it stops',
      '    | UUID cron, 2 CPU, 2.15 GB of memory, disks of 0 B',
      '    next: find out whose it is; if it must survive, list it in the plan under',
      '          machines, with source.hypervisor mia-kvm1',
      '          if it may be lost, waive this with the name of whoever said so',
      '    seen 30m00s ago',
      '',
      'never surveyed: dal-kvm1, web1',
      '    next: landfall inventory <the plan file>',
      '1 difference, 1 of which stands in the way',
      '',
    ]);
  });

  it('that nobody has looked is no good news', () => {
    expect(printed(new Story().begin()).split('\n')).toEqual([
      'never surveyed: mia-kvm1, dal-kvm1, web1',
      '    next: landfall inventory <the plan file>',
      'nothing was seen yet that the plan could be compared with',
      '',
    ]);
  });

  it('stays within the screen, and a host cannot write on it', () => {
    const text = printed(seen('\u001b[2J\u202e evil '.repeat(20)), { width: 60 });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('has colour only where it is wanted', () => {
    expect(printed(seen(), { colour: true })).toContain('\u001b[');
    expect(printed(seen())).not.toContain('\u001b');
  });
});

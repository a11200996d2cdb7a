import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SurveyFacts } from '../../../../src/journal/facts-survey.ts';
import { inventoryOf } from '../../../../src/reports/inventory/inventory.ts';
import { HOUR, Story } from '../../../support/state.ts';
import { ESTATE, looked, shop, survey, WEB1 } from './estate.ts';

const findingsOf = (story: Story, now = story.now, estate = ESTATE) =>
  inventoryOf(story.view, now, estate).findings;

describe('findings', () => {
  it('what stands in the way comes first, what is merely not known last', () => {
    const all = findingsOf(looked());
    expect(all.map(({ severity }) => severity)).toEqual(
      [...all.map(({ severity }) => severity)].sort(
        (a, b) => ['critical', 'warning', 'note'].indexOf(a) - ['critical', 'warning', 'note'].indexOf(b),
      ),
    );
    expect(all.map(({ id }) => id)).toEqual([
      'machine/web1/depends-10.20.0.99-6379',
      'share-dead:web1:/mnt/legacy',
      'not-looked-at',
      'order:old1:db1',
      'unlisted-domain:legacy-cron',
      'job:sql1:1433:Replicate to HQ',
      'rights:sql1:1433',
      'mailer:web1',
      'bound:web1',
      'gap:web1',
    ]);
  });

  it('each says what to do, where it was seen, and how long ago', () => {
    const story = looked();
    for (const { id, what, next, seen } of findingsOf(story, story.now + 90_000)) {
      expect(what, id).not.toBe('');
      expect(next.length, id).toBeGreaterThan(0);
      expect(seen, id).toMatch(/^(1m30s ago|not looked at|from the plan)$/);
    }
  });

  it('nobody looked: hypervisors and machines are told as one', () => {
    const [first, ...rest] = findingsOf(new Story(shop()).begin(), undefined, {});
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      what: '6 hosts of the plan were not looked at yet',
      evidence: ['mia-kvm1', 'dal-kvm1', 'web1', 'db1', 'old1', 'sql1:1433'],
      stale: true,
      next: ['landfall inventory <the plan file>'],
    });
  });

  it('a failed look tells its own remedy, and is not told again as one that is missing', () => {
    const story = new Story(shop()).begin().tell({
      type: 'step.failed',
      step: 'inventory/web1',
      phase: 'inventory',
      attempts: 3,
      error: { code: 'ssh.refused', family: 'act', what: 'web1 closes the connection', next: ['ssh web1'] },
    });
    const [first, second] = findingsOf(story, undefined, {});
    expect(first).toMatchObject({ severity: 'critical', subject: 'web1', next: ['ssh web1'] });
    expect(second?.evidence).not.toContain('web1');
  });

  it('after a night everything is stale, in one finding that says how to look again', () => {
    const story = looked();
    const stale = findingsOf(story, story.now + 9 * HOUR).find(({ id }) => id === 'stale');
    expect(stale).toMatchObject({
      stale: true,
      evidence: ['web1: 9h00m ago: stale', 'db1: 9h00m ago: stale', 'sql1:1433: 9h00m ago: stale'],
      next: ['landfall inventory <the plan file> --again'],
    });
    const later = findingsOf(story, story.now + 9 * HOUR);
    expect(later.filter(({ kind }) => kind === 'share').every(each => each.stale)).toBe(true);
    // Who talks to whom does not become wrong overnight.
    expect(later.filter(({ kind }) => kind === 'dependency').every(each => !each.stale)).toBe(true);
  });

  it('a schedule that the standby holds is no alarm', () => {
    const story = new Story(shop()).begin().observe('web1', {
      actsTwice: [{ kind: 'cron', name: '/etc/cron.d/invoices', detail: 'runs at 6' }],
    });
    story.tell({ type: 'machine.surveyed', machine: 'web1', survey: WEB1, digest: 'd' });
    expect(findingsOf(story).find(({ id }) => id === 'mailer:web1')).toMatchObject({ severity: 'note' });
    expect(findingsOf(looked()).find(({ id }) => id === 'mailer:web1')).toMatchObject({
      severity: 'warning',
    });
  });

  it('what was accepted stands last, with who accepted it, until it speaks again', () => {
    const story = looked();
    const gate = 'machine/web1/depends-10.20.0.99-6379';
    story.tell({ type: 'gate.waived', gate, reason: 'a cache', until: story.now + HOUR });
    expect(findingsOf(story).at(-1)).toMatchObject({ id: gate, waived: 'a cache (engine@jump1:4711)' });
    expect(findingsOf(story, story.now + 2 * HOUR)[0]).toMatchObject({ id: gate });
    expect(findingsOf(story, story.now + 2 * HOUR)[0]).not.toHaveProperty('waived');
  });

  it('ids are distinct, and texts of hosts are harmless, whatever a survey holds', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const hostile: fc.Arbitrary<SurveyFacts> = fc
      .record({
        shares: fc.array(
          fc.record({
            mountpoint: text,
            type: text,
            server: text,
            path: text,
            state: fc.constant('mounted' as const),
            answers: fc.constant(false),
          }),
          { maxLength: 3 },
        ),
        gaps: fc.array(fc.record({ what: text, why: fc.constant('unreadable' as const), raw: text }), {
          maxLength: 3,
        }),
      })
      .map(parts => survey(parts));
    fc.assert(
      fc.property(hostile, facts => {
        const story = new Story(shop()).begin().observe('web1');
        story.tell({ type: 'machine.surveyed', machine: 'web1', survey: facts, digest: 'd' });
        const all = findingsOf(story);
        expect(JSON.stringify(all)).not.toMatch(/\\u00(?:[01]|7f|8|9)|[\u202a-\u202e]/);
      }),
      { numRuns: 100 },
    );
  });
});

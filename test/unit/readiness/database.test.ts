import { describe, expect, it } from 'vitest';
import type { Gate } from '../../../src/readiness/gate.ts';
import { gatesOfDatabase } from '../../../src/readiness/gates.ts';
import { subjectVerdict } from '../../../src/readiness/verdict.ts';
import {
  assessed,
  databaseStory,
  differenceOf,
  following,
  inSync,
  LOG_READER_STOPPED,
  sampleOf,
} from '../../support/databases.ts';
import { HOUR, MINUTE, type Story } from '../../support/state.ts';

const gates = (story: Story, now = story.now): Gate[] => gatesOfDatabase(story.view, 'Orders', now);
const gate = (story: Story, check: string, now = story.now): Gate | undefined =>
  gates(story, now).find(each => each.check === check);
const blocking = (story: Story, now = story.now): string[] =>
  (subjectVerdict(gates(story, now))?.blocking ?? []).map(({ check }) => check);

const observed = (story: Story, overrides: Parameters<typeof sampleOf>[1] = {}): Story =>
  story.tell({ type: 'database.observed', database: 'Orders', sample: sampleOf(story.now, overrides) });

describe('a database', () => {
  it('of which nothing is known is unproven in everything, and says what to do', () => {
    const story = databaseStory();
    expect(blocking(story)).toEqual([
      ...['assessed', 'lane', 'captured', 'replication', 'exposure', 'validated', 'agents', 'no-failure'],
    ]);
    expect(gate(story, 'assessed')?.remedy).toBe('landfall database assess miami-to-dallas Orders');
    for (const each of gates(story)) expect(each.evidence.length).toBeGreaterThan(0);
  });

  it('that follows, was compared and is watched is ready', () => {
    expect(blocking(inSync(databaseStory()))).toEqual([]);
  });

  it('is not ready any more when nobody has looked for a while: silence is red', () => {
    const story = inSync(databaseStory());
    expect(blocking(story, story.now + 6 * MINUTE)).toEqual(['replication', 'agents']);
    expect(blocking(story, story.now + HOUR)).toEqual(['replication', 'exposure', 'agents']);
    expect(blocking(story, story.now + 25 * HOUR)).toEqual([
      'replication',
      'exposure',
      'validated',
      'agents',
    ]);
  });

  it('is behind for longer than its tier allows', () => {
    const story = observed(inSync(databaseStory()), { exposureMs: 20 * MINUTE });
    expect(gate(story, 'exposure')).toMatchObject({ verdict: 'fail' });
    expect(gate(story, 'exposure')?.evidence[0]).toContain('20m');
  });

  it('has a trouble, with its remedy', () => {
    const story = observed(inSync(databaseStory()), { troubles: [LOG_READER_STOPPED] });
    expect(gate(story, 'replication')).toMatchObject({
      verdict: 'fail',
      remedy: LOG_READER_STOPPED.remedy,
    });
  });

  it('differs from production', () => {
    const story = inSync(databaseStory()).tell({
      type: 'database.validated',
      database: 'Orders',
      kind: 'live',
      startedAt: 1,
      ms: 1,
      repaired: 0,
      tables: [differenceOf('dbo.Orders', { missing: 2 })],
    });
    expect(gate(story, 'validated')).toMatchObject({ verdict: 'fail' });
    expect(gate(story, 'validated')?.remedy).toContain('--repair');
  });

  it('cannot leave by a lane that a blocker closes', () => {
    const story = assessed(databaseStory(), {
      findings: [
        {
          code: 'collation',
          severity: 'blocker',
          subject: 'Orders_Dev',
          what: 'another collation',
          remedy: 'restore a backup instead',
          closes: ['clone'],
          evidence: [],
        },
      ],
    }).tell({ type: 'database.lane-chosen', database: 'Orders', lane: 'clone', reason: 'test' });
    expect(gate(story, 'lane')).toMatchObject({ verdict: 'fail', remedy: 'restore a backup instead' });
  });

  it('whose queue expires soon, or whose log grows, warns and does not block', () => {
    const story = observed(inSync(databaseStory()), { expiresInHours: 3, proposeDrop: true });
    expect(gate(story, 'retention')).toMatchObject({ verdict: 'fail', severity: 'warning' });
    expect(gate(story, 'production-log')).toMatchObject({ verdict: 'fail', severity: 'warning' });
    expect(blocking(story)).toEqual([]);
  });

  it('with a failed step is blocked by it', () => {
    const story = inSync(databaseStory()).tell({
      type: 'step.failed',
      step: 'database/Orders/validate',
      phase: 'database',
      attempts: 1,
      error: { code: 'sql.failed', family: 'program', what: 'it broke', next: ['mend it'] },
    });
    expect(blocking(story)).toEqual(['no-failure']);
    expect(gate(story, 'no-failure')?.remedySteps).toContain('mend it');
  });

  it('that was handed over has nothing at the source that could be lost', () => {
    const story = following(databaseStory()).tell({
      type: 'handover.ended',
      database: 'Orders',
      dark: false,
      lost: [],
    });
    expect(blocking(story, story.now + 48 * HOUR)).toEqual(['validated']);
  });

  it('can be looked at without landfall, and no password stands in the command', () => {
    const command = gate(inSync(databaseStory()), 'replication')?.checkByHand;
    expect(command).toBe(
      "sqlcmd -S tcp:10.30.0.9,1433 -U landfall -d Orders_Dev -Q 'SELECT TOP (1) id, [at] FROM [landfall].[marker] ORDER BY id DESC'",
    );
  });
});

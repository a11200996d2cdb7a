import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DatabaseRow, databaseRows, SILENT_MS } from '../../../src/reports/database-row.ts';
import { stagesOf } from '../../../src/reports/stages.ts';
import {
  assessed,
  databaseStory,
  differenceOf,
  following,
  inSync,
  LOG_READER_STOPPED,
  weighed,
} from '../../support/databases.ts';
import type { Story } from '../../support/state.ts';

const rowAt = (story: Story, later = 0): DatabaseRow => {
  const [row] = databaseRows(story.view, story.now + later);
  if (row === undefined) throw new Error('the plan of this story has no database');
  return row;
};

describe('a database in one row', () => {
  test('is what its story came to', () => {
    expect(rowAt(databaseStory()).status).toEqual({ kind: 'unknown', word: 'not begun' });
    expect(rowAt(assessed(databaseStory())).status.word).toBe('not seeded');
    expect(rowAt(following(databaseStory())).status).toEqual({ kind: 'unknown', word: 'not observed' });
    expect(rowAt(inSync(databaseStory())).status).toEqual({ kind: 'ok', word: 'in sync' });
  });

  test('is never "in sync" on old evidence: silence is red', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 48 * 3600e3 }), later => {
        const { status, exposureMs } = rowAt(inSync(databaseStory()), later);
        expect(status.kind === 'ok').toBe(later <= SILENT_MS);
        expect(exposureMs).toBe(1500 + later);
      }),
    );
  });

  test('a trouble, a failed step and rows that differ each win over "in sync"', () => {
    expect(rowAt(inSync(databaseStory(), { troubles: [LOG_READER_STOPPED] })).status.kind).toBe('bad');
    const differs = inSync(databaseStory());
    differs.tell({
      type: 'database.validated',
      database: 'Orders',
      kind: 'exact',
      startedAt: differs.now,
      ms: 1,
      tables: [differenceOf('dbo.Orders', { extra: 1 })],
      repaired: 0,
    });
    expect(rowAt(differs)).toMatchObject({
      status: { kind: 'bad', word: 'differs' },
      validated: { kind: 'exact', differ: 1 },
    });
  });

  test('nothing proven in the copy is not in sync, and has no exposure that one could read as small', () => {
    const story = following(databaseStory());
    story.tell({
      type: 'database.observed',
      database: 'Orders',
      sample: { hops: [], troubles: [], proposeDrop: false },
    });
    expect(rowAt(story).status.word).toBe('nothing proven');
    expect(rowAt(story).exposureMs).toBeUndefined();
  });

  test('a lane that is chosen anew begins from its own capture', () => {
    const story = following(databaseStory());
    story.tell({
      type: 'database.lane-chosen',
      database: 'Orders',
      lane: 'backup',
      reason: 'the link is fast',
    });
    expect(rowAt(story)).toMatchObject({ lane: 'backup', status: { word: 'not seeded' } });
  });

  test('what was torn down follows no more', () => {
    const story = inSync(databaseStory());
    story.tell({ type: 'database.torn-down', database: 'Orders', removed: ['publication landfall'] });
    expect(rowAt(story).status).toEqual({ kind: 'unknown', word: 'torn down' });
    expect(rowAt(story).exposureMs).toBeUndefined();
  });
});

describe('the stage', () => {
  const stage = (story: Story, later = 0) =>
    stagesOf(story.view, story.now + later).find(({ phase }) => phase === 'database');

  test('is done when every database is in sync, and no longer when they fall silent', () => {
    const story = inSync(databaseStory());
    expect(stage(story)).toMatchObject({ state: 'done', word: 'in sync', done: 1, of: 1 });
    expect(stage(story, SILENT_MS + 1)).toMatchObject({ done: 0, of: 1 });
    expect(stage(weighed(databaseStory()))).toMatchObject({ done: 0, of: 1 });
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  databaseResults,
  formatResults,
  formatStatus,
  isSettled,
} from '../../../src/cli/render/database-results.ts';
import { createStyle } from '../../../src/cli/style.ts';
import { databaseRows } from '../../../src/reports/database-row.ts';
import { landfall } from '../../support/cli.ts';
import { databaseStory, differenceOf, following, weighed } from '../../support/databases.ts';
import type { Story } from '../../support/state.ts';
import { SOUND } from '../plan/sound-plan.ts';

const PLAIN = createStyle(false, true);

const planFile = (): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'landfall-database-')), 'plan.yaml');
  const database = [
    'databases:',
    '  Orders:',
    '    tier: normal',
    '    publisher: { address: 127.0.0.1, port: 1, user: landfall, password: env:A_SECRET }',
    '    subscriber: { address: 127.0.0.1, port: 2, user: landfall, password: env:A_SECRET }',
    '    clone: { database: Orders_Dev }',
  ].join('\n');
  writeFileSync(file, `${SOUND}${database}\n`);
  return file;
};

const ordered = (story: Story, order: 'validate' | 'seed' | 'assess'): Story =>
  story.tell({ type: 'database.ordered', database: 'Orders', order });

describe('landfall database', () => {
  test('refuses an order that there is not', async () => {
    const { code, err } = await landfall(['database', 'mirror', planFile()]);
    expect(code).toBe(2);
    expect(err).toContain('assess');
  });

  test('refuses a database that the plan does not have, and says which it has', async () => {
    const { code, err } = await landfall(['database', 'assess', planFile(), 'Order']);
    expect(code).toBe(2);
    expect(err).toContain('Orders');
  });

  test.each(['handover', 'teardown'])('%s says the name to type, and touches nothing', async order => {
    const plan = planFile();
    const { code, err } = await landfall(['database', order, plan, 'Orders']);
    expect(code).toBe(2);
    expect(err).toContain(`--confirm Orders`);
    const other = await landfall(['database', order, plan, 'Orders', '--confirm', 'orders']);
    expect(other.code).toBe(2);
    expect(other.err).toContain('"orders" is not the name of the database');
  });

  test('a password that is not there is told before anything is touched', async () => {
    const state = mkdtempSync(join(tmpdir(), 'landfall-state-'));
    const { code, err } = await landfall([
      ...['database', 'assess', planFile(), '--foreground', '--state', state],
    ]);
    expect(code).toBe(2);
    expect(err).toContain('the environment has no A_SECRET');
  });

  test('--dry-run shows what comes before the assessment, and contacts nobody', async () => {
    const { code, out } = await landfall(['database', 'seed', planFile(), '--dry-run']);
    expect(code).toBe(0);
    expect(out).toContain('Not assessed yet: Orders.');
    expect(out).toContain('database/Orders/assess');
  });

  test('--dry-run refuses what the desk would refuse', async () => {
    const { code, err } = await landfall(['database', 'validate', planFile(), 'Orders', '--dry-run']);
    expect(code).toBe(2);
    expect(err).toContain('does not follow production yet');
  });
});

describe('the end of an order', () => {
  const resultOf = (story: Story, order: 'validate' | 'seed' | 'assess') =>
    databaseResults(story.state, ['Orders'], order, 0);

  test('is its answer', () => {
    const story = ordered(databaseStory(), 'seed');
    expect(isSettled(story.state, 'Orders', 'seed')).toBe(false);
    following(story);
    expect(isSettled(story.state, 'Orders', 'seed')).toBe(true);
    const [result] = resultOf(story, 'seed');
    expect(result?.outcome).toBe('done');
    expect(formatResults(result === undefined ? [] : [result], 'seed', 'storm', PLAIN)).toContain(
      '✔ Orders: the copy follows production',
    );
  });

  test('or what stands in its way, with the remedy', () => {
    const story = ordered(databaseStory(), 'assess').tell({
      type: 'step.failed',
      step: 'database/Orders/assess',
      phase: 'database',
      attempts: 1,
      error: {
        ...{ code: 'sql.login-refused', family: 'act', what: 'it does not let landfall in\u001b[2J' },
        next: ['check the password'],
      },
    });
    expect(isSettled(story.state, 'Orders', 'assess')).toBe(true);
    const text = formatResults(resultOf(story, 'assess'), 'assess', 'storm', PLAIN);
    expect(text).toContain('✖ Orders: it does not let landfall in');
    expect(text).toContain('next: check the password');
    expect(text).not.toContain('\u001b');
  });

  test('a copy that differs is no success', () => {
    const story = ordered(following(databaseStory()), 'validate').tell({
      type: 'database.validated',
      database: 'Orders',
      kind: 'live',
      startedAt: 1,
      ms: 5,
      repaired: 0,
      tables: [differenceOf('dbo.Orders', { different: 1, examples: ['Id=7'] })],
    });
    const [result] = resultOf(story, 'validate');
    expect(result?.outcome).toBe('differs');
    expect(formatResults(result === undefined ? [] : [result], 'validate', 'storm', PLAIN)).toContain(
      'dbo.Orders: 0 missing, 0 too many, 1 different',
    );
  });

  test('the assessment is told with its findings', () => {
    const text = formatResults(resultOf(weighed(databaseStory()), 'assess'), 'assess', 'storm', PLAIN);
    expect(text).toContain('MIA-SQL1, Standard Edition (64-bit) 16.0.4185.3');
    expect(text).toContain('remedy: ALTER TABLE dbo.Audit');
  });
});

test('status says what would be lost', () => {
  const story = following(databaseStory());
  const rows = databaseRows(story, story.now);
  expect(formatStatus(rows, story.state, story.now, PLAIN)).toContain(
    'exposure: nothing is proven to be in the copy',
  );
});

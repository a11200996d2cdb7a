import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reloadedTables, trackedTables } from '../../../../src/database/tracking/index.ts';
import { roundStatements } from '../../../../src/database/tracking/statements.ts';
import { retentionDays } from '../../../../src/database/tracking/track-script.ts';
import { goldenText, scene, watchText } from './golden.ts';

const golden = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/database/${name}`, import.meta.url), 'utf8');

test.each([
  ['2012-standard', 11, 'Standard Edition (64-bit)'],
  ['2016-web', 13, 'Web Edition (64-bit)'],
  ['2019-express', 15, 'Express Edition (64-bit)'],
  ['2022-standard', 16, 'Standard Edition (64-bit)'],
])('tracking on %s, as a DBA reads it', (name, major, edition) => {
  expect(goldenText('change-tracking', major, edition)).toBe(golden(`tracking/change-tracking-${name}.sql`));
});

test.each(['clone', 'change-tracking'] as const)('the watch of lane %s, as a DBA reads it', lane => {
  expect(watchText(lane)).toBe(golden(`monitor/${lane}-2022-standard.sql`));
});

test('only tables that cannot be articles are tracked beside replication; those without a key are copied whole', () => {
  const names = (tables: readonly { readonly name: string }[]): string[] => tables.map(({ name }) => name);
  const own = scene('change-tracking', 15, 'Express Edition');
  expect(names(trackedTables(own))).toEqual(['Orders', "O'Lines", 'History']);
  expect(names(reloadedTables(own))).toEqual(['Audit']);
  expect(names(trackedTables(scene('clone', 16, 'Standard Edition')))).toEqual(['History']);
});

test('changes are kept for a week at least, and beyond the deadline', () => {
  expect(retentionDays(scene('change-tracking', 15, 'Express'))).toBe(7);
  expect(retentionDays(scene('change-tracking', 15, 'Express', 2))).toBe(7);
  expect(retentionDays(scene('change-tracking', 15, 'Express', 20))).toBe(23);
});

test('beside replication a round leaves the marker to the distribution agent', () => {
  const texts = (lane: 'clone' | 'change-tracking') =>
    roundStatements(scene(lane, 16, 'Standard Edition'))
      .map(({ text }) => text)
      .join('\n');
  expect(texts('change-tracking')).toContain('INSERT [landfall].[marker]');
  expect(texts('clone')).toContain('UPDATE [landfall].[tracking_state]');
  expect(texts('clone')).not.toContain('[landfall].[marker]');
});

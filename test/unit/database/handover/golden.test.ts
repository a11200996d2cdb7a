import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { thawScript } from '../../../../src/database/handover/index.ts';
import { failbackBlockers } from '../../../../src/database/handover/reverse.ts';
import { handsOf } from '../../../../src/database/handover/stage.ts';
import { sceneOf } from '../replicate/scenes.ts';
import { GOLDEN } from './golden.ts';

const kept = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/database/handover/${name}.sql`, import.meta.url), 'utf8');

test.each(Object.entries(GOLDEN))('%s is as a DBA has read it', (name, text) => {
  expect(text()).toBe(kept(name));
});

test('agents of the plan and landfall itself are never frozen', () => {
  const freeze = handsOf(sceneOf({ agents: true })).find(({ id }) => id === 'freeze');
  const [record] = freeze?.preview(sceneOf({ agents: true })) ?? [];
  expect(record?.text).toContain("p.name <> N'repl_agents'");
  expect(record?.text).toContain('p.sid <> SUSER_SID()');
  expect(thawScript(sceneOf()).deeds.at(-1)?.id).toBe('forget');
});

test('no way back is told with its reason', () => {
  const scene = sceneOf();
  const { assessed } = scene.state;
  if (assessed === undefined) throw new Error('not assessed');
  const publisher = { ...assessed.publisher, major: assessed.subscriber.major - 3 };
  const old = { ...scene, state: { ...scene.state, assessed: { ...assessed, publisher } } };
  expect(failbackBlockers(scene)).toEqual([]);
  expect(failbackBlockers(old)).toEqual([expect.stringContaining('more than two releases')]);
});

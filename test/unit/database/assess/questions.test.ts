import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planStage } from '../../../../src/database/advise/index.ts';
import { assessStage } from '../../../../src/database/assess/index.ts';
import { refOf } from '../../../../src/database/names.ts';
import type { Scene } from '../../../../src/database/stage.ts';
import { formatStatements } from '../../../../src/remote/sql/script.ts';
import { ORDERS } from '../../../support/databases.ts';
import { planOf } from '../../../support/state.ts';

const fixture = (path: string): string =>
  readFileSync(join(import.meta.dirname, '../../../../fixtures/database', path), 'utf8');

function scene(): Scene {
  const plan = planOf({ databases: { Orders: ORDERS } }).databases['Orders'];
  if (plan === undefined) throw new Error('no Orders');
  const state = { name: 'Orders', ordered: {} };
  return { name: 'Orders', plan, state, ref: refOf('Orders', plan, state, 'miami-to-dallas') };
}

describe('what is asked before anything is done', () => {
  it.each([
    ['assess', assessStage],
    ['advise', planStage],
  ] as const)('%s: every question is as a DBA reads it, and none writes', (room, stage) => {
    const statements = stage.preview(scene());
    expect(statements.every(({ effect }) => effect === 'reads')).toBe(true);
    expect(formatStatements(statements, stage.title(scene()))).toBe(fixture(`${room}/questions.sql`));
  });
});

import { drainedStatements, observeStatements } from '../../../../src/database/monitor/index.ts';
import { refOf } from '../../../../src/database/names.ts';
import type { Scene } from '../../../../src/database/stage.ts';
import { trackScript, untrackScript } from '../../../../src/database/tracking/index.ts';
import { roundStatements } from '../../../../src/database/tracking/statements.ts';
import type { Lane, TableColumn } from '../../../../src/journal/database-facts.ts';
import { formatScript, formatStatements } from '../../../../src/remote/sql/script.ts';
import { assessed, databaseStory, serverFacts, tableFacts } from '../../../support/databases.ts';

/** A scene with every kind of table, and its scripts as the golden files keep them. */

const column = (name: string, type: string, more: Partial<TableColumn> = {}): TableColumn => ({
  ...{ name, type, length: 4, precision: 10, scale: 0, nullable: false, identity: false, carried: true },
  ...more,
});

const TABLES = [
  tableFacts('Orders', {
    columns: [
      column('Id', 'int', { identity: true }),
      column('Customer]s', 'nvarchar', { length: 100, collation: 'Latin1_General_CI_AS' }),
      column('Amount', 'decimal', { length: 9, precision: 19, scale: 4, nullable: true }),
      column('Stamp', 'timestamp', { length: 8, carried: false }),
    ],
  }),
  tableFacts("O'Lines", {
    key: ['Order', 'Line'],
    columns: [
      column('Order', 'int'),
      column('Line', 'int'),
      column('Body', 'varbinary', { length: -1, nullable: true }),
    ],
  }),
  tableFacts('History', { carriedBy: 'change-tracking', columns: [column('Id', 'int')] }),
  tableFacts('Audit', {
    key: [],
    carriedBy: 'reload',
    columns: [column('What', 'nvarchar', { length: 200 })],
  }),
];

export function scene(lane: Lane, major: number, edition: string, deadlineDays?: number): Scene {
  const story = assessed(databaseStory(), {
    publisher: serverFacts('MIA-SQL1', { major, edition }),
    tables: TABLES,
  }).tell({ type: 'database.lane-chosen', database: 'Orders', lane, reason: 'test' });
  const { plan, state } = story.view;
  const [database, own] = [state.databases['Orders'], plan.databases['Orders']];
  if (database === undefined || own === undefined) throw new Error('no Orders');
  const from = database.assessed?.at ?? 0;
  const expected = from + (deadlineDays ?? 0) * 86_400_000;
  return {
    ...{ name: 'Orders', plan: own, state: database },
    ref: refOf('Orders', own, database, 'miami-to-dallas'),
    ...(deadlineDays === undefined ? {} : { deadline: { earliest: expected, expected } }),
  };
}

export const goldenText = (lane: Lane, major: number, edition: string): string => {
  const given = scene(lane, major, edition, 5);
  return [
    formatScript(trackScript(given)),
    formatStatements(roundStatements(given), 'one round'),
    formatScript(untrackScript(given)),
  ].join('\n');
};

export const watchText = (lane: Lane): string => {
  const given = scene(lane, 16, 'Standard Edition (64-bit)');
  return [
    formatStatements(observeStatements(given), 'one look'),
    formatStatements(drainedStatements(given).slice(0, 2), 'the proof that everything has arrived'),
  ].join('\n');
};

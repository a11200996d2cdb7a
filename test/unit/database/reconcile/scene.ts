import { refOf } from '../../../../src/database/names.ts';
import type { Scene } from '../../../../src/database/stage.ts';
import type { DatabaseTable, SqlServerFacts, TableColumn } from '../../../../src/journal/database-facts.ts';
import type { DatabaseState } from '../../../../src/journal/state.ts';
import { ORDERS, serverFacts } from '../../../support/databases.ts';
import { planOf } from '../../../support/state.ts';

/** What statements about reconciling are made of, without a server. */

export const column = (name: string, type: string, more: Partial<TableColumn> = {}): TableColumn => ({
  ...{ name, type, length: 4, precision: 0, scale: 0, nullable: false, identity: false, carried: true },
  ...more,
});

export const TABLES: readonly DatabaseTable[] = [
  {
    ...{
      schema: 'dbo',
      name: 'Orders',
      rows: 1_000_000,
      bytes: 400e6,
      key: ['Id'],
      carriedBy: 'replication',
    },
    columns: [
      column('Id', 'int', { identity: true }),
      column('Code', 'varchar', { length: 12, collation: 'Latin1_General_CI_AS' }),
      column('Amount', 'decimal', { precision: 19, scale: 4, nullable: true }),
      column('Placed', 'datetime2', { length: 8, scale: 7 }),
      column('Note', 'nvarchar', { length: -1, collation: 'Latin1_General_CI_AS', nullable: true }),
      column('Version', 'timestamp', { length: 8, carried: false }),
    ],
  },
  {
    ...{ schema: "o'dd", name: 'a]b', rows: 10, bytes: 8_192, key: [], carriedBy: 'reload' },
    columns: [column("wh'at]", 'uniqueidentifier', { length: 16 })],
  },
];

export function sceneOf(publisher: Partial<SqlServerFacts> = {}): Scene {
  const plan = planOf({ databases: { Orders: ORDERS } }).databases['Orders'];
  if (plan === undefined) throw new Error('no plan');
  const state: DatabaseState = {
    name: 'Orders',
    ordered: {},
    lane: { lane: 'clone', reason: 'a test', at: 0, by: 'test' },
    assessed: {
      at: 0,
      publisher: serverFacts('MIA-SQL1', publisher),
      distributor: serverFacts('DAL-SQL1'),
      subscriber: serverFacts('DAL-SQL1'),
      tables: [...TABLES],
      findings: [],
    },
  };
  return { name: 'Orders', plan, state, ref: refOf('Orders', plan, state, 'miami-to-dallas') };
}

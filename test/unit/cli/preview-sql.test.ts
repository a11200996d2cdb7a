import { expect, it } from 'vitest';
import { groupSql, sqlBlock } from '../../../src/cli/preview-sql.ts';
import type { Action } from '../../../src/step/action.ts';

const sql = (host: string, text: string, more: { reads?: boolean; note?: string } = {}): Action => ({
  kind: 'sql',
  host,
  database: 'Orders',
  text,
  ...more,
});
const look: Action = { kind: 'exec', host: 'web1', argv: ['true'] };

it('what goes to one server and one database in a row is one block', () => {
  const actions = [
    sql('Orders.publisher', 'A'),
    sql('Orders.publisher', 'B'),
    sql('Orders.subscriber', 'C'),
    look,
    sql('Orders.subscriber', 'D', { reads: true }),
    sql('Orders.subscriber', 'E'),
  ];
  expect(groupSql(actions).map(group => (Array.isArray(group) ? group.length : 'alone'))).toEqual([
    2,
    1,
    'alone',
    1,
    1,
  ]);
});

it('batches are separated by GO and keep their lines; control characters do not pass', () => {
  const [group] = groupSql([
    sql('Orders.publisher', 'EXEC a\n  @b = 1;\n', { note: 'publish' }),
    sql('Orders.publisher', 'PRINT \u001b[31m;'),
  ]);
  const lines = Array.isArray(group) ? sqlBlock(group, '  ') : [];
  expect(lines.slice(0, 4)).toEqual(['  -- publish', '  EXEC a', '    @b = 1;', '  GO']);
  expect(lines.at(-1)).toBe('  GO');
  expect(lines.join('\n')).not.toContain('\u001b');
});

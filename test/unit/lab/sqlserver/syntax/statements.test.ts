import { describe, expect, it } from 'vitest';
import { parseBatch } from '../../../../../src/lab/sqlserver/syntax/parse.ts';
import type { Statement } from '../../../../../src/lab/sqlserver/syntax/statements.ts';

const first = (text: string): Statement => {
  const [statement] = parseBatch(text);
  if (statement === undefined) throw new Error('no statement');
  return statement;
};
const number = (text: string) => ({ node: 'literal', literal: { kind: 'integer', text } });

describe('data', () => {
  it('a merge', () => {
    expect(
      first(`merge dbo.t with (holdlock) t using s on t.a = s.a when matched and s.b = 1 then delete
      when not matched by source then update set x = 1, y += 2 when not matched then insert values (1) output $action into @o (a);`),
    ).toMatchObject({
      target: ['dbo', 't'],
      alias: 't',
      hints: ['HOLDLOCK'],
      using: { source: 'table', name: ['s'] },
      branches: [
        { when: 'matched', and: { condition: 'compare' }, action: { kind: 'delete' } },
        {
          when: 'not-matched-by-source',
          action: { kind: 'update', set: [{ operator: '=' }, { operator: '+=' }] },
        },
        { when: 'not-matched-by-target', action: { kind: 'insert', columns: [], values: [number('1')] } },
      ],
      output: {
        items: [{ expression: { node: 'pseudo', name: '$action' } }],
        into: { target: ['@o'], columns: ['a'] },
      },
    });
  });

  it('joins nest as their ON clauses say', () => {
    expect(first('select 1 from a join b left join c on 1 = 1 on 2 = 2 cross join d')).toMatchObject({
      query: {
        body: {
          from: [
            {
              kind: 'cross',
              left: {
                kind: 'inner',
                left: { name: ['a'] },
                right: { kind: 'left', left: { name: ['b'] }, right: { name: ['c'] } },
              },
              right: { name: ['d'] },
            },
          ],
        },
      },
    });
  });

  it('ELSE belongs to the nearest IF', () => {
    expect(first('if 1 = 1 if 2 = 2 print 1; else print 2')).toHaveProperty('then.otherwise');
    expect(first('if 1 = 1 if 2 = 2 print 1; else print 2')).not.toHaveProperty('otherwise');
  });

  it('a bare word as an argument is a string, DEFAULT is the default', () => {
    expect(first('exec @rc = sp_x word, default, @a output, @n = -1')).toMatchObject({
      result: '@rc',
      target: { kind: 'procedure', name: ['sp_x'] },
      arguments: [
        { value: { literal: { kind: 'nstring', text: 'word' } }, output: false },
        { value: { literal: { kind: 'default' } } },
        { value: { node: 'variable', name: '@a' }, output: true },
        { name: '@n', value: { node: 'unary', operator: '-', operand: number('1') } },
      ],
    });
  });

  it('EXECUTE may be left out at the beginning of a batch only', () => {
    expect(first("[a b].dbo.p 'x'")).toMatchObject({
      statement: 'execute',
      target: { name: ['a b', 'dbo', 'p'] },
    });
    expect(() => parseBatch('print 1; p 1')).toThrow("Incorrect syntax near 'p'.");
  });

  it('ROLLBACK TRAN takes THROW for a name, as SQL Server does', () => {
    expect(first('rollback tran throw')).toMatchObject({ statement: 'rollback', name: 'throw' });
  });
});

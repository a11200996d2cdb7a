import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommand } from '../../../../../src/lab/sqlserver/replication/agents/command-line.ts';
import { commandForm } from '../../../../../src/lab/sqlserver/replication/article.ts';
import { executable, joined, split } from '../../../../../src/lab/sqlserver/replication/commands.ts';
import { literal } from '../../../../../src/lab/sqlserver/replication/literals.ts';
import { readOriginator, writeOriginator } from '../../../../../src/lab/sqlserver/replication/originator.ts';
import { nvarchar } from '../../../../../src/lab/sqlserver/values/types.ts';

describe('commands in the distribution database', () => {
  it('any text comes back from its pieces of 1024 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 4000 }), text => {
        const pieces = split(text);
        expect(joined(pieces.map(({ bytes }) => bytes))).toBe(text);
        expect(pieces.every(({ bytes }) => bytes.length <= 1024)).toBe(true);
        expect(pieces.map(({ partial }) => partial)).toEqual(pieces.map((_, at) => at < pieces.length - 1));
      }),
    );
  });

  it('arguments that are left out are defaults, whatever the texts hold', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.string({ unit: fc.constantFrom(...",'()N[]{} a") }))), values => {
        const list = values.map(value => (value === null ? '' : literal(value, nvarchar('max'))));
        const run = executable(`{CALL [sp_MSupd_dboT] (${list.join(',')})}`);
        const wanted = (list.length === 0 ? [''] : list).map(value => (value === '' ? 'DEFAULT' : value));
        expect(run).toBe(`EXEC [sp_MSupd_dboT] ${wanted.join(', ')}`);
      }),
    );
  });

  it('what is no constant goes through a variable', () => {
    expect(executable("{CALL [p] (1,CONVERT(decimal(5,2),1.50),N'CONVERT(x)')}", 7)).toBe(
      "DECLARE @v7_0 sql_variant = CONVERT(decimal(5,2),1.50);EXEC [p] 1, @v7_0, N'CONVERT(x)'",
    );
    expect(executable('DELETE FROM [dbo].[T] WHERE [id] = 1')).toBe('DELETE FROM [dbo].[T] WHERE [id] = 1');
  });

  it('constants say their value exactly', () => {
    expect(literal(-9223372036854775808n, { kind: 'bigint' })).toBe('-9223372036854775808');
    expect(literal(-9223372036854775808n, { kind: 'money' })).toBe('-922337203685477.5808');
    expect(literal(-5n, { kind: 'decimal', precision: 38, scale: 12 })).toBe('-0.000000000005');
    expect(literal(0.1, { kind: 'float' })).toBe('1E-1');
    expect(literal(Uint8Array.of(0, 255), { kind: 'varbinary', length: 'max' })).toBe('0x00FF');
    expect(literal(1, { kind: 'datetime' })).toBe("'1900-01-01T00:00:00.003'");
    expect(literal("it's", nvarchar(10))).toBe("N'it''s'");
    expect(literal(null, { kind: 'xml' })).toBe('NULL');
  });

  it('forms of commands', () => {
    expect(commandForm('SCALL [dbo].[sp_MSupd_a]]b]')).toEqual({
      form: 'call',
      style: 'SCALL',
      procedure: 'sp_MSupd_a]b',
    });
    expect(commandForm('call sp_MSins_dboT')).toEqual({
      form: 'call',
      style: 'CALL',
      procedure: 'sp_MSins_dboT',
    });
    expect([commandForm(null), commandForm('sql'), commandForm('NONE')]).toEqual([
      { form: 'sql' },
      { form: 'sql' },
      { form: 'none' },
    ]);
    expect(commandForm('VCALL [p]')).toBeUndefined();
  });

  it('names of any kind stand in an agent’s command line', () => {
    const name = fc.string({ minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(name, name, (publisher, database) => {
        const escaped = (text: string) => `[${text.replaceAll(']', ']]')}]`;
        const command = readCommand(
          `-Publisher ${escaped(publisher)} -PublisherDB ${escaped(database)} -Continuous`,
        );
        expect([
          command.value('Publisher'),
          command.value('publisherdb'),
          command.flag('Continuous'),
        ]).toEqual([publisher, database, true]);
      }),
    );
    expect(() => readCommand('-Continuous').value('Publisher')).toThrow(/lacks -Publisher/);
  });

  it('an originator is read as it was written', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (server, database) => {
        expect(readOriginator(writeOriginator({ server, database }))).toEqual({ server, database });
      }),
    );
  });
});

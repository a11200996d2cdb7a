import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bound,
  bytes,
  call,
  compose,
  name,
  number,
  template,
  text,
  whole,
  words,
  written,
} from '../../../../src/database/besides/phrase.ts';
import { phrasesFor } from '../../../../src/database/besides/phrases.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';

const place = { title: 'a test', on: 'subscriber', database: 'master' } as const;
const login = compose(place)`
CREATE LOGIN ${name('login')} WITH PASSWORD = ${bytes('hash')} HASHED, DEFAULT_LANGUAGE = ${name('language')}, CHECK_POLICY = ${words('policy')};`;
const job = call(place)`EXEC dbo.sp_add_job @job_name = ${text('job')}, @enabled = ${number('enabled')};`;

describe('a phrase', () => {
  it('that is sent has its values as parameters, and one text for all of them', () => {
    expect(template(login).text).toBe(`DECLARE @sql nvarchar(max) = N'
CREATE LOGIN ' + QUOTENAME(@login) + N' WITH PASSWORD = ' + CONVERT(nvarchar(max), @hash, 1) + N' HASHED, DEFAULT_LANGUAGE = ' + QUOTENAME(@language) + N', CHECK_POLICY = ' + @policy + N';';
EXEC sys.sp_executesql @sql;`);
    expect(template(job).text).toBe('EXEC dbo.sp_add_job @job_name = @job, @enabled = @enabled;');
    expect(bound(login, { login: 'a', hash: '0x0200FF', language: 'x', policy: 'ON' })).toMatchObject({
      hash: { type: 'varbinary', value: Buffer.from([2, 0, 255]) },
    });
  });

  it('that is written down is what a DBA would write', () => {
    const values = { login: 'a]b', hash: '0x0200FF', language: 'us_english', policy: 'OFF' };
    expect(written(login, values)).toBe(
      'CREATE LOGIN [a]]b] WITH PASSWORD = 0x0200FF HASHED, DEFAULT_LANGUAGE = [us_english], CHECK_POLICY = OFF;',
    );
    expect(written(job, { job: "O'Brien", enabled: 0 })).toBe(
      "EXEC dbo.sp_add_job @job_name = N'O''Brien', @enabled = 0;",
    );
  });

  it('takes keywords, bytes and numbers only where they are such', () => {
    const one = compose(place)`${words('a')}${bytes('b')}${whole('c')}`;
    const good = { a: 'WITH GRANT OPTION', b: '0x01', c: '-12345678901234567890' };
    expect(written(one, good)).toBe('WITH GRANT OPTION0x01-12345678901234567890');
    fc.assert(
      fc.property(
        fc.constantFrom('a', 'b', 'c'),
        fc.string({ minLength: 1, unit: 'binary' }),
        (slot, value) => {
          fc.pre(!/^[A-Z_ ]*$|^0x([0-9A-F]{2})+$|^-?\d{1,38}$/i.test(value));
          expect(() => written(one, { ...good, [slot]: value })).toThrow(LandfallError);
          expect(() => bound(one, { ...good, [slot]: value })).toThrow(LandfallError);
        },
      ),
    );
  });

  it('never lets a name or a text out of its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 128 }), value => {
        const shown = written(compose(place)`ALTER LOGIN ${name('a')} ENABLE;`, { a: value });
        const inside = shown.slice('ALTER LOGIN ['.length, -'] ENABLE;'.length);
        expect(inside.replaceAll(']]', '')).not.toContain(']');
        expect(inside.replaceAll(']]', ']')).toBe(value);
        const quoted = written(call(place)`EXEC p @a = ${text('a')};`, { a: value });
        const literal = quoted.slice("EXEC p @a = N'".length, -"';".length);
        expect(literal.replaceAll("''", '')).not.toContain("'");
        expect(literal.replaceAll("''", "'")).toBe(value);
      }),
    );
  });

  it('of this room holds no value of any server in the text that is sent', () => {
    for (const phrase of Object.values(phrasesFor({ copy: 'Loans' }))) {
      const { text: sent, parameters } = template(phrase);
      for (const parameter of Object.keys(parameters ?? {})) expect(sent).toContain(`@${parameter}`);
      expect(sent).not.toMatch(/undefined|\[object/);
    }
  });
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqlError } from '../../../../../src/lab/sqlserver/errors.ts';
import { globalVariables, scalarFunctions } from '../../../../../src/lab/sqlserver/functions/index.ts';
import { comparator, nvarchar, type Value, varchar } from '../../../../../src/lab/sqlserver/values/index.ts';
import { type } from '../values/types.ts';
import { call, context, global, NULL, n, rows, say, typed } from './world.ts';

const answer = (result: ReturnType<typeof call>): Value => {
  if ('error' in result) throw new SqlError(result.error, result.text);
  return result.value;
};

describe('hashes', () => {
  it('HASHBYTES hashes the bytes of the type', () => {
    const sha = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
    expect(say('hashbytes', ['SHA2_256', 'abc'])).toBe(`varbinary(8000) ${sha('abc')}`);
    expect(say('hashbytes', ['sha2_256', n('abc')])).toBe(
      `varbinary(8000) ${sha(Buffer.from('abc', 'utf16le'))}`,
    );
    expect(say('hashbytes', ['MD2', 'abc'])).toBe(40_517);
    expect(say('hashbytes', ['crc', 'abc'])).toBe('varbinary(8000) NULL');
    expect(say('hashbytes', ['MD5', 5])).toBe(8116);
  });

  it('takes more than 8000 bytes only since 2016', () => {
    const long = typed('x'.repeat(8001), 'varchar(max)');
    expect(say('hashbytes', ['SHA1', long], { release: 2014 })).toBe(8152);
    expect(answer(call('hashbytes', ['SHA1', long]))).toHaveLength(20);
  });

  const long = (text: string) => typed(text, 'nvarchar(max)');

  it('CHECKSUM sees texts as the collation does, BINARY_CHECKSUM every unit', () => {
    expect(call('checksum', ['ABC '])).toEqual(call('checksum', ['abc']));
    expect(call('binary_checksum', ['ABC'])).not.toEqual(call('binary_checksum', ['abc']));
    expect(call('checksum', [1, 2])).not.toEqual(call('checksum', [2, 1]));
    expect(say('checksum', [NULL])).toBe('int 2147483647');
  });

  it('counts 255 characters of a max type and nothing of text and xml', () => {
    const head = 'x'.repeat(255);
    expect(call('binary_checksum', [long(`${head}a`)])).toEqual(call('binary_checksum', [long(`${head}b`)]));
    expect(call('binary_checksum', [n(`${head}a`)])).not.toEqual(call('binary_checksum', [n(`${head}b`)]));
    expect(call('binary_checksum', [1, typed('a', 'text')])).toEqual(
      call('binary_checksum', [1, typed('b', 'text')]),
    );
  });

  it('are 32 bits and change with a digit', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        const one = answer(call('binary_checksum', [a]));
        expect(Number(one) | 0).toBe(one);
        expect(one === answer(call('binary_checksum', [b]))).toBe(a === b);
      }),
    );
  });

  it('DECOMPRESS undoes COMPRESS', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), bytes => {
        const packed = answer(call('compress', [{ type: type('varbinary(50)'), value: bytes }]));
        const back = answer(call('decompress', [{ type: type('varbinary(max)'), value: packed }]));
        expect(Buffer.from(back instanceof Uint8Array ? back : [])).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe('identifiers', () => {
  it('NEWID is a version 4', () => {
    expect(answer(call('newid', []))).toMatch(
      /^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/,
    );
  });

  it('NEWSEQUENTIALID grows', () => {
    const found = scalarFunctions.find(each => each.name === 'newsequentialid');
    const compare = comparator(type('uniqueidentifier'));
    const world = context();
    let last = found?.evaluate([], [], world) ?? null;
    for (let count = 0; count < 300; count++) {
      const next = found?.evaluate([], [], world) ?? null;
      expect(compare(last, next)).toBeLessThan(0);
      last = next;
    }
  });
});

describe('JSON', () => {
  const text = '{"a":{"b c":[1,2.50,"x\\u0041",null,true,{"d":1}]},"a2":"é"}';

  it.each([
    ['json_value', [n(text), '$.a."b c"[2]'], 'nvarchar(4000) xA'],
    ['json_value', [n(text), '$.a."b c"[1]'], 'nvarchar(4000) 2.50'],
    ['json_value', [n(text), '$.a."b c"[3]'], 'nvarchar(4000) NULL'],
    ['json_value', [n(text), '$.a."b c"[4]'], 'nvarchar(4000) true'],
    ['json_value', [n(text), '$.a'], 'nvarchar(4000) NULL'],
    ['json_value', [n(text), 'strict $.a'], 13_623],
    ['json_value', [n(text), 'strict $.z'], 13_608],
    ['json_value', [n(text), '$.A2'], 'nvarchar(4000) NULL'],
    ['json_value', [n(text), 'a'], 13_607],
    ['json_value', [n('{"a":}'), '$.a'], 13_609],
    ['json_query', [n(text), '$.a."b c"[5]'], 'nvarchar(max) {"d":1}'],
    ['json_query', [n('[1, 2]')], 'nvarchar(max) [1, 2]'],
    ['json_query', [n(text), '$.a2'], 'nvarchar(max) NULL'],
    ['isjson', ['[]'], 'int 1'],
    ['isjson', ['5'], 'int 0'],
    ['isjson', ['{"a":01}'], 'int 0'],
    ['isjson', ['{"a":1,}'], 'int 0'],
    ['json_modify', [n(text), '$.a', '1'], 40_517],
  ])('%s of %o is %s', (name, list, result) => {
    expect(say(name, list)).toBe(result);
  });

  it('takes for JSON what is JSON', () => {
    const near = fc.oneof(
      fc.json(),
      fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', ',', '}', '1', '\\')).map(([json, at, put]) => {
        const place = at % (json.length + 1);
        return json.slice(0, place) + put + json.slice(place + 1);
      }),
    );
    fc.assert(
      fc.property(near, json => {
        let valid = true;
        try {
          const parsed: unknown = JSON.parse(json);
          valid = typeof parsed === 'object' && parsed !== null;
        } catch {
          valid = false;
        }
        expect(answer(call('isjson', [n(json)]))).toBe(valid ? 1 : 0);
      }),
    );
  });

  it('OPENJSON gives keys, texts and kinds', () => {
    expect(rows('openjson', [n('{"a":null,"b":"x","c":1.0,"d":true,"e":[1],"f":{}}')])).toEqual([
      ['a', null, 0],
      ['b', 'x', 1],
      ['c', '1.0', 2],
      ['d', 'true', 3],
      ['e', '[1]', 4],
      ['f', '{}', 5],
    ]);
    expect(rows('openjson', [n('{"a":[5,6]}'), '$.a'])).toEqual([
      ['0', '5', 2],
      ['1', '6', 2],
    ]);
    expect(rows('openjson', [n('{"a":1}'), '$.b'])).toEqual([]);
    expect(rows('openjson', [n('{"a":1}'), 'strict $.b'])).toBe(13_608);
  });

  it('OPENJSON WITH reads columns', () => {
    const shape = [
      { name: 'id', type: type('int'), path: undefined, json: false },
      { name: 'name', type: varchar(5), path: '$.n.first', json: false },
      { name: 'raw', type: nvarchar('max'), path: '$.n', json: true },
    ];
    expect(rows('openjson', [n('[{"id":"7","n":{"first":"Al"}},{"id":null}]')], { shape })).toEqual([
      [7, 'Al', '{"first":"Al"}'],
      [null, null, null],
    ]);
    expect(rows('openjson', [n('{"id":"x"}')], { shape })).toBe(245);
  });
});

describe('rows of values', () => {
  it('STRING_SPLIT keeps empty parts, and their places since 2022', () => {
    expect(rows('string_split', ['a,b,,c', ','])).toEqual([['a'], ['b'], [''], ['c']]);
    expect(rows('string_split', ['aXb', 'x', 1])).toEqual([
      ['a', 1n],
      ['b', 2n],
    ]);
    expect(rows('string_split', ['a,b', ',', 1], { release: 2019 })).toBe(8144);
    expect(rows('string_split', ['a', ',,'])).toBe(214);
    expect(rows('string_split', [typed(null, 'varchar(5)'), ','])).toEqual([]);
  });

  it('GENERATE_SERIES counts both ways', () => {
    expect(rows('generate_series', [1, 7, 3])).toEqual([[1], [4], [7]]);
    expect(rows('generate_series', [3, 1])).toEqual([[3], [2], [1]]);
    expect(rows('generate_series', [1, 3, 0])).toBe(4199);
    expect(rows('generate_series', ['a', 3])).toBe(8116);
  });
});

describe('the session', () => {
  it('knows its error only in a CATCH block', () => {
    expect(say('error_number', [])).toBe('int NULL');
    const caught = { number: 547, severity: 16, state: 0, line: 3, procedure: null, message: 'no' };
    expect(say('error_number', [], { session: { caught } })).toBe('int 547');
    expect(say('error_message', [], { session: { caught } })).toBe('nvarchar(4000) no');
    expect(say('error_procedure', [], { session: { caught } })).toBe('nvarchar(128) NULL');
  });

  it('keeps context values with their type', () => {
    const contextValues = new Map([['k', { type: type('int'), value: 5 }]]);
    expect(answer(call('session_context', [n('k')], { session: { contextValues } }))).toEqual({
      type: type('int'),
      value: 5,
    });
    expect(say('session_context', ['k'])).toBe(8116);
  });

  it('names the properties of a value', () => {
    expect(answer(call('sql_variant_property', [typed('1.5', 'decimal(5,2)'), 'Scale']))).toMatchObject({
      value: 2,
    });
    expect(answer(call('sql_variant_property', [n('x'), 'BaseType']))).toMatchObject({ value: 'nvarchar' });
    expect(
      say('cursor_status', ['global', 'c'], { session: { cursors: new Map([['C', { status: 1 }]]) } }),
    ).toBe('smallint 1');
    expect(say('cursor_status', ['global', 'c'])).toBe('smallint -3');
    expect(say('xact_state', [])).toBe('smallint 1');
    expect(say('min_active_rowversion', [])).toBe('binary(8) 00000000000007d1');
  });

  it.each([
    ['@@rowcount', 3],
    ['@@trancount', 1],
    ['@@identity', 7n],
    ['@@spid', 51],
    ['@@datefirst', 7],
    ['@@lock_timeout', -1],
    ['@@options', 32 + 16 + 8 + 256 + 512 + 1024 + 4096],
    ['@@servername', 'ALPHA\\SQL2019'],
    ['@@servicename', 'SQL2019'],
    ['@@procid', 0],
  ])('%s is %s', (name, value) => {
    expect(global(name)).toEqual(value);
  });

  it('says what it is', () => {
    expect(global('@@microsoftversion', { release: 2019 })).toBe(0x0f_00_07_d0);
    expect(global('@@version', { release: 2019 })).toMatch(
      /^Microsoft SQL Server 2019 \(RTM-CU12\) - 15\.0\.2000\.0 \(X64\) [\s\S]*\n\tSQL Server double$/,
    );
  });
});

describe('the list', () => {
  it('names nothing twice, all in lower case', () => {
    const names = [...scalarFunctions, ...globalVariables].map(each => each.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.map(name => name.toLowerCase())).toEqual(names);
  });

  it('answers NULL or a value for NULL, in every function of one argument', () => {
    const single = scalarFunctions.filter(
      each => each.minimum <= 1 && each.maximum >= 1 && each.bareword === undefined,
    );
    const failed = single.filter(each => 'error' in call(each.name, [NULL]));
    expect(failed.map(each => each.name).sort()).toEqual([
      'difference',
      'formatmessage',
      'json_modify',
      'soundex',
    ]);
  });
});

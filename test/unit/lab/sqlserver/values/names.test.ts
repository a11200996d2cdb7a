import { describe, expect, it } from 'vitest';
import {
  DEFAULT_COLLATION,
  resolveType,
  typeFacts,
  typeName,
  typeText,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { outcome, type } from './types.ts';

const resolve = (name: string, ...list: (number | 'max')[]) =>
  outcome(() => {
    const found = resolveType({ name: [name], arguments: list }, DEFAULT_COLLATION);
    return found && typeText(found);
  });

describe('type names', () => {
  it.each([
    [resolve('INT'), 'int'],
    [resolve('integer'), 'int'],
    [resolve('dec', 9), 'decimal(9,0)'],
    [resolve('numeric'), 'numeric(18,0)'],
    [resolve('float'), 'float'],
    [resolve('float', 24), 'real'],
    [resolve('double precision'), 'float'],
    [resolve('varchar'), 'varchar(1)'],
    [resolve('nvarchar', 'max'), 'nvarchar(max)'],
    [resolve('sysname'), 'nvarchar(128)'],
    [resolve('timestamp'), 'timestamp'],
    [resolve('rowversion'), 'timestamp'],
    [resolve('datetime2'), 'datetime2(7)'],
    [resolve('time', 0), 'time(0)'],
    [resolve('geometry'), undefined],
    [resolve('int', 5), 2716],
    [resolve('varchar', 0), 1001],
    [resolve('char', 'max'), 1001],
    [resolve('varchar', 8001), 131],
    [resolve('nvarchar', 4001), 2717],
    [resolve('decimal', 39), 2750],
    [resolve('decimal', 5, 6), 192],
    [resolve('datetime2', 8), 1002],
  ])('give %s', (found, expected) => {
    expect(found).toBe(expected);
  });

  it('have 30 characters in a cast', () => {
    expect(typeText(type('varchar'))).toBe('varchar(30)');
  });
});

describe('facts', () => {
  it.each([
    ['nvarchar(50)', 231, 100, 0, 0],
    ['varchar(max)', 167, -1, 0, 0],
    ['decimal(18,2)', 106, 9, 18, 2],
    ['numeric(38,0)', 108, 17, 38, 0],
    ['datetime2(7)', 42, 8, 27, 7],
    ['datetime2(0)', 42, 6, 19, 0],
    ['datetimeoffset(7)', 43, 10, 34, 7],
    ['time(3)', 41, 4, 12, 3],
    ['datetime', 61, 8, 23, 3],
    ['int', 56, 4, 10, 0],
    ['money', 60, 8, 19, 4],
    ['xml', 241, -1, 0, 0],
    ['rowversion', 189, 8, 0, 0],
  ])('of %s', (text, systemTypeId, maxLength, precision, scale) => {
    expect(typeFacts(type(text))).toMatchObject({ systemTypeId, maxLength, precision, scale });
    expect(typeName(type(text))).toBe(text === 'rowversion' ? 'timestamp' : text.replace(/\(.*/, ''));
  });
});

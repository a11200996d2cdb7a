import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { call, NULL, say, typed } from './world.ts';

describe('numbers', () => {
  it.each([
    ['abs', [-5], 'int 5'],
    ['abs', [-2_147_483_648], 8115],
    ['abs', [typed('-1.50', 'decimal(5,2)')], 'decimal(5,2) 1.50'],
    ['abs', [typed('-1.5', 'varchar(5)')], 'float 1.5'],
    ['sign', [typed('-2.5', 'decimal(3,1)')], 'decimal(3,1) -1.0'],
    ['ceiling', [typed('-1.50', 'decimal(5,2)')], 'decimal(5,0) -1'],
    ['ceiling', [typed('1.01', 'decimal(5,2)')], 'decimal(5,0) 2'],
    ['floor', [typed('-1.50', 'decimal(5,2)')], 'decimal(5,0) -2'],
    ['floor', [typed('1.5', 'money')], 'money 1.00'],
    ['round', [typed('123.456', 'decimal(9,3)'), 2], 'decimal(9,3) 123.460'],
    ['round', [typed('123.456', 'decimal(9,3)'), 2, 1], 'decimal(9,3) 123.450'],
    ['round', [typed('748.58', 'decimal(5,2)'), -3], 8115],
    ['round', [1555, -2], 'int 1600'],
    ['round', [typed('2.675', 'float'), 2], 'float 2.68'],
    ['round', [typed('-2.5', 'float'), 0], 'float -3'],
    ['power', [2, 10], 'int 1024'],
    ['power', [2, 31], 232],
    ['power', [typed('1.5', 'decimal(5,2)'), 2], 'decimal(38,2) 2.25'],
    ['power', [typed('2', 'float'), typed('0.5', 'float')], 'float 1.41421'],
    ['power', [0, -1], 3623],
    ['sqrt', [-1], 3623],
    ['log', [0], 3623],
    ['log', [8, 2], 'float 3'],
    ['square', [3], 'float 9'],
    ['pi', [], 'float 3.14159'],
    ['sin', [NULL], 'float NULL'],
    ['greatest', [1, typed('2.5', 'decimal(3,1)'), NULL], 'numeric(11,1) 2.5'],
    ['least', ['b', 'A'], 'varchar(1) A'],
    ['isnumeric', ['1e5'], 'int 1'],
    ['isnumeric', ['$'], 'int 1'],
    ['isnumeric', ['.'], 'int 1'],
    ['isnumeric', ['1,2'], 'int 1'],
    ['isnumeric', ['abc'], 'int 0'],
    ['isnumeric', [''], 'int 0'],
    ['isnumeric', [NULL], 'int 0'],
    ['isnumeric', [typed('1', 'decimal(5,2)')], 'int 1'],
    ['isnull', [NULL, 'x'], 'varchar(1) x'],
    ['isnull', [typed(null, 'varchar(2)'), 'abcd'], 'varchar(2) ab'],
    ['isnull', [typed(null, 'int'), 'abc'], 245],
    ['isnull', [typed(null, 'date'), 5], 206],
  ])('%s of %o is %s', (name, list, result) => {
    expect(say(name, list)).toBe(result);
  });

  it('ROUND, FLOOR and CEILING of decimals are those of fractions', () => {
    const units = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
    fc.assert(
      fc.property(units, fc.integer({ min: -3, max: 5 }), (value, digits) => {
        const of = { type: { kind: 'decimal', precision: 30, scale: 4 } as const, value };
        const rounded = call('round', [of, digits]);
        const floor = call('floor', [of]);
        const ceiling = call('ceiling', [of]);
        if (!('value' in rounded && 'value' in floor && 'value' in ceiling)) throw new Error('failed');
        const step = 10n ** BigInt(Math.max(0, 4 - digits));
        if (typeof rounded.value !== 'bigint' || typeof floor.value !== 'bigint')
          throw new Error('no bigint');
        const error = rounded.value - value;
        expect((error < 0n ? -error : error) * 2n).toBeLessThanOrEqual(step);
        expect(rounded.value % step).toBe(0n);
        expect(floor.value * 10_000n).toBeLessThanOrEqual(value);
        expect((floor.value + 1n) * 10_000n).toBeGreaterThan(value);
        expect(ceiling.value).toBe(value % 10_000n === 0n ? floor.value : floor.value + 1n);
      }),
    );
  });

  it('RAND is the same for the same seed, in [0, 1)', () => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const [first, second] = [call('rand', [seed]), call('rand', [seed])];
        expect(first).toEqual(second);
        expect('value' in first && Number(first.value) >= 0 && Number(first.value) < 1).toBe(true);
      }),
    );
    expect(say('rand', [])).toBe('float 0.25');
  });
});

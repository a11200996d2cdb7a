import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLogin7, revealPassword } from '../../../../../src/lab/sqlserver/wire/login7.ts';
import { hide, login7 } from './login7-bytes.ts';

describe('LOGIN7', () => {
  it('says who wants in', () => {
    expect(readLogin7(login7({ host: 'desk', user: 'sa', password: 'Geheim€1', database: 'Loans' }))).toEqual(
      {
        tdsVersion: 0x7400_0004,
        packetSize: 8000,
        processId: 4711,
        host: 'desk',
        user: 'sa',
        password: 'Geheim€1',
        application: 'app',
        server: 'server',
        library: 'library',
        language: 'us_english',
        database: 'Loans',
        integrated: false,
        utf8: true,
      },
    );
  });

  it('hides any password', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), password => {
        expect(revealPassword(hide(password))).toBe(password);
      }),
    );
  });

  it.each([
    [{ tdsVersion: 0x730b_0003 }, 'TDS'],
    [{ attach: 'c:\\a.mdf' }, 'attaching'],
    [{ newPassword: 'x' }, 'password'],
  ])('%j is refused', (parts, text) => {
    expect(() => readLogin7(login7(parts))).toThrow(
      expect.objectContaining({ number: 40517, message: expect.stringContaining(text) }),
    );
  });

  it('with a part outside of it is structurally invalid, wherever a byte is wrong', () => {
    const good = login7({ host: 'desk', user: 'sa', password: 'x', database: 'Loans' });
    expect(() => readLogin7(good.subarray(0, good.length - 1))).toThrow(
      expect.objectContaining({ number: 17832 }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: good.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        (place, byte) => {
          const bad = Buffer.from(good);
          bad[place] = byte;
          try {
            readLogin7(bad);
          } catch (error) {
            expect([17832, 40517]).toContain(
              error instanceof Error && 'number' in error ? error.number : error,
            );
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

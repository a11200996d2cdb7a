import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLogin7, revealPassword } from '../../../../../src/lab/sqlserver/wire/login7.ts';

interface Parts {
  readonly host?: string;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly attach?: string;
  readonly newPassword?: string;
  readonly tdsVersion?: number;
}

const hide = (password: string): Buffer => {
  const bytes = Buffer.from(password, 'utf16le');
  return bytes.map(byte => (((byte << 4) & 0xf0) | (byte >> 4)) ^ 0xa5) as Buffer;
};

/** LOGIN7 as clients write it, with a FeatureExt that asks for UTF-8. */
function login7(parts: Parts): Buffer {
  const fixed = Buffer.alloc(94);
  fixed.writeUInt32LE(parts.tdsVersion ?? 0x7400_0004, 4);
  fixed.writeUInt32LE(8000, 8);
  fixed.writeUInt32LE(4711, 16);
  fixed.writeUInt8(0x18, 27);
  const data: Buffer[] = [];
  let offset = fixed.length;
  const put = (at: number, bytes: Buffer, length: number): void => {
    fixed.writeUInt16LE(offset, at);
    fixed.writeUInt16LE(length, at + 2);
    data.push(bytes);
    offset += bytes.length;
  };
  const text = (at: number, value = ''): void => put(at, Buffer.from(value, 'utf16le'), value.length);
  text(36, parts.host);
  text(40, parts.user);
  put(44, hide(parts.password ?? ''), (parts.password ?? '').length);
  text(48, 'app');
  text(52, 'server');
  const pointer = Buffer.alloc(4);
  put(56, pointer, 4);
  text(60, 'library');
  text(64, 'us_english');
  text(68, parts.database);
  text(82, parts.attach);
  text(86, parts.newPassword);
  pointer.writeUInt32LE(offset);
  const whole = Buffer.concat([fixed, ...data, Buffer.from('0a0100000001ff', 'hex')]);
  whole.writeUInt32LE(whole.length, 0);
  return whole;
}

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

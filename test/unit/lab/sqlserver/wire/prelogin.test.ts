import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negotiate, preloginReply, readPrelogin } from '../../../../../src/lab/sqlserver/wire/prelogin.ts';
import { bytes } from './hex.ts';

describe('PRELOGIN', () => {
  it('is read by its offsets', () => {
    expect(readPrelogin(preloginReply({ major: 11, minor: 0, build: 7001 }, 3))).toEqual({ encryption: 3 });
    expect(readPrelogin(bytes('ff'))).toEqual({ encryption: undefined });
  });

  it.each(['', '00 00 06', '01 00 06 00 09 ff 01', '01 ff ff 00 01 ff'])('%s is refused', text => {
    expect(() => readPrelogin(bytes(text))).toThrow(expect.objectContaining({ number: 4014 }));
  });

  it('of any bytes is read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), made => {
        try {
          readPrelogin(Buffer.from(made));
        } catch (error) {
          expect(error).toMatchObject({ number: 4014 });
        }
      }),
    );
  });
});

describe('encryption', () => {
  it.each([
    ['off', 0x02, 0x02, 'nothing', false],
    ['off', 0x01, 0x02, 'nothing', false],
    ['off', undefined, 0x02, 'nothing', false],
    ['on', 0x02, 0x02, 'nothing', false],
    ['on', undefined, 0x02, 'nothing', false],
    ['on', 0x00, 0x00, 'login', false],
    ['on', 0x01, 0x01, 'all', false],
    ['on', 0x03, 0x01, 'all', false],
    ['required', 0x02, 0x03, 'nothing', true],
    ['required', undefined, 0x03, 'nothing', true],
    ['required', 0x00, 0x03, 'all', false],
    ['required', 0x01, 0x01, 'all', false],
  ] as const)(
    'of a server with %s and a client with %s is %s: %s, refused %s',
    (ours, theirs, answer, encrypted, refused) => {
      expect(negotiate(ours, theirs, false)).toEqual({ answer, encrypted, refused });
    },
  );

  it('is not negotiated inside TDS 8', () => {
    expect(negotiate('strict-only', 0x02, true)).toEqual({
      answer: 0x02,
      encrypted: 'nothing',
      refused: false,
    });
  });
});

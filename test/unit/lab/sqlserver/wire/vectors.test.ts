import { describe, expect, it } from 'vitest';
import {
  collation,
  DEFAULT_COLLATION,
  type SqlType,
  type Value,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { BytesIn } from '../../../../../src/lab/sqlserver/wire/bytes-in.ts';
import { BytesOut } from '../../../../../src/lab/sqlserver/wire/bytes-out.ts';
import { readTypeInfo } from '../../../../../src/lab/sqlserver/wire/decode.ts';
import { encoderOf } from '../../../../../src/lab/sqlserver/wire/encode.ts';
import { toPackets } from '../../../../../src/lab/sqlserver/wire/packets.ts';
import { ENCRYPT, preloginReply } from '../../../../../src/lab/sqlserver/wire/prelogin.ts';
import {
  readHeaders,
  readTransactionRequest,
  readWhole,
} from '../../../../../src/lab/sqlserver/wire/requests.ts';
import { readCalls } from '../../../../../src/lab/sqlserver/wire/rpc.ts';
import {
  DONE,
  ENVIRONMENT,
  TOKEN,
  writeBytesChange,
  writeDone,
  writeMessage,
  writeReturnValue,
  writeTextChange,
  writeTransactionChange,
} from '../../../../../src/lab/sqlserver/wire/tokens.ts';
import { bytes, hex } from './hex.ts';

const own = collation(DEFAULT_COLLATION);

const written = (write: (out: BytesOut) => void): string => {
  const out = new BytesOut();
  write(out);
  return hex(out.written());
};
const vector = (text: string): string => hex(bytes(text));

describe('bytes the driver is known to accept', () => {
  it('answers PRELOGIN without encryption', () => {
    const body = preloginReply({ major: 16, minor: 0, build: 4131 }, ENCRYPT.notSupported);
    const packets = toPackets(body, { type: 0x04, packetSize: 4096, spid: 51, last: true, first: 1 });
    expect(hex(packets)).toBe(
      vector(
        '04 01 00 2b 00 33 01 00  00 00 1a 00 06  01 00 20 00 01  02 00 21 00 01  03 00 22 00 00  04 00 22 00 01  ff  10 00 10 23 00 00  02  00  00',
      ),
    );
  });

  it.each([
    [
      'collation',
      (out: BytesOut) => writeBytesChange(out, ENVIRONMENT.collation, own.wire, new Uint8Array()),
      'e3 08 00 07 05 09 04 d0 00 34 00',
    ],
    [
      'packet size',
      (out: BytesOut) => writeTextChange(out, ENVIRONMENT.packetSize, '4096', '4096'),
      'e3 13 00 04 04 34 00 30 00 39 00 36 00 04 34 00 30 00 39 00 36 00',
    ],
    [
      'begin',
      (out: BytesOut) => writeTransactionChange(out, 'begin', 1n),
      'e3 0b 00 08 08 01 00 00 00 00 00 00 00 00',
    ],
    [
      'commit',
      (out: BytesOut) => writeTransactionChange(out, 'commit', 1n),
      'e3 0b 00 09 00 08 01 00 00 00 00 00 00 00',
    ],
    [
      'attention',
      (out: BytesOut) => writeDone(out, TOKEN.done, DONE.attention, 0, 0),
      `fd 20 00 ${'00 '.repeat(10)}`,
    ],
    [
      'done with a count',
      (out: BytesOut) => writeDone(out, TOKEN.doneInProcedure, DONE.more | DONE.count, 0xc1, 1),
      'ff 11 00 c1 00 01 00 00 00 00 00 00 00',
    ],
    [
      'error',
      (out: BytesOut) =>
        writeMessage(
          out,
          { number: 15002, state: 1, severity: 16, text: 'No', procedure: 'p', line: 3, now: false },
          'S',
        ),
      'aa 16 00 9a 3a 00 00 01 10 02 00 4e 00 6f 00 01 53 00 01 70 00 03 00 00 00',
    ],
    [
      'output',
      (out: BytesOut) => writeReturnValue(out, { name: '@o', type: { kind: 'int' }, value: 9 }, 0),
      'ac 00 00 02 40 00 6f 00 01 00 00 00 00 00 00 26 04 04 09 00 00 00',
    ],
  ])('writes %s', (_name, write, expected) => {
    expect(written(write)).toBe(vector(expected));
  });

  it.each<[string, SqlType, Value, string]>([
    ['decimal(9,2)', { kind: 'decimal', precision: 9, scale: 2 }, -12345n, '05 00 39 30 00 00'],
    ['money', { kind: 'money' }, -15000n, '08 ff ff ff ff 68 c5 ff ff'],
    [
      'uniqueidentifier',
      { kind: 'uniqueidentifier' },
      '11223344-5566-7788-99AA-BBCCDDEEFF00',
      '10 44 33 22 11 66 55 88 77 99 aa bb cc dd ee ff 00',
    ],
    ['datetime', { kind: 'datetime' }, 46022 * 25_920_000 + 3_240_150, '08 c6 b3 00 00 d6 70 31 00'],
    [
      'datetime2(7)',
      { kind: 'datetime2', scale: 7 },
      739_617n * 864_000_000_000n + 12_345_678_901n,
      '08 35 1c dc df 02 21 49 0b',
    ],
    [
      'nvarchar(max)',
      { kind: 'nvarchar', length: 'max', collation: DEFAULT_COLLATION },
      'ab',
      '04 00 00 00 00 00 00 00 04 00 00 00 61 00 62 00 00 00 00 00',
    ],
  ])('writes %s', (_name, type, value, expected) => {
    expect(written(out => encoderOf(type).value(out, value))).toBe(vector(expected));
  });

  it('reads nvarchar(max) of an unknown total', () => {
    const from = new BytesIn(
      bytes('e7 ff ff 09 04 d0 00 34 fe ff ff ff ff ff ff ff 04 00 00 00 61 00 62 00 00 00 00 00'),
    );
    expect(readTypeInfo(from, 'parameter', own).read(from)).toBe('ab');
  });

  const HEADERS = '16 00 00 00 12 00 00 00 02 00 00 00 00 00 00 00 00 00 01 00 00 00';

  it('reads the call a query makes', () => {
    const payload = bytes(
      `${HEADERS} ff ff 0a 00 00 00  0a 40 00 73 00 74 00 61 00 74 00 65 00 6d 00 65 00 6e 00 74 00  00  e7 02 00 09 04 d0 00 34  02 00 78 00`,
    );
    const calls = readWhole(payload, from => {
      expect(readHeaders(from)).toBe(0n);
      return readCalls(from, own);
    });
    expect(calls).toEqual([
      {
        procedure: 'sp_executesql',
        parameters: [
          {
            name: '@statement',
            type: { kind: 'nvarchar', length: 1, collation: DEFAULT_COLLATION },
            value: 'x',
            output: false,
          },
        ],
      },
    ]);
  });

  const execute = '01 00 70 00  00 00  02 40 00 61 00 00 26 04 04 05 00 00 00  02 40 00 6f 00 01 26 04 00';
  const p = {
    procedure: 'p',
    parameters: [
      { name: '@a', type: { kind: 'int' }, value: 5, output: false },
      { name: '@o', type: { kind: 'int' }, value: null, output: true },
    ],
  };

  it('reads the call of a procedure with an output', () => {
    expect(readWhole(bytes(execute), from => readCalls(from, own))).toEqual([p]);
  });

  it('reads several calls of one message', () => {
    expect(readWhole(bytes(`${execute} ff ${execute}`), from => readCalls(from, own))).toEqual([p, p]);
  });

  it('reads begin and commit', () => {
    expect(readWhole(bytes('05 00 02 00'), readTransactionRequest)).toEqual({
      kind: 'begin',
      isolation: 2,
      name: '',
    });
    expect(readWhole(bytes('07 00 00 00'), readTransactionRequest)).toEqual({ kind: 'commit', name: '' });
  });
});

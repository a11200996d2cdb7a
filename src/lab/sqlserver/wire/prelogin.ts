import { protocolFault } from './faults.ts';

/** Values of the ENCRYPTION option (facts: tds-double 3.2). */
export const ENCRYPT = { off: 0x00, on: 0x01, notSupported: 0x02, required: 0x03 } as const;

/**
 * - `off`: nothing is encrypted; a client that wants encryption gives up.
 * - `on`: as the client likes; TDS 8 (`encrypt: 'strict'`) as well.
 * - `required`: a client without encryption is turned away.
 * - `strict-only`: TDS 8 and nothing else.
 */
export type Encryption = 'off' | 'on' | 'required' | 'strict-only';

const OPTION = { version: 0, encryption: 1, instance: 2, thread: 3, mars: 4, end: 0xff } as const;

/** What the client asks for; undefined where it says nothing. */
export function readPrelogin(payload: Buffer): { readonly encryption: number | undefined } {
  let encryption: number | undefined;
  for (let at = 0; ; at += 5) {
    const option = payload[at];
    if (option === undefined) throw protocolFault('a PRELOGIN without an end');
    if (option === OPTION.end) return { encryption };
    if (at + 5 > payload.length) throw protocolFault('a PRELOGIN that ends within an option');
    const offset = payload.readUInt16BE(at + 1);
    const length = payload.readUInt16BE(at + 3);
    if (offset + length > payload.length) throw protocolFault('a PRELOGIN option outside the message');
    if (option === OPTION.encryption && length > 0) encryption = payload.readUInt8(offset);
  }
}

export interface Agreement {
  /** What the reply says. */
  readonly answer: number;
  /** What of the session is encrypted by TLS inside TDS. */
  readonly encrypted: 'nothing' | 'login' | 'all';
  /** The connection ends with the reply. */
  readonly refused: boolean;
}

const agreed = (answer: number, encrypted: Agreement['encrypted'], refused = false): Agreement => ({
  answer,
  encrypted,
  refused,
});

/** What server and client agree on (MS-TDS 2.2.6.5, 3.3.5.1). In a TDS 8 session TLS is there already. */
export function negotiate(ours: Encryption, theirs: number | undefined, strict: boolean): Agreement {
  if (strict || ours === 'off') return agreed(ENCRYPT.notSupported, 'nothing');
  switch (theirs) {
    case ENCRYPT.on:
    case ENCRYPT.required:
      return agreed(ENCRYPT.on, 'all');
    case ENCRYPT.off:
      return ours === 'required' ? agreed(ENCRYPT.required, 'all') : agreed(ENCRYPT.off, 'login');
    default:
      return ours === 'required'
        ? agreed(ENCRYPT.required, 'nothing', true)
        : agreed(ENCRYPT.notSupported, 'nothing');
  }
}

/** The reply: version, encryption, instance, no thread, no MARS. */
export function preloginReply(
  version: { readonly major: number; readonly minor: number; readonly build: number },
  encryption: number,
): Buffer {
  const versionBytes = Buffer.alloc(6);
  versionBytes.writeUInt8(version.major, 0);
  versionBytes.writeUInt8(version.minor, 1);
  versionBytes.writeUInt16BE(version.build, 2);
  const options: readonly (readonly [number, Buffer])[] = [
    [OPTION.version, versionBytes],
    [OPTION.encryption, Buffer.from([encryption])],
    [OPTION.instance, Buffer.from([0])],
    [OPTION.thread, Buffer.alloc(0)],
    [OPTION.mars, Buffer.from([0])],
  ];
  const list = Buffer.alloc(options.length * 5 + 1);
  let offset = list.length;
  options.forEach(([option, data], index) => {
    list.writeUInt8(option, index * 5);
    list.writeUInt16BE(offset, index * 5 + 1);
    list.writeUInt16BE(data.length, index * 5 + 3);
    offset += data.length;
  });
  list.writeUInt8(OPTION.end, list.length - 1);
  return Buffer.concat([list, ...options.map(([, data]) => data)]);
}

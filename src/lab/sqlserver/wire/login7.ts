import { SqlError, unsupported } from '../errors.ts';

/** What LOGIN7 says (facts: tds-double 4.1). */
export interface Login7 {
  readonly tdsVersion: number;
  /** 0: as the server likes. */
  readonly packetSize: number;
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly application: string;
  readonly server: string;
  readonly library: string;
  readonly language: string;
  readonly database: string;
  /** The client's process. */
  readonly processId: number;
  /** Windows or federated authentication instead of a password. */
  readonly integrated: boolean;
  /** It understands UTF-8 collations and is told that the server does too. */
  readonly utf8: boolean;
}

export const TDS_74 = 0x7400_0004;
export const TDS_80 = 0x0800_0000;

const FIXED = 94;
const INTEGRATED = 0x80;
const EXTENSION = 0x10;
const FEATURE = { federated: 0x02, utf8: 0x0a, end: 0xff } as const;

const invalid = (): SqlError =>
  new SqlError(
    17832,
    'The login packet used to open the connection is structurally invalid; the connection has been closed.',
    {
      severity: 20,
      endsBatch: true,
    },
  );

/** Every byte of the password has its nibbles swapped and is then XORed with 0xA5. */
export function revealPassword(hidden: Buffer): string {
  const bytes = Buffer.from(hidden);
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = (bytes[index] ?? 0) ^ 0xa5;
    bytes[index] = ((byte << 4) & 0xf0) | (byte >> 4);
  }
  return bytes.toString('utf16le');
}

/**
 * @throws SqlError 17832 for a message whose parts lie outside it, 40517 for what the double does not do: older versions,
 *   changing a password, attaching a file
 */
export function readLogin7(payload: Buffer): Login7 {
  if (payload.length < FIXED || payload.readUInt32LE(0) !== payload.length) throw invalid();
  const part = (at: number, unit: 1 | 2 = 2): Buffer => {
    const offset = payload.readUInt16LE(at);
    const length = payload.readUInt16LE(at + 2) * unit;
    if (length === 0) return payload.subarray(0, 0);
    if (offset < FIXED - 8 || offset + length > payload.length) throw invalid();
    return payload.subarray(offset, offset + length);
  };
  const text = (at: number): string => part(at).toString('utf16le');

  const tdsVersion = payload.readUInt32LE(4);
  if (tdsVersion !== TDS_74 && tdsVersion !== TDS_80) {
    throw unsupported(`version ${tdsVersion.toString(16).padStart(8, '0')} of TDS`);
  }
  if (part(82).length > 0) throw unsupported('attaching a database file at login');
  if (part(86).length > 0) throw unsupported('changing the password at login');
  const features = (payload.readUInt8(27) & EXTENSION) === 0 ? [] : readFeatures(payload, part(56, 1));
  return {
    tdsVersion,
    packetSize: payload.readUInt32LE(8),
    processId: payload.readUInt32LE(16),
    host: text(36),
    user: text(40),
    password: revealPassword(part(44)),
    application: text(48),
    server: text(52),
    library: text(60),
    language: text(64),
    database: text(68),
    integrated: (payload.readUInt8(25) & INTEGRATED) !== 0 || features.includes(FEATURE.federated),
    utf8: features.includes(FEATURE.utf8),
  };
}

/** Ids of the features in FeatureExt: `id u8, length u32, data` up to 0xFF. */
function readFeatures(payload: Buffer, pointer: Buffer): readonly number[] {
  // The driver sets the flag and sends no features when it logs in as TDS 8.
  if (pointer.length === 0) return [];
  if (pointer.length < 4) throw invalid();
  const found: number[] = [];
  let at = pointer.readUInt32LE(0);
  for (;;) {
    const feature = payload[at];
    if (feature === undefined) throw invalid();
    if (feature === FEATURE.end) return found;
    if (at + 5 > payload.length) throw invalid();
    found.push(feature);
    at += 5 + payload.readUInt32LE(at + 1);
  }
}

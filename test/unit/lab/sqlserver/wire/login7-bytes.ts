export interface Parts {
  readonly host?: string;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly attach?: string;
  readonly newPassword?: string;
  readonly tdsVersion?: number;
}

export const hide = (password: string): Buffer => {
  const bytes = Buffer.from(password, 'utf16le');
  return Buffer.from(bytes.map(byte => (((byte << 4) & 0xf0) | (byte >> 4)) ^ 0xa5));
};

/** LOGIN7 as clients write it, with a FeatureExt that asks for UTF-8. */
export function login7(parts: Parts): Buffer {
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

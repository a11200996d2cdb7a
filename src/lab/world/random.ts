import { createHash } from 'node:crypto';

/** A small seeded generator (sfc32): the same name and seed give the same sequence on every machine. */
export interface Seeded {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, below). */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
  /** Fills a buffer; fast enough for megabytes. */
  fill(bytes: Buffer): Buffer;
}

export function seeded(seed: number | string, name = ''): Seeded {
  const digest = createHash('sha256').update(`${seed}/${name}`).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = digest.readUInt32LE(12);
  const word = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  const next = (): number => word() / 0x1_0000_0000;
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: from => {
      const chosen = from[below(from.length)];
      if (chosen === undefined) throw new RangeError('cannot pick from nothing');
      return chosen;
    },
    fill(bytes) {
      let at = 0;
      for (; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(word(), at);
      for (; at < bytes.length; at += 1) bytes[at] = word() & 0xff;
      return bytes;
    },
  };
}

const hexOf = (seed: number | string, name: string): string =>
  createHash('sha256').update(`${seed}/${name}`).digest('hex');

/** A UUID (version 4 form) that depends on the seed and a name only. */
export function seededUuid(seed: number | string, name: string): string {
  const hex = hexOf(seed, `uuid/${name}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** An identifier of LVM: 32 letters and digits in seven groups. */
export function seededId(seed: number | string, name: string): string {
  const hex = hexOf(seed, `lvm/${name}`);
  const parts = [6, 4, 4, 4, 4, 4, 6];
  return parts.map((length, at) => hex.slice(at * 8, at * 8 + length)).join('-');
}

/** 32 hexadecimal digits, as in /etc/machine-id. */
export const seededMachineId = (seed: number | string, name: string): string =>
  hexOf(seed, `machine-id/${name}`).slice(0, 32);

/** A MAC address in the range of KVM guests. */
export function seededMac(seed: number | string, name: string): string {
  const hex = hexOf(seed, `mac/${name}`);
  return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}

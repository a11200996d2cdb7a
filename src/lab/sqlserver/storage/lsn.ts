import type { Lsn } from './store.ts';

/** Log blocks of a virtual log file before the next one begins: about 64 MB of log. */
const BLOCKS_OF_A_FILE = 0x20000;
const FIRST_BLOCK = 0x10;
/** Bytes of a log block's unit. */
const BLOCK = 512;

export function makeLsn(file: number, block: number, slot: number): Lsn {
  return (BigInt(file) << 48n) | (BigInt(block) << 16n) | BigInt(slot);
}

export const FIRST_LSN: Lsn = makeLsn(32, FIRST_BLOCK, 1);

/** The LSN after `bytes` more of log: a block further for a commit, a slot further where nothing was flushed. */
export function advance(lsn: Lsn, bytes: number): Lsn {
  const slot = Number(lsn & 0xffffn);
  if (bytes === 0 && slot < 0xffff) return lsn + 1n;
  const block = Number((lsn >> 16n) & 0xffffffffn) + Math.max(1, Math.ceil(bytes / BLOCK));
  const file = Number(lsn >> 48n);
  return block < BLOCKS_OF_A_FILE ? makeLsn(file, block, 1) : makeLsn(file + 1, FIRST_BLOCK, 1);
}

/** binary(10): file 4 bytes, block 4, slot 2, big-endian. */
export function lsnToBytes(lsn: Lsn): Uint8Array {
  const bytes = new Uint8Array(10);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Number(lsn >> 64n));
  view.setBigUint64(2, lsn & 0xffffffffffffffffn);
  return bytes;
}

/** Takes 10 bytes; what comes after them (a command's ordinal in an xact_seqno of 16 bytes) is left out. */
export function lsnFromBytes(bytes: Uint8Array): Lsn {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (BigInt(view.getUint16(0)) << 64n) | view.getBigUint64(2);
}

/** numeric(25,0) of backup headers and msdb: file * 10^15 + block * 10^5 + slot. */
export function lsnToDecimal(lsn: Lsn): bigint {
  return (lsn >> 48n) * 10n ** 15n + ((lsn >> 16n) & 0xffffffffn) * 10n ** 5n + (lsn & 0xffffn);
}

export function lsnFromDecimal(value: bigint): Lsn {
  return ((value / 10n ** 15n) << 48n) | (((value / 10n ** 5n) % 10n ** 10n) << 16n) | (value % 10n ** 5n);
}

/** `0000002f:000001a8:0003`, as log functions and DBCC write it. */
export function lsnText(lsn: Lsn): string {
  const hex = (value: bigint, digits: number) => value.toString(16).padStart(digits, '0');
  return `${hex(lsn >> 48n, 8)}:${hex((lsn >> 16n) & 0xffffffffn, 8)}:${hex(lsn & 0xffffn, 4)}`;
}

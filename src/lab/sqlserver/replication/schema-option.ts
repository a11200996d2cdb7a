/** The bits of @schema_option that the double acts on; all others are kept (facts: mssql 1.5). */
export const SCHEMA_OPTION = {
  create: 0x01n,
  customProcedures: 0x02n,
  identity: 0x04n,
  rowVersion: 0x08n,
  clusteredIndex: 0x10n,
  nonclusteredIndexes: 0x40n,
  primaryKey: 0x80n,
  triggers: 0x100n,
  foreignKeys: 0x200n,
  checks: 0x400n,
  defaults: 0x800n,
  collation: 0x1000n,
  uniqueKeys: 0x4000n,
  checksNotForReplication: 0x10000n,
  foreignKeysNotForReplication: 0x20000n,
  schemas: 0x8000000n,
} as const;

/** What NULL means for a log-based article: neither identity nor rowversion come along. */
export const DEFAULT_SCHEMA_OPTION = 0x30f3n;

export const optionOf = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);

export const optionBytes = (option: bigint): string =>
  `0x${option.toString(16).toUpperCase().padStart(16, '0')}`;

export const has = (option: bigint, bit: bigint): boolean => (option & bit) !== 0n;

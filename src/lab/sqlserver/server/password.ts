import { createHash, timingSafeEqual } from 'node:crypto';

/** SQL Server 2012 and later: version 0x0200, four bytes of salt, SHA-512 of the password in UTF-16LE and the salt. */
const VERSION = Uint8Array.of(0x02, 0x00);
const SALT = 4;
const DIGEST = 64;

/**
 * The hash of a SQL login's password as `CREATE LOGIN … WITH PASSWORD = 0x… HASHED` takes it.
 *
 * @param salt four bytes
 */
export function hashPassword(password: string, salt: Uint8Array): Uint8Array {
  const digest = createHash('sha512').update(password, 'utf16le').update(salt).digest();
  return Uint8Array.from([...VERSION, ...salt, ...digest]);
}

/** Is it a hash that this server can check: anything else is refused when a login is made with it. */
export const isPasswordHash = (bytes: Uint8Array): boolean =>
  bytes.length === VERSION.length + SALT + DIGEST && bytes[0] === VERSION[0] && bytes[1] === VERSION[1];

/** PWDCOMPARE: whether the password is the one that was hashed. */
export function passwordMatches(password: string, hash: Uint8Array): boolean {
  if (!isPasswordHash(hash)) return false;
  const salt = hash.subarray(VERSION.length, VERSION.length + SALT);
  return timingSafeEqual(hashPassword(password, salt), hash);
}

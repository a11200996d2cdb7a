/**
 * The one place where a remote shell string is made. POSIX quoting: inside single quotes everything but a single
 * quote stands for itself (XCU 2.2.2). NUL cannot be part of an argument and is refused.
 */

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One word for a POSIX shell. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new RangeError('an argument cannot hold a NUL byte');
  // A leading ~ or = has a meaning in some shells, and an empty word would vanish.
  if (PLAIN.test(word) && !word.startsWith('=')) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** An argv as one command line. */
export function formatArgv(argv: readonly string[]): string {
  return argv.map(quote).join(' ');
}

/**
 * The one place where a remote shell string is made. POSIX quoting: inside single quotes everything but a single
 * quote stands for itself (XCU 2.2.2). NUL cannot be part of an argument and is refused.
 */

/** A word of a command: text, or bytes where a name is not UTF-8. */
export type ShellWord = string | Uint8Array;

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;
/** As the first word these would be grammar, not the name of a program (XCU 2.4). */
const RESERVED = /^(?:if|then|else|elif|fi|do|done|case|esac|while|until|for|in|function|select|time)$/;

/** One word for a POSIX shell. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new RangeError('an argument cannot hold a NUL byte');
  // A leading ~ or = has a meaning in some shells, and an empty word would vanish.
  if (PLAIN.test(word) && !word.startsWith('=')) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** An argv as one command line: for people, and for the shell where every word is text. */
export function formatArgv(argv: readonly string[]): string {
  return argv.map(formatWord).join(' ');
}

/** The bytes that a remote shell has to read to run exactly this argv. */
export function commandLine(argv: readonly ShellWord[]): Buffer {
  const parts: Buffer[] = [];
  argv.forEach((word, at) => {
    if (at > 0) parts.push(Buffer.from(' '));
    parts.push(typeof word === 'string' ? Buffer.from(formatWord(word, at)) : quoteBytes(word));
  });
  return Buffer.concat(parts);
}

/** The same line for the command log: bytes that are not UTF-8 show as replacement characters. */
export function displayLine(argv: readonly ShellWord[]): string {
  return commandLine(argv).toString('utf8');
}

const SHOWN_SCRIPT = 30;

/** The line for a message: a word of several lines, which is a script, stands there as the beginning of its first. */
export function messageLine(argv: readonly ShellWord[]): string {
  return displayLine(
    argv.map(word => {
      const text = (typeof word === 'string' ? word : Buffer.from(word).toString('utf8')).trimStart();
      const end = text.indexOf('\n');
      return end < 0 ? word : `${text.slice(0, Math.min(end, SHOWN_SCRIPT))}…(script)`;
    }),
  );
}

function formatWord(word: string, at: number): string {
  return at === 0 ? quoteProgram(word) : quote(word);
}

/** `A=b` in front would be an assignment; quoted, it is the name of a program. */
function quoteProgram(word: string): string {
  const plain = quote(word);
  return plain === word && (word.includes('=') || RESERVED.test(word)) ? `'${word}'` : plain;
}

const APOSTROPHE = 0x27;

function quoteBytes(word: Uint8Array): Buffer {
  if (word.includes(0)) throw new RangeError('an argument cannot hold a NUL byte');
  const out: number[] = [APOSTROPHE];
  for (const byte of word) {
    // '\'' closes, escapes one apostrophe and opens again.
    if (byte === APOSTROPHE) out.push(APOSTROPHE, 0x5c, APOSTROPHE, APOSTROPHE);
    else out.push(byte);
  }
  out.push(APOSTROPHE);
  return Buffer.from(out);
}

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine, formatArgv, messageLine, quote, type ShellWord } from '../../../src/remote/quote.ts';

/** What a real shell makes of the words: it reads the line from its standard input, as bytes. */
function throughShell(words: readonly ShellWord[]): Buffer[] {
  const line = Buffer.concat([commandLine(['printf', '%s\\0', ...words]), Buffer.from('\n')]);
  const shell = spawnSync('sh', [], { input: line, maxBuffer: 64 * 1024 * 1024 });
  expect(shell.stderr.toString()).toBe('');
  const out: Buffer[] = [];
  for (let rest = shell.stdout; rest.length > 0; ) {
    const end = rest.indexOf(0);
    out.push(rest.subarray(0, end));
    rest = rest.subarray(end + 1);
  }
  return out;
}

const bytesOf = (word: ShellWord): Buffer => Buffer.from(word as string);

const anyBytes = fc.uint8Array({ maxLength: 40 }).map(bytes => bytes.filter(byte => byte !== 0));
const anyText = fc
  .string({ unit: 'binary', maxLength: 40 })
  .filter(text => !text.includes('\0') && text.isWellFormed());
const nasty = fc.constantFrom<ShellWord>(
  '',
  '-n',
  '--',
  '~',
  '~root',
  '!',
  '!!',
  '=ls',
  'a=b',
  '$HOME',
  '$(id)',
  '`id`',
  "'",
  "''",
  '"',
  '\\',
  '\\\\',
  '*',
  '?',
  '[a]',
  '{a,b}',
  '#',
  ';',
  '&',
  '|',
  '<',
  '>',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '\u001b[2J',
  'Größe',
  '%s',
  new Uint8Array([0xff, 0xfe, 0x27, 0x0a]),
  new Uint8Array([0xc3]),
);

describe('quoting for a remote shell', () => {
  it('gives a real shell back exactly the bytes of every word', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, anyBytes, anyText), { minLength: 1, maxLength: 30 }), words => {
        expect(throughShell(words)).toEqual(words.map(bytesOf));
      }),
      { numRuns: 150 },
    );
  });

  it('holds for every single byte, alone and between letters', () => {
    const words = Array.from({ length: 255 }, (_, at) => [
      new Uint8Array([at + 1]),
      new Uint8Array([0x61, at + 1, 0x62]),
    ]).flat();
    expect(throughShell(words)).toEqual(words.map(word => Buffer.from(word)));
  });

  it('says the same for text and for its bytes', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 5 }), words => {
        const line = ['printf', ...words];
        expect(commandLine(line).toString()).toBe(formatArgv(line));
      }),
    );
  });

  it('leaves plain words readable', () => {
    expect(formatArgv(['rsync', '-aHAX', '--rsh=ssh', '/srv/a b/', 'standby:/mnt/t/'])).toBe(
      "rsync -aHAX --rsh=ssh '/srv/a b/' standby:/mnt/t/",
    );
    expect(quote("it's")).toBe("'it'\\''s'");
  });

  it('never lets the first word be grammar', () => {
    for (const program of ['A=b', 'if', 'while', 'time', '!', '{']) {
      const shell = spawnSync('sh', ['-c', formatArgv([program, 'x'])]);
      expect(shell.status, program).toBe(127);
    }
  });

  it('shows no script in a message, only how it begins', () => {
    const script = `\ndir=$1 proc=$2 mask=$3 child= began=0\n${'echo much more\n'.repeat(40)}`;
    expect(messageLine(['sh', '-c', script, 'sh', '/run/landfall/e/j'])).toBe(
      "sh -c 'dir=$1 proc=$2 mask=$3 child= …(script)' sh /run/landfall/e/j",
    );
    expect(messageLine(['sh', '-c', 'a\nb'])).toBe("sh -c 'a…(script)'");
    expect(messageLine(['grep', '-E', 'a b', 'x'])).toBe("grep -E 'a b' x");
  });

  it('refuses NUL, which no argument can hold', () => {
    expect(() => quote('a\0b')).toThrow(RangeError);
    expect(() => commandLine(['a', new Uint8Array([1, 0])])).toThrow(RangeError);
  });
});

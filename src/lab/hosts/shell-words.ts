/** Reading and writing of POSIX shell words, as far as a login shell has to understand a plain command line. */

/** One single-quoted word. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * The words of a plain simple command, quotes removed; undefined where the line needs a real shell
 * (expansions, redirections, several commands, assignments before the command).
 */
export function simpleWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    const char = line[at] ?? '';
    if (char === ' ' || char === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
    } else if (char === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) return undefined;
      word = (word ?? '') + line.slice(at + 1, end);
      at = end + 1;
    } else if (char === '"') {
      const end = line.indexOf('"', at + 1);
      if (end < 0) return undefined;
      const inner = line.slice(at + 1, end);
      if (/[\\$`]/.test(inner)) return undefined;
      word = (word ?? '') + inner;
      at = end + 1;
    } else if (char === '\\') {
      const next = line[at + 1];
      if (next === undefined || next === '\n') return undefined;
      word = (word ?? '') + next;
      at += 2;
    } else if (/[|&;<>()$`*?[\]#~!{}\n\r]/.test(char)) {
      return undefined;
    } else {
      if (char === '=' && words.length === 0) return undefined;
      word = (word ?? '') + char;
      at += 1;
    }
  }
  if (word !== undefined) words.push(word);
  return words.length === 0 ? undefined : words;
}

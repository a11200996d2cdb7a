import { createHash } from 'node:crypto';

/** A word in quotes, as remote/quote.ts makes them. */
const QUOTED = /'[^']*'(?:\\''[^']*')*/g;

/**
 * The command line with every script (a quoted word of several lines) replaced by its name. Most commands are the same
 * few scripts with other arguments; `onScript` is told name and text of each.
 */
export function nameScripts(command: string, onScript: (name: string, text: string) => void): string {
  return command.replace(QUOTED, word => {
    if (!word.includes('\n')) return word;
    const text = word.slice(1, -1).replaceAll(`'\\''`, `'`);
    const name = `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
    onScript(name, text);
    return `<script ${name}>`;
  });
}

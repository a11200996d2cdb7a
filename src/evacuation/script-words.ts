import { createHash } from 'node:crypto';
import type { CommandRecord } from '../remote/host.ts';

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

/** The longest command line that people are shown; the command log keeps all of it. */
const SHOWN_COMMAND = 2000;

/** The record for a screen: scripts stand there by name, and what is still too long is cut. */
export function shownRecord(record: CommandRecord): CommandRecord {
  const command = nameScripts(record.command, () => undefined);
  return {
    ...record,
    command: command.length > SHOWN_COMMAND ? `${command.slice(0, SHOWN_COMMAND)}…` : command,
  };
}

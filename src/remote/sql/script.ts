import { harmless } from '../../foundation/text.ts';
import { identifier } from './quote.ts';
import type { Script, Statement } from './statement.ts';

/**
 * A script as a DBA reads it, and as a golden file keeps it: which server, which database, what for, the very text.
 * Values that are known only while it runs, and secrets, are declared as what they are. Names from a server cannot end a
 * comment.
 */
export const formatScript = (script: Script): string =>
  formatStatements(
    script.deeds.map(({ statement }) => statement),
    script.title,
  );

export function formatStatements(statements: readonly Statement[], title?: string): string {
  const lines: string[] = title === undefined ? [] : [`-- ${harmless(title)}`, ''];
  let place = '';
  for (const statement of statements) {
    const here = `${statement.on}, database ${harmless(statement.database)}`;
    if (here !== place)
      lines.push(`-- ===== on the ${here} =====`, `USE ${identifier(statement.database)};`, 'GO');
    place = here;
    lines.push(
      `-- ${harmless(statement.title)}${statement.effect === 'irreversible' ? ' (cannot be undone)' : statement.effect === 'reads' ? ' (reads only)' : ''}`,
    );
    for (const [name, { type, value }] of Object.entries(statement.parameters ?? {}))
      lines.push(`-- @${name} ${type} = ${value === null ? 'NULL' : shown(value)}`);
    for (const [name, reference] of Object.entries(statement.secrets ?? {}))
      lines.push(`-- @${name} = the secret ${harmless(reference)}, sent as a parameter`);
    lines.push(statement.text.trim(), 'GO', '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

const shown = (value: string | number | boolean | Uint8Array): string =>
  value instanceof Uint8Array
    ? `0x${Buffer.from(value).toString('hex').toUpperCase()}`
    : harmless(String(value));

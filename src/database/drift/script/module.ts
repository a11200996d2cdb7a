import type { Module, Trigger } from '../../catalog/types.ts';

/** Blanks and comments before the first word. Comments of T-SQL nest. */
function firstWord(text: string): number {
  let place = 0;
  for (;;) {
    const blank = /^\s+/.exec(text.slice(place));
    if (blank !== null) place += blank[0].length;
    else if (text.startsWith('--', place)) {
      const end = text.indexOf('\n', place);
      place = end === -1 ? text.length : end + 1;
    } else if (text.startsWith('/*', place)) place = afterComment(text, place);
    else return place;
  }
}

function afterComment(text: string, from: number): number {
  let depth = 0;
  for (let place = from; place < text.length; place++) {
    const two = text.slice(place, place + 2);
    if (two === '/*') {
      depth += 1;
      place += 1;
    } else if (two === '*/') {
      depth -= 1;
      place += 1;
      if (depth === 0) return place + 1;
    }
  }
  return text.length;
}

const VERB = /^(?:CREATE(?:\s+OR\s+ALTER)?|ALTER)\b/i;

/** What follows CREATE: the part that is the same whether a module was created or altered. Undefined without the word. */
export function afterVerb(definition: string): string | undefined {
  const start = firstWord(definition);
  const verb = VERB.exec(definition.slice(start));
  return verb === null ? undefined : definition.slice(start + verb[0].length);
}

/** The same definition with another verb, its comments kept. */
export function withVerb(definition: string, verb: 'CREATE' | 'ALTER'): string {
  const start = firstWord(definition);
  return definition.slice(0, start) + definition.slice(start).replace(VERB, () => verb);
}

/** Two definitions are the same where only line ends, blanks at line ends and what stands before CREATE differ. */
export const sameDefinition = (left: string | undefined, right: string | undefined): boolean =>
  left !== undefined && right !== undefined && normal(left) === normal(right);

const normal = (definition: string): string =>
  (afterVerb(definition) ?? definition)
    .replaceAll('\r\n', '\n')
    .replace(/[ \t]+$/gm, '')
    .trim();

type Programmed = Pick<Module | Trigger, 'definition' | 'ansiNulls' | 'quotedIdentifier'>;

/**
 * The batch that makes or alters it, alone as CREATE demands. Connections of landfall have both settings on; a module
 * that was made without is made inside EXEC, which inherits what is set around it.
 */
export function moduleBatch(module: Programmed, verb: 'CREATE' | 'ALTER'): string {
  const text = withVerb(module.definition ?? '', verb);
  const ansiNulls = module.ansiNulls ?? true;
  const quotedIdentifier = module.quotedIdentifier ?? true;
  if (ansiNulls && quotedIdentifier) return text;
  const on = (is: boolean): string => (is ? 'ON' : 'OFF');
  return [
    `SET ANSI_NULLS ${on(ansiNulls)};`,
    `SET QUOTED_IDENTIFIER ${on(quotedIdentifier)};`,
    `EXEC (N'${text.replaceAll("'", "''")}');`,
    'SET ANSI_NULLS ON;',
    'SET QUOTED_IDENTIFIER ON;',
  ].join('\n');
}

const WORDS: readonly (readonly [part: string, word: string])[] = [
  ['PROCEDURE', 'PROCEDURE'],
  ['FUNCTION', 'FUNCTION'],
  ['VIEW', 'VIEW'],
];

/** `VIEW`, `PROCEDURE`, `FUNCTION`; undefined for what no T-SQL script makes. */
export const moduleWord = ({ kind }: Pick<Module, 'kind'>): string | undefined =>
  kind.startsWith('CLR') || kind === 'AGGREGATE_FUNCTION'
    ? undefined
    : WORDS.find(([part]) => kind.includes(part))?.[1];

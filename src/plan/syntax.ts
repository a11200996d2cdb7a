import { type Document, isAlias, isMap, isScalar, parseDocument, Scalar, visit } from 'yaml';
import { quote } from '../foundation/spelling.ts';
import { type Finding, fault } from './finding.ts';
import { keyText, pathOf } from './locate.ts';

/** YAML with everything that surprises people switched off; `raw` is undefined where the text is refused. */
export interface Syntax {
  readonly document: Document | undefined;
  readonly raw: unknown;
  readonly findings: readonly Finding[];
}

/** How often aliases may multiply what they stand for, before it is taken for an alias bomb. */
const MAX_ALIASES = 100;

export function parseSyntax(text: string): Syntax {
  const document = compose(text);
  if (document === undefined) {
    const finding = fault([], 'the file is nested too deeply to be a plan', { offset: 0 });
    return { document, raw: undefined, findings: [finding] };
  }
  const broken = brokenSyntax(document, text);
  if (broken.length > 0) return { document, raw: undefined, findings: broken };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    const finding = fault([], 'the plan is empty', {
      offset: 0,
      suggestion: 'start from plans/minimal.yaml',
    });
    return { document, raw: undefined, findings: [finding] };
  }
  if (!isMap(document.contents)) {
    const finding = fault([], 'a plan is made of "key: value" lines, and this is not', {
      suggestion: 'start from plans/minimal.yaml',
    });
    return { document, raw: undefined, findings: [finding] };
  }
  return { document, ...values(document) };
}

function compose(text: string): Document | undefined {
  try {
    return parseDocument(text, {
      version: '1.2',
      schema: 'core',
      merge: true,
      stringKeys: true,
      // Found by ourselves, in linear time and with the line of the first one.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (error) {
    // The parser descends by recursion: a megabyte of brackets spends the stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function values(document: Document): { raw: unknown; findings: Finding[] } {
  const findings = keyFaults(document);
  try {
    return { raw: document.toJS({ maxAliasCount: MAX_ALIASES }), findings };
  } catch (error) {
    if (error instanceof RangeError) {
      return { raw: undefined, findings: [fault([], 'the file is nested too deeply to be a plan')] };
    }
    if (!(error instanceof Error)) throw error;
    return { raw: undefined, findings: [...findings, aliasFault(document, error)] };
  }
}

function aliasFault(document: Document, error: Error): Finding {
  let unresolved: number | undefined;
  let first: number | undefined;
  visit(document, {
    Alias(_key, alias) {
      first ??= alias.range?.[0];
      if (alias.resolve(document) === undefined) unresolved ??= alias.range?.[0];
    },
  });
  if (unresolved !== undefined) {
    return fault([], 'this alias (*name) has no anchor (&name) before it', {
      offset: unresolved,
      suggestion: 'a value that really starts with "*" goes into quotes',
    });
  }
  if (error.message.startsWith('Excessive')) {
    return fault([], 'aliases multiply too much: this looks like an alias bomb', {
      offset: first ?? 0,
      suggestion: 'write the values out; a plan needs few aliases',
    });
  }
  return fault([], 'anchors, aliases and merge keys (<<) do not fit together', {
    offset: first ?? 0,
    suggestion: 'a merge key takes a mapping or a list of them; or write the values out',
  });
}

/** Repeated keys, keys that are no text, and the one name that JavaScript keeps for itself. */
function keyFaults(document: Document): Finding[] {
  const findings: Finding[] = [];
  visit(document, {
    Map(_key, map, ancestors) {
      const seen = new Set<string>();
      for (const pair of map.items) {
        const key = keyText(pair);
        const range = isScalar(pair.key) ? pair.key.range : undefined;
        const offset = range?.[0] ?? 0;
        if (seen.has(key)) {
          findings.push(
            fault(
              [...pathOf(ancestors, map), key],
              `the key ${quote(key)} is written twice in the same place`,
              {
                offset,
                suggestion: 'keep one of them: YAML would silently use the last',
              },
            ),
          );
        }
        seen.add(key);
        // zod passes over this key, so that nobody would hear of it.
        if (key === '__proto__') {
          findings.push(
            fault([...pathOf(ancestors, map), key], 'the name "__proto__" is reserved', { offset }),
          );
        }
      }
    },
  });
  return findings;
}

/** One slip makes the parser stumble many times after it: the first few tell it all. */
const MOST_SYNTAX_ERRORS = 3;

function brokenSyntax(document: Document, text: string): Finding[] {
  const offsets = new Map<number, Words>();
  const all = [...document.errors, ...document.warnings];
  // Where there are tabs, what follows is mostly their doing.
  const tabs = all.filter(({ code }) => code === 'TAB_AS_INDENT');
  for (const { code, pos } of tabs.length > 0 ? tabs : all) {
    const offset = whereToLook(document, text, code, pos[0]);
    if (!offsets.has(offset)) offsets.set(offset, SYNTAX_WORDS[code] ?? UNKNOWN_SYNTAX);
    if (offsets.size === MOST_SYNTAX_ERRORS) break;
  }
  if (document.directives?.yaml.version === '1.1') offsets.set(Math.max(0, text.indexOf('%YAML')), YAML_1_1);
  visit(document, {
    Node(_key, node) {
      if (!isAlias(node) && FOREIGN_TAG.test(node.tag ?? '')) offsets.set(node.range?.[0] ?? 0, TAG_WORDS);
    },
  });
  return [...offsets].map(([offset, { message, suggestion }]) =>
    fault([], message, { offset, ...(suggestion === undefined ? {} : { suggestion }) }),
  );
}

/** Tags that the parser knows and that make something else than text, numbers, lists and mappings. */
const FOREIGN_TAG = /^tag:yaml\.org,2002:(?:binary|merge|omap|pairs|set|timestamp)$/;

/** The offset that helps a person, from the one that the parser gives. */
function whereToLook(document: Document, text: string, code: string, offset: number): number {
  if (code === 'MISSING_CHAR') return openingQuote(document, offset);
  // The parser means the line; its first word is easier to see.
  if (code === 'BAD_INDENT') return offset + (/^ */.exec(text.slice(offset))?.[0].length ?? 0);
  return offset;
}

/** A missing closing quote is noticed at the end of the file; what helps is where it was opened. */
function openingQuote(document: Document, end: number): number {
  let start: number | undefined;
  visit(document, {
    Scalar(_key, node) {
      const quoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
      if (quoted && node.range && node.range[0] < end && node.range[1] >= end) start = node.range[0];
    },
  });
  return start ?? end;
}

interface Words {
  readonly message: string;
  readonly suggestion?: string;
}

const YAML_1_1: Words = {
  message: 'a plan is YAML 1.2, and this file asks for 1.1',
  suggestion: 'remove the %YAML line',
};
const TAG_WORDS: Words = {
  message: 'tags (!something) are not allowed in a plan',
  suggestion: 'remove the tag; a value that starts with "!" goes into quotes',
};
const UNKNOWN_SYNTAX: Words = { message: 'this is not valid YAML' };
const SYNTAX_WORDS: Readonly<Record<string, Words>> = {
  TAB_AS_INDENT: {
    message: 'a tab is used for indentation; YAML allows only spaces',
    suggestion: 'replace the tab with spaces',
  },
  BAD_INDENT: {
    message: 'the indentation does not fit, or a bracket is not closed',
    suggestion: 'keys of one mapping start in the same column; close every { and [',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second ": " stands in one line, or the line before is not indented as this one',
    suggestion: 'put the value into quotes, or start a new indented line after the first ":"',
  },
  MULTIPLE_DOCS: {
    message: 'the file holds more than one document ("---"); a plan is one',
    suggestion: 'keep one plan in one file',
  },
  MISSING_CHAR: {
    message: 'a quote is not closed, or a space or a ":" is missing',
    suggestion: 'close the quote, or write "key: value"',
  },
  UNEXPECTED_TOKEN: {
    message: 'something stands here that YAML does not expect',
    suggestion: 'look at the indentation, at ":" and at brackets in this line and the one before',
  },
  BAD_ALIAS: { message: 'an alias (*name) or anchor (&name) is not well-formed' },
  BAD_DQ_ESCAPE: {
    message: 'no such escape in double quotes',
    suggestion: 'write \\\\ for a backslash, or use single quotes',
  },
  BAD_SCALAR_START: {
    message: 'a value cannot start with this character',
    suggestion: 'put the value into quotes',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a key goes over several lines, or a ":" is missing',
    suggestion: 'write "key: value" in one line',
  },
  NON_STRING_KEY: {
    message: 'a list or a mapping is used as a key',
    suggestion: 'a key is a word; put it into quotes if it starts with [ or {',
  },
  TAG_RESOLVE_FAILED: TAG_WORDS,
  KEY_OVER_1024_CHARS: { message: 'a key of more than 1024 characters', suggestion: 'is a quote missing?' },
};

import type { z } from 'zod';
import { closest, listed, quote } from '../foundation/spelling.ts';
import { correction, kindOf } from './corrections.ts';
import { type Finding, fault, type PathKey, type PlanPath } from './finding.ts';
import { keysAt, type SchemaNode, schemaAt } from './json-schema.ts';

type Issue = z.core.$ZodIssue;

/** What the schema refuses, in words that an engineer understands at 2 a.m. */
export function explain(issues: readonly Issue[], raw: unknown): Finding[] {
  const findings = issues.flatMap(issue => explainOne(issue, raw));
  // A mistyped key is named once: as the unknown key that it is, and not again as the missing one it was meant to be.
  const mistyped = new Set(
    findings.filter(f => f.meant !== undefined).map(f => JSON.stringify([...f.path.slice(0, -1), f.meant])),
  );
  return findings
    .filter(f => !(f.missing && mistyped.has(JSON.stringify(f.path))))
    .map(({ meant: _meant, missing: _missing, ...finding }) => finding);
}

interface Explained extends Finding {
  /** The known key that an unknown one was taken for. */
  readonly meant?: string | undefined;
  readonly missing?: true;
}

function explainOne(issue: Issue, raw: unknown): Explained[] {
  const path = issue.path.map(key => (typeof key === 'symbol' ? String(key) : key));
  const value = valueAt(raw, path);
  const node = schemaAt(path);
  const shown = scalarText(value);
  const details = { ...(shown === undefined ? {} : { value: shown }), ...suggested(shown, node) };
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => unknownKey(path, key));
    case 'invalid_key':
      return [badKey(path, issue)];
    case 'invalid_type':
      return [wrongType(path, value, issue.expected, node)];
    case 'invalid_value':
      if (value === undefined) return [missingKey(path, node)];
      return [fault(path, notOneOf(issue.values.map(String), node), details)];
    case 'too_small':
    case 'too_big':
      return [fault(path, outOfBounds(issue), shown === undefined ? {} : { value: shown })];
    case 'invalid_format':
    case 'custom':
      return [fault(path, issue.message, details)];
    default:
      return [fault(path, `this is not what belongs here (${issue.message})`, details)];
  }
}

const suggested = (written: string | undefined, node: SchemaNode | undefined): { suggestion?: string } => {
  const suggestion = written === undefined ? undefined : correction(written, node);
  return suggestion === undefined ? {} : { suggestion };
};

/** Mappings and lists are not shown as a value: their first line is what the position points at. */
function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function valueAt(raw: unknown, path: PlanPath): unknown {
  let value = raw;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PathKey, unknown>)[key]; // Proved an object with that key by the line above.
  }
  return value;
}

/** `in machines.web1.target`, or nothing at the top. */
const inside = (path: PlanPath): string => {
  const names = path.filter(key => typeof key === 'string').map(key => quote(key).slice(1, -1));
  return names.length === 0 ? 'at the top of the plan' : `in ${names.join('.')}`;
};

function unknownKey(path: PlanPath, key: string): Explained {
  const keys = keysAt(path);
  const meant = closest(key, keys);
  const below = keys.filter(parent => keysAt([...path, parent]).includes(key));
  const suggestion =
    meant !== undefined
      ? `did you mean "${meant}"?`
      : below.length > 0
        ? `it belongs under ${listed(below.map(parent => `"${parent}"`))}`
        : `the keys here are ${listed(keys)}`;
  const message = `there is no key ${quote(key)} ${inside(path)}`;
  return { ...fault([...path, key], message, { on: 'key', suggestion }), meant };
}

function badKey(path: PlanPath, issue: Issue & { code: 'invalid_key' }): Explained {
  const key = String(path.at(-1) ?? '');
  const parent = schemaAt(path.slice(0, -1));
  return fault(path, issue.issues[0]?.message ?? 'this cannot be a name', {
    on: 'key',
    value: key,
    ...suggested(key, parent?.propertyNames),
  });
}

function wrongType(
  path: PlanPath,
  value: unknown,
  expected: string,
  node: SchemaNode | undefined,
): Explained {
  if (value === undefined) return missingKey(path, node);
  const key = quote(String(path.at(-1) ?? 'the plan'));
  if (value === null) {
    const suggestion = `give it ${TYPE_WORDS[expected] ?? 'a value'}, or remove the key`;
    return fault(path, `nothing is written after ${key}`, { on: 'key', suggestion });
  }
  const shown = scalarText(value);
  const message = typeMessage(value, expected, node);
  const quoting = expected === 'string' && shown !== undefined ? quoted(shown, node) : suggested(shown, node);
  const listing =
    expected === 'array' && shown !== undefined ? { suggestion: `write [${quote(shown).slice(1, -1)}]` } : {};
  return fault(path, message, { ...(shown === undefined ? {} : { value: shown }), ...quoting, ...listing });
}

function typeMessage(value: unknown, expected: string, node: SchemaNode | undefined): string {
  const kind = kindOf(node);
  if (typeof value === 'number') {
    if (expected === 'int') return 'a whole number belongs here';
    if (kind === 'rate' || kind === 'size' || kind === 'duration') return `a ${kind} needs its unit`;
  }
  return `${TYPE_WORDS[expected] ?? 'something else'} belongs here, not ${kindOfValue(value)}`;
}

/** YAML reads 100 and true as number and boolean; where they are meant as text, quotes say so. */
function quoted(shown: string, node: SchemaNode | undefined): { suggestion?: string } {
  const fits = node?.pattern === undefined || new RegExp(node.pattern).test(shown);
  return fits ? { suggestion: `put it in quotes: "${shown}"` } : suggested(shown, node);
}

function missingKey(path: PlanPath, node: SchemaNode | undefined): Explained {
  const key = path.at(-1);
  const parent = path.slice(0, -1);
  const message = `the key ${quote(String(key ?? ''))} is missing ${inside(parent)}`;
  const about = node?.description === undefined ? '' : ` (${node.description.replace(/\.$/, '')})`;
  const suggestion = `add "${key}:" there${about}`;
  return { ...fault(path, message, { suggestion, on: 'key' }), missing: true };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list ("- item" lines)',
  object: 'a mapping ("key: value" lines)',
  record: 'a mapping ("name:" and below it its keys)',
};

function kindOfValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'a number' : 'true or false';
}

function notOneOf(values: readonly string[], node: SchemaNode | undefined): string {
  if (node?.const !== undefined) return `this landfall reads plans of version ${String(node.const)}`;
  return `not one of ${listed(values)}`;
}

function outOfBounds(issue: Issue & { code: 'too_small' | 'too_big' }): string {
  const limit = String(issue.code === 'too_small' ? issue.minimum : issue.maximum);
  const least = issue.code === 'too_small';
  if (issue.origin === 'string') {
    if (least && limit === '1') return 'this is empty';
    return least ? `at least ${limit} characters` : `more than ${limit} characters`;
  }
  if (issue.origin === 'array')
    return least ? 'the list is empty: at least one entry belongs here' : `more than ${limit} entries`;
  return least ? `the smallest value is ${limit}` : `the largest value is ${limit}`;
}

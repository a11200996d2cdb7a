import { findObject, findSchema } from '../catalog/find.ts';
import type { Catalog, StoredModule } from '../catalog/schema.ts';

/** A name that a module's text mentions where an object's name can stand. */
export interface Mentioned {
  readonly server: string | null;
  readonly database: string | null;
  readonly schema: string | null;
  readonly entity: string;
  /** Object of the same database, null where there is none or where it lies in another database. */
  readonly id: number | null;
}

const known = new WeakMap<StoredModule, readonly (readonly string[])[]>();

/**
 * What a module refers to, from the names in its text: names behind FROM, JOIN, INTO, UPDATE, EXEC and their kin, and called
 * functions with a schema. Comments and strings are passed over; common table expressions, aliases and #tables are not
 * objects.
 */
export function mentionedBy(catalog: Catalog, module: StoredModule): readonly Mentioned[] {
  let names = known.get(module);
  if (names === undefined) {
    names = namesIn(module.text);
    known.set(module, names);
  }
  const own = catalog.schemas.get(module.schemaId)?.name ?? 'dbo';
  const found = new Map<string, Mentioned>();
  for (const name of names) {
    const entity = name.at(-1) ?? '';
    const schema = name.at(-2) ?? '';
    const database = name.at(-3) ?? '';
    const server = name.at(-4) ?? '';
    const object =
      database === '' && server === ''
        ? (findObject(catalog, schema === '' ? own : schema, entity) ??
          findObject(catalog, schema || 'dbo', entity))
        : undefined;
    if (object?.object.id === module.id) continue;
    const system = ['sys', 'information_schema'].includes(schema.toLowerCase());
    if (object === undefined && database === '' && (system || findSchema(catalog, schema) === undefined))
      continue;
    found.set(name.join('.').toLowerCase(), {
      server: server || null,
      database: database || null,
      schema: schema || null,
      entity,
      id: object?.object.id ?? null,
    });
  }
  return [...found.values()];
}

const BEFORE_NAME = new Set([
  'from',
  'join',
  'into',
  'update',
  'insert',
  'merge',
  'using',
  'exec',
  'execute',
  'apply',
  'references',
  'table',
  'delete',
  'for',
]);

function namesIn(text: string): readonly (readonly string[])[] {
  const tokens = tokensOf(text);
  const names: (readonly string[])[] = [];
  for (let place = 0; place < tokens.length; place++) {
    if (!isPart(tokens[place])) continue;
    const before = tokens[place - 1]?.toLowerCase() ?? '';
    const parts = [bare(tokens[place] ?? '')];
    let next = place + 1;
    while (tokens[next] === '.') {
      if (tokens[next + 1] === '.') {
        parts.push('');
        next += 1;
      } else if (isPart(tokens[next + 1])) {
        parts.push(bare(tokens[next + 1] ?? ''));
        next += 2;
      } else break;
    }
    const called = tokens[next] === '(' && parts.length >= 2;
    const trigger = before === 'on' && parts.length === 1;
    if ((called || BEFORE_NAME.has(before) || (before === ',' && parts.length >= 3)) && !trigger)
      if (!parts.at(-1)?.startsWith('#') && !parts.at(-1)?.startsWith('@')) names.push(parts);
    place = next - 1;
  }
  return names;
}

const isPart = (token: string | undefined): boolean =>
  token !== undefined && /^(\[|"|[\p{L}_#@])/u.test(token);

const bare = (token: string): string =>
  token.startsWith('[')
    ? token.slice(1, -1).replaceAll(']]', ']')
    : token.startsWith('"')
      ? token.slice(1, -1).replaceAll('""', '"')
      : token;

function tokensOf(text: string): readonly string[] {
  const pattern =
    /--[^\n]*|\/\*[\s\S]*?\*\/|N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"|[\p{L}_#@][\p{L}\p{N}_#@$]*|\S/gu;
  return [...text.matchAll(pattern)]
    .map(match => match[0])
    .filter(token => !token.startsWith('--') && !token.startsWith('/*') && !/^N?'/.test(token));
}

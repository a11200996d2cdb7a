import { unsupported } from '../errors.ts';

/** What an expression or a condition names, found in its tree without binding it. */
export interface References {
  /** Last parts of the column names, as written. */
  readonly columns: ReadonlySet<string>;
  /** Names of the functions called, in lower case, without their schema. */
  readonly functions: ReadonlySet<string>;
  readonly globals: boolean;
  readonly queries: boolean;
}

export function referencesIn(tree: object): References {
  const columns = new Set<string>();
  const functions = new Set<string>();
  let globals = false;
  let queries = false;
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const entry of value) visit(entry);
      return;
    }
    if ('node' in value) {
      if (value.node === 'column') columns.add(lastPart(value));
      if (value.node === 'call') functions.add(lastPart(value).toLowerCase());
      if (value.node === 'global') globals = true;
    }
    if ('body' in value) queries = true;
    for (const child of Object.values(value)) visit(child);
  };
  visit(tree);
  return { columns, functions, globals, queries };
}

function lastPart(node: object): string {
  const name: unknown = 'name' in node ? node.name : undefined;
  const last: unknown = Array.isArray(name) ? name.at(-1) : undefined;
  if (typeof last === 'string') return last;
  throw unsupported('a name without parts');
}

const NONDETERMINISTIC = new Set([
  'getdate',
  'getutcdate',
  'sysdatetime',
  'sysutcdatetime',
  'sysdatetimeoffset',
  'current_timestamp',
  'newid',
  'newsequentialid',
  'rand',
  'suser_sname',
  'suser_name',
  'system_user',
  'session_user',
  'user_name',
  'current_user',
  'host_name',
  'app_name',
  'session_context',
  'context_info',
  'object_id',
  'object_name',
]);

/** May a computed column be persisted: does it give the same value for the same row at any time. */
export const deterministic = (references: References): boolean =>
  !references.globals && ![...references.functions].some(name => NONDETERMINISTIC.has(name));

import { SqlError } from '../../errors.ts';
import { type JsonNode, members } from './scan.ts';

/** `lax $.a."b c"[0]`. */
export interface JsonPath {
  readonly strict: boolean;
  /** Keys are texts, places in arrays numbers. */
  readonly steps: readonly (string | number)[];
}

const badPath = (path: string, at: number): SqlError =>
  new SqlError(
    13_607,
    `JSON path is not properly formatted. Unexpected character '${path.charAt(at) || '.'}' is found at position ${at}.`,
    { state: 4 },
  );

const STEP = /\.([A-Za-z_$][\w$]*)|\.("(?:[^"\\]|\\.)*")|\[(\d+)\]/y;

const known = new Map<string, JsonPath>();

/** @throws SqlError 13607 */
export function parsePath(path: string): JsonPath {
  const found = known.get(path);
  if (found !== undefined) return found;
  const [head = '', mode = ''] = /^\s*(?:(lax|strict)\s+)?\$/.exec(path) ?? [];
  if (head === '') throw badPath(path, 0);
  const steps: (string | number)[] = [];
  let at = head.length;
  while (at < path.length) {
    STEP.lastIndex = at;
    const match = STEP.exec(path);
    if (match === null) throw badPath(path, at);
    const [whole, plain, quoted, index] = match;
    if (index !== undefined) steps.push(Number(index));
    else if (plain !== undefined) steps.push(plain);
    else steps.push(String(JSON.parse(quoted ?? '""')));
    at += whole.length;
  }
  const parsed = { strict: mode === 'strict', steps };
  if (known.size > 1000) known.clear();
  known.set(path, parsed);
  return parsed;
}

/** What the path leads to; keys are compared exactly, and the first of two equal ones counts. */
export function follow(text: string, root: JsonNode, path: JsonPath): JsonNode | undefined {
  let current: JsonNode | undefined = root;
  for (const step of path.steps) {
    if (current === undefined) return undefined;
    const wanted: 'array' | 'object' = typeof step === 'number' ? 'array' : 'object';
    if (current.kind !== wanted) return undefined;
    let next: JsonNode | undefined;
    for (const member of members(text, current)) {
      if (member.key !== String(step)) continue;
      next = member.value;
      break;
    }
    current = next;
  }
  return current;
}

export const missing = (): SqlError =>
  new SqlError(13_608, 'Property cannot be found on the specified JSON path.', { state: 5 });

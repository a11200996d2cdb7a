import type { PathKey, PlanPath } from './finding.ts';
import { scalar } from './scalar.ts';

/** Values of a plan as plain data: how an edit changes them, and how they are written. Pure. */

export type PlanValue =
  | string
  | number
  | boolean
  | null
  | readonly PlanValue[]
  | { readonly [key: string]: PlanValue };

type Mapping = { readonly [key: string]: PlanValue };

export const isMapping = (value: PlanValue | undefined): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands at a path; undefined where nothing does. */
export function valueAt(value: PlanValue | undefined, path: PlanPath): PlanValue | undefined {
  return path.reduce<PlanValue | undefined>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)];
    return isMapping(at) && Object.hasOwn(at, key) ? at[String(key)] : undefined;
  }, value);
}

/** The value with another one at the path; undefined removes it. Mappings on the way are made where there are none. */
export function withValue(
  value: PlanValue | undefined,
  path: PlanPath,
  wanted: PlanValue | undefined,
): PlanValue | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return wanted;
  if (Array.isArray(value)) {
    const items: PlanValue[] = [...value];
    const item = withValue(items[Number(key)], rest, wanted);
    items.splice(Number(key), 1, ...(item === undefined ? [] : [item]));
    return items;
  }
  const before = isMapping(value) ? value : {};
  const after = withValue(valueAt(before, [key]), rest, wanted);
  if (after !== undefined) return { ...before, [key]: after };
  return Object.fromEntries(Object.entries(before).filter(([name]) => name !== String(key)));
}

/** On one line: `text`, `[a, b]`, `{ a: 1 }`. */
export function flowText(value: PlanValue): string {
  if (typeof value === 'string') return scalar(value);
  if (isMapping(value)) {
    const pairs = Object.entries(value).map(([key, inner]) => `${scalar(key)}: ${flowText(inner)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  return Array.isArray(value) ? `[${value.map(flowText).join(', ')}]` : String(value);
}

/** As lines of a block: mappings below their key, everything else beside it. */
export function blockLines(key: PathKey, value: PlanValue, indent: string): string[] {
  const head = `${indent}${scalar(String(key))}:`;
  if (!isMapping(value) || Object.keys(value).length === 0) return [`${head} ${flowText(value)}`];
  return [head, ...Object.entries(value).flatMap(([name, inner]) => blockLines(name, inner, `${indent}  `))];
}

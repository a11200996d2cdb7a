import type { Option } from '../syntax/administration.ts';

/** A literal or a word behind an option's name as text; undefined where nothing stands there. */
export function optionText(value: Option['value']): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  if (!('node' in value)) return value[0]?.name;
  if (value.node !== 'literal' || !('text' in value.literal)) return undefined;
  return value.literal.text;
}

/** Options in parentheses behind an option's word. */
export function innerOptions(value: Option['value']): readonly Option[] {
  if (value === undefined || typeof value === 'string' || 'node' in value) return [];
  return value.slice(1);
}

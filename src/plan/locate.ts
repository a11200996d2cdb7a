import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { PathKey, PlanPath } from './finding.ts';

/** A key as the plan knows it. */
export const keyText = (pair: Pair): string =>
  isScalar(pair.key) ? String(pair.key.value ?? '') : String(pair.key ?? '');

/** The path of a node that `visit` came to, from the ancestors that it hands over. */
export function pathOf(ancestors: readonly unknown[], node: unknown): PathKey[] {
  const path: PathKey[] = [];
  const chain = [...ancestors, node];
  for (const [index, item] of chain.entries()) {
    if (isPair(item)) path.push(keyText(item));
    if (isSeq(item) && index + 1 < chain.length) path.push(item.items.indexOf(chain[index + 1]));
  }
  return path;
}

/**
 * Where a path stands in the text. What does not stand there (a missing key) is found at its nearest parent;
 * aliases and merge keys are followed to the text that has to be edited.
 */
export function locate(document: Document, path: PlanPath, on: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, key] of path.entries()) {
    const last = depth === path.length - 1;
    const parent = follow(document, node);
    if (isSeq(parent)) {
      node = parent.items[Number(key)];
      if (node === undefined) return offset;
      offset = startOf(node) ?? offset;
    } else if (isMap(parent)) {
      const pair = pairOf(document, parent, String(key));
      if (pair === undefined) return offset;
      const keyAt = startOf(pair.key) ?? offset;
      const empty = isScalar(pair.value) && pair.value.value === null && pair.value.source === '';
      const valueAt = empty ? undefined : startOf(pair.value);
      node = pair.value;
      // The parent of what is missing is shown by its key: that line says which one it is.
      offset = last && on === 'value' ? (valueAt ?? keyAt) : keyAt;
    } else {
      return offset;
    }
  }
  return offset;
}

const startOf = (node: unknown): number | undefined => {
  if (node === null || typeof node !== 'object' || !('range' in node)) return undefined;
  const { range } = node as Node; // Only nodes of the yaml package have a range.
  return range?.[0];
};

const follow = (document: Document, node: unknown): unknown =>
  isAlias(node) ? node.resolve(document) : node;

/** The last pair of that key counts, as in the value; then what a merge key brings. */
function pairOf(document: Document, map: YAMLMap, key: string): Pair | undefined {
  const own = map.items.findLast(pair => keyText(pair) === key);
  if (own !== undefined) return own;
  for (const merge of map.items.filter(pair => keyText(pair) === '<<')) {
    const value = follow(document, merge.value);
    for (const source of isSeq(value) ? value.items : [value]) {
      const target = follow(document, source);
      const found =
        isMap(target) && target !== map ? target.items.findLast(p => keyText(p) === key) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

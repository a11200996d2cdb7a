import { isMap, isScalar, isSeq, parseDocument, type Scalar, visit } from 'yaml';
import type { Mover } from './mover.ts';

const DEFAULT_ROUTE = /^(?:default|0\.0\.0\.0\/0|::\/0)$/;

/** Netplan's YAML: values are replaced where they stand; undefined where the text is no YAML that can be read. */
export function editNetplan(text: string, mover: Mover): string | undefined {
  const document = parseDocument(text);
  if (document.errors.length > 0) return undefined;
  const changes: { from: number; to: number; value: string }[] = [];
  const change = (node: Scalar, moved: string | undefined): void => {
    const [from, to] = node.range ?? [];
    if (moved === undefined || from === undefined || to === undefined) return;
    // A quoted value keeps its quotes: only the words in it are others.
    const value = text.slice(from, to).replace(String(node.value), () => moved);
    changes.push({ from, to, value });
  };
  visit(document, {
    Pair(_key, pair) {
      if (!isScalar(pair.key)) return;
      const { key, value } = pair;
      if (key.value === 'addresses' && isSeq(value)) {
        for (const item of value.items) {
          if (isScalar(item)) change(item, own(item, mover));
          // `- 10.20.0.5/24: {label: …}`: the address is the key.
          if (isMap(item))
            for (const each of item.items) if (isScalar(each.key)) change(each.key, own(each.key, mover));
        }
      }
      if (/^gateway[46]$/.test(String(key.value)) && isScalar(value)) {
        change(value, mover.router(String(value.value)));
      }
      if (key.value === 'routes' && isSeq(value)) {
        for (const route of value.items) {
          // Only the way out goes with the network; other routes are told.
          if (!isMap(route) || !DEFAULT_ROUTE.test(String(route.get('to')))) continue;
          const via = route.get('via', true);
          if (isScalar(via)) change(via, mover.router(String(via.value)));
        }
      }
      // Name servers have a list of the same name, which is not the machine's own.
      return key.value === 'nameservers' ? visit.SKIP : undefined;
    },
  });
  return changes
    .sort((a, b) => b.from - a.from)
    .reduce((out, { from, to, value }) => out.slice(0, from) + value + out.slice(to), text);
}

const own = (node: Scalar, mover: Mover): string | undefined => mover.own(String(node.value));

import type { Dependencies, Dependency, Endpoint } from '../estate/dependencies/shape.ts';
import { harmless } from '../foundation/text.ts';

/** The dependencies as a picture: one arrow for each pair of ends. A machine without any is drawn all the same. */

interface Graph {
  readonly names: readonly string[];
  /** In neither plan nor external. */
  readonly unknown: ReadonlySet<string>;
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly label: string }[];
}

/** Ways that one arrow names; more would hide the picture. */
const MOST_WAYS = 4;

const nameOf = (to: Endpoint): string => (to.kind === 'unknown' ? to.address : to.name);

const wayOf = ({ via, port }: Dependency): string => (port === undefined ? via : `${via} ${port}`);

function graphOf({ edges }: Dependencies, own: readonly string[]): Graph {
  const arrows = new Map<string, { from: string; to: string; ways: Set<string> }>();
  for (const edge of edges) {
    const to = nameOf(edge.to);
    const key = JSON.stringify([edge.from, to]);
    const known = arrows.get(key) ?? { from: edge.from, to, ways: new Set<string>() };
    known.ways.add(wayOf(edge));
    arrows.set(key, known);
  }
  return {
    names: [...new Set([...own, ...edges.flatMap(edge => [edge.from, nameOf(edge.to)])])],
    unknown: new Set(edges.flatMap(({ to }) => (to.kind === 'unknown' ? [nameOf(to)] : []))),
    arrows: [...arrows.values()].map(({ from, to, ways }) => ({ from, to, label: labelOf([...ways]) })),
  };
}

const labelOf = (ways: readonly string[]): string =>
  ways.length > MOST_WAYS
    ? `${ways.slice(0, MOST_WAYS).join(', ')} and ${ways.length - MOST_WAYS} more`
    : ways.join(', ');

/** What ends a string, escapes in it or is markup stays out of both languages. */
const quoted = (text: string): string => `"${harmless(text).replace(/["\\<>#`]/g, '_')}"`;

/** In the language of Graphviz; `own` are the machines and databases that are drawn in any case. */
export function dotText(all: Dependencies, own: readonly string[]): string {
  const { names, unknown, arrows } = graphOf(all, own);
  return `${[
    'digraph landfall {',
    '  rankdir=LR;',
    ...names.map(name => `  ${quoted(name)}${unknown.has(name) ? ' [style=dashed]' : ''};`),
    ...arrows.map(({ from, to, label }) => `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(label)}];`),
    '}',
  ].join('\n')}\n`;
}

/** As a Mermaid flowchart; ids are numbers, because a name may be a word of the language. */
export function mermaidText(all: Dependencies, own: readonly string[]): string {
  const { names, unknown, arrows } = graphOf(all, own);
  const ids = new Map(names.map((name, index) => [name, `n${index}`]));
  const id = (name: string): string => ids.get(name) ?? '';
  return `${[
    'flowchart LR',
    ...names.map(name => `  ${id(name)}[${quoted(name)}]${unknown.has(name) ? ':::unknown' : ''}`),
    ...arrows.map(({ from, to, label }) => `  ${id(from)} -->|${quoted(label)}| ${id(to)}`),
    ...(unknown.size === 0 ? [] : ['  classDef unknown stroke-dasharray: 5 5']),
  ].join('\n')}\n`;
}

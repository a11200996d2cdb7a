import type { Dependencies, Dependency, Endpoint } from '../estate/dependencies/shape.ts';
import { LandfallError } from '../foundation/errors.ts';
import { didYouMean } from '../foundation/spelling.ts';
import { harmless } from '../foundation/text.ts';
import type { Plan } from '../plan/schema.ts';
import { ASCII_FIGURES, UNICODE_FIGURES } from '../reports/figures.ts';
import { type Column, layOut } from '../reports/table.ts';
import { createStyle } from './style.ts';

interface Options {
  readonly width: number;
  readonly unicode: boolean;
  readonly colour: boolean;
}

/** What leads to one machine or database and away from it; the order stays whole. Refuses a name that the plan lacks. */
export function onlyOf(plan: Plan, all: Dependencies, name: string): Dependencies {
  const names = [...Object.keys(plan.machines), ...Object.keys(plan.databases)];
  if (!names.includes(name))
    throw new LandfallError('usage', {
      what: `"${harmless(name)}" is no machine and no database of the plan`,
      next: [didYouMean(name, names) ?? `it has: ${names.slice(0, 12).join(', ')}`],
    });
  return {
    edges: all.edges.filter(edge => edge.from === name || nameOf(edge.to) === name),
    findings: all.findings.filter(({ subject }) => subject === name),
    order: all.order,
    circles: all.circles.filter(circle => circle.includes(name)),
    contradictions: all.contradictions.filter(each => each.subject === name || each.needs === name),
  };
}

const nameOf = (to: Endpoint): string => (to.kind === 'unknown' ? to.address : to.name);

const WHO: Readonly<Record<Endpoint['kind'], string>> = {
  machine: 'machine',
  database: 'database',
  external: 'external',
  unknown: 'unknown',
};

const COLUMNS: readonly Column<Dependency>[] = [
  { title: 'from', keep: 0, cell: ({ from }) => harmless(from) },
  { title: 'needs', keep: 0, shrink: true, cell: ({ to }) => harmless(nameOf(to)) },
  {
    title: 'which is',
    keep: 1,
    cell: ({ to }) => (to.kind === 'unknown' && to.atSource ? 'unknown, at the source' : WHO[to.kind]),
  },
  { title: 'port', keep: 2, cell: ({ port }) => (port === undefined ? '-' : String(port)) },
  { title: 'by', keep: 3, cell: ({ via }) => via },
  { title: 'seen', keep: 4, shrink: true, cell: ({ evidence }) => harmless(evidence[0] ?? '') },
];

/** The table, what is to settle with what to do about it, the order, and where the plan's own contradicts it. */
export function dependenciesText(
  { edges, findings, order, circles, contradictions }: Dependencies,
  asked: { readonly machines: number; readonly looked: number },
  options: Options,
): string {
  const style = createStyle(options.colour, options.unicode);
  const { ellipsis } = options.unicode ? UNICODE_FIGURES : ASCII_FIGURES;
  const unseen = asked.machines - asked.looked;
  return `${[
    ...(edges.length === 0
      ? ['no dependency is known']
      : layOut(edges, COLUMNS, options.width, { ellipsis })),
    ...(unseen > 0
      ? [
          '',
          `${unseen} of ${asked.machines} machines were not looked at: what they need is not known. Next: landfall inventory PLAN`,
        ]
      : []),
    '',
    findings.length === 0 ? 'nothing is left to settle' : style.strong(`to settle: ${findings.length}`),
    ...findings.flatMap(({ subject, kind, what, why, evidence, next }) => [
      `${kind === 'unknown' ? style.marks.warn : style.marks.bad} ${harmless(subject)}: ${harmless(what)}`,
      `    ${harmless(why)}`,
      ...evidence.slice(0, 3).map(each => style.dim(`    ${harmless(each)}`)),
      ...next.map(each => `    next: ${harmless(each)}`),
    ]),
    '',
    'the order that follows, what is on one line may come up together:',
    ...order.map((wave, index) => `${String(index + 1).padStart(3)}  ${wave.map(harmless).join(', ')}`),
    ...circles.map(circle => `they need each other in a circle: ${circle.map(harmless).join(', ')}`),
    ...contradictions.flatMap(({ subject, needs, why, next }) => [
      `${style.marks.warn} the plan brings up ${harmless(subject)} before ${harmless(needs)}, which it needs: ${harmless(why)}`,
      ...next.map(each => `    next: write ${harmless(each)}`),
    ]),
  ].join('\n')}\n`;
}

/** One line for each pair of ends, whatever the ways between them. */
function pairs({ edges }: Dependencies): { readonly edge: Dependency; readonly label: string }[] {
  const all = new Map<string, { readonly edge: Dependency; readonly labels: Set<string> }>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.from, edge.to.kind, nameOf(edge.to)]);
    const known = all.get(key) ?? { edge, labels: new Set<string>() };
    known.labels.add(edge.port === undefined ? edge.via : `${edge.via} ${edge.port}`);
    all.set(key, known);
  }
  return [...all.values()].map(({ edge, labels }) => ({ edge, label: [...labels].slice(0, 4).join(', ') }));
}

const quoted = (text: string): string => `"${harmless(text).replace(/["\\]/g, '_')}"`;

export function dotText(all: Dependencies): string {
  const known = pairs(all);
  const dead = new Set(known.flatMap(({ edge: { to } }) => (to.kind === 'unknown' ? [nameOf(to)] : [])));
  return `${[
    'digraph landfall {',
    '  rankdir=LR;',
    ...[...dead].map(name => `  ${quoted(name)} [style=dashed];`),
    ...known.map(
      ({ edge, label }) => `  ${quoted(edge.from)} -> ${quoted(nameOf(edge.to))} [label=${quoted(label)}];`,
    ),
    '}',
  ].join('\n')}\n`;
}

export function mermaidText(all: Dependencies): string {
  const ids = new Map<string, string>();
  const id = (name: string): string => {
    const known = ids.get(name) ?? `n${ids.size}`;
    ids.set(name, known);
    return known;
  };
  const lines = pairs(all).map(
    ({ edge, label }) => `  ${id(edge.from)} -->|${quoted(label)}| ${id(nameOf(edge.to))}`,
  );
  return `${['flowchart LR', ...[...ids].map(([name, each]) => `  ${each}[${quoted(name)}]`), ...lines].join('\n')}\n`;
}

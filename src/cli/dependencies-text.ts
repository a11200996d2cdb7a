import stringWidth from 'string-width';
import type { Dependencies, Dependency, DependencyFinding, Endpoint } from '../estate/dependencies/shape.ts';
import { LandfallError } from '../foundation/errors.ts';
import { didYouMean } from '../foundation/spelling.ts';
import { harmless } from '../foundation/text.ts';
import { counted } from '../foundation/units.ts';
import type { Plan } from '../plan/schema.ts';
import { namePlanFile } from '../readiness/plan-file.ts';
import { ASCII_FIGURES, UNICODE_FIGURES } from '../reports/figures.ts';
import { type Column, layOut } from '../reports/table.ts';
import { wrap } from './help.ts';
import { createStyle } from './style.ts';

interface Options {
  readonly width: number;
  readonly unicode: boolean;
  readonly colour: boolean;
}

export interface Asked {
  /** How many the plan has. */
  readonly machines: number;
  /** Those that no survey knows. */
  readonly unseen: readonly string[];
  /** The one machine, database or place that was asked about. */
  readonly only?: string;
}

/**
 * What leads to one machine or database and away from it, or to a place that something needs; the order stays whole.
 * Refuses a name that nothing of this has.
 */
export function onlyOf(plan: Plan, all: Dependencies, name: string): Dependencies {
  const own = [...Object.keys(plan.machines), ...Object.keys(plan.databases)];
  const names = [...new Set([...own, ...all.edges.map(({ to }) => nameOf(to))])];
  if (!names.includes(name))
    throw new LandfallError('usage', {
      what: `"${harmless(name)}" is no machine and no database of the plan, and nothing is known to need it`,
      next: [didYouMean(name, names) ?? `there are ${own.slice(0, 12).join(', ')}`],
    });
  const edges = all.edges.filter(edge => edge.from === name || nameOf(edge.to) === name);
  // A place is nobody's subject: what is to settle about it rests on what was seen of it.
  const rests = (finding: DependencyFinding): boolean =>
    edges.some(
      ({ from, evidence }) =>
        from === finding.subject && evidence.some(each => finding.evidence.includes(each)),
    );
  return {
    edges,
    findings: all.findings.filter(each => (own.includes(name) ? each.subject === name : rests(each))),
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
  asked: Asked,
  options: Options,
): string {
  const style = createStyle(options.colour, options.unicode);
  const { ellipsis } = options.unicode ? UNICODE_FIGURES : ASCII_FIGURES;
  const { width } = options;
  const told = (mark: string, text: string): string[] => under(`${mark} `, harmless(text), width);
  const nexts = (next: readonly string[]): string[] =>
    next.flatMap(each => under('    next: ', namePlanFile(harmless(each)), width));
  const unseen = unseenWords(asked);
  const alike = together(findings);
  return `${[
    ...(edges.length === 0
      ? [
          asked.only === undefined
            ? 'no dependency is known'
            : `no dependency of ${harmless(asked.only)} is known`,
        ]
      : layOut(edges, COLUMNS, width, { ellipsis })),
    ...(unseen === undefined ? [] : ['', ...told(style.warn(style.marks.warn), unseen), ...nexts([LOOK])]),
    '',
    findings.length > 0
      ? style.strong(
          `to settle: ${alike.length}${alike.length < findings.length ? ` (${findings.length} with each machine counted)` : ''}`,
        )
      : `nothing is left to settle${unseen === undefined ? '' : ', as far as anybody looked'}`,
    ...alike.flatMap(({ first: { kind, what, why, evidence, next }, subjects }) => {
      const verdict = kind === 'unknown' ? 'warn' : 'bad';
      return [
        ...told(style[verdict](style.marks[verdict]), `${named(subjects)}: ${what}`),
        ...under('    ', harmless(why), width),
        ...evidence
          .slice(0, 3)
          .flatMap(each => under('    | ', harmless(each), width))
          .map(style.dim),
        ...nexts(next),
        ...(subjects.length > 1 ? under('    ', `the same for each of the ${subjects.length}`, width) : []),
      ];
    }),
    '',
    ...wrap('the order that follows, what is under one number may come up together:', width),
    ...order.flatMap((wave, index) =>
      under(`${String(index + 1).padStart(3)}  `, wave.map(harmless).join(', '), width),
    ),
    ...circles.flatMap(circle =>
      wrap(`they need each other in a circle: ${circle.map(harmless).join(', ')}`, width),
    ),
    ...contradictions.flatMap(({ subject, needs, why, next }) => [
      ...told(
        style.warn(style.marks.warn),
        `the plan brings up ${subject} before ${needs}, which it needs: ${why}`,
      ),
      ...nexts(next.map(each => `write ${each}`)),
    ]),
  ].join('\n')}\n`;
}

const MOST_NAMED = 12;
const LOOK = 'landfall inventory PLAN';

/** What nobody has looked at: silence about it is no good news. */
function unseenWords({ machines, unseen, only }: Asked): string | undefined {
  if (unseen.length === 0) return undefined;
  if (only !== undefined && unseen.includes(only))
    return `${only} was not looked at: what it needs is not known`;
  const words = unseen.length === 1 ? ['was', 'it needs'] : ['were', 'they need'];
  return `${unseen.length} of ${counted(machines, 'machine')} ${words[0]} not looked at, what ${words[1]} is not known: ${named(unseen)}`;
}

const named = (names: readonly string[]): string =>
  names.length > MOST_NAMED
    ? `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`
    : names.join(', ');

interface Alike {
  readonly first: DependencyFinding;
  readonly subjects: string[];
}

/** What is to settle in the same words for many machines is said once: fifty that ask one resolver are one thing. */
function together(findings: readonly DependencyFinding[]): Alike[] {
  const all = new Map<string, Alike>();
  for (const finding of findings) {
    const { subject, kind, check, what, why } = finding;
    const key = JSON.stringify([kind, check, ...[what, why].map(text => text.replaceAll(subject, '*'))]);
    const known = all.get(key);
    if (known === undefined) all.set(key, { first: finding, subjects: [subject] });
    else known.subjects.push(subject);
  }
  return [...all.values()];
}

/** Prose behind a mark; what does not fit goes on below its text. The mark may carry colours. */
function under(mark: string, text: string, width: number): string[] {
  const lead = stringWidth(mark);
  return wrap(text, width - lead).map((line, at) => `${at === 0 ? mark : ' '.repeat(lead)}${line}`);
}

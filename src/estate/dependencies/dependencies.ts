import { get } from '../../journal/maps.ts';
import type { Plan } from '../../plan/schema.ts';
import type { View } from '../../step/step.ts';
import { freshness } from '../freshness.ts';
import { type AddressBook, addressBookOf } from './address-book.ts';
import type { Told } from './collected.ts';
import { ofDatabase } from './of-database.ts';
import { ofMachine } from './of-machine.ts';
import { orderOf } from './order.ts';
import type { Dependencies, Dependency, DependencyFinding } from './shape.ts';

/**
 * What depends on what: sockets, shares, configuration, names, the plan and the SQL Servers put together, what of it has
 * to be settled, and the order that it asks for. Total; the same answer for the same view. `now` in epoch ms: what was
 * seen too long ago says so.
 */
export function dependenciesOf(view: View, now: number): Dependencies {
  const known = knownOf(view);
  return { ...known.all, findings: known.all.findings.map(each => aged(each, now)) };
}

/**
 * What the gates of one machine or database rest on. The same object as before wherever nothing changed, so that whoever
 * keeps gates may compare it by identity.
 */
export function settlingOf(view: View, subject: string): Settling {
  return knownOf(view).settling.get(subject) ?? NOTHING;
}

export interface Settling {
  readonly findings: readonly DependencyFinding[];
  readonly contradictions: Dependencies['contradictions'];
}

const NOTHING: Settling = { findings: [], contradictions: [] };

/** The finding with its age among its evidence, where it is too old to be taken for today's. */
export function aged(finding: DependencyFinding, now: number): DependencyFinding {
  if (finding.seenAt === 0) return finding;
  const { stale, words } = freshness('peers', finding.seenAt, now);
  return stale ? { ...finding, evidence: [...finding.evidence, `seen ${words}`] } : finding;
}

interface Known {
  /** What it was worked out from, compared by identity. */
  readonly from: readonly unknown[];
  readonly all: Dependencies;
  readonly told: ReadonlyMap<string, { readonly from: readonly unknown[]; readonly told: Told }>;
  readonly settling: ReadonlyMap<string, Settling>;
  readonly places: readonly unknown[];
  readonly book: AddressBook;
}

/** One for each plan: five hundred machines are asked for one after another, and nothing changes in between. */
const KEPT = new WeakMap<Plan, Known>();

function knownOf(view: View): Known {
  const { plan, state } = view;
  const before = KEPT.get(plan);
  const names = Object.keys(plan.machines);
  const from = [
    state.servers,
    ...names.flatMap(name => {
      const machine = get(state.machines, name);
      return [machine?.observed, machine?.surveyed, machine?.peers];
    }),
  ];
  if (before !== undefined && isSame(before.from, from)) return before;
  const places = names.map(name => get(state.machines, name)?.observed);
  const book = before !== undefined && isSame(before.places, places) ? before.book : addressBookOf(view);
  const told = new Map<string, { readonly from: readonly unknown[]; readonly told: Told }>();
  const tell = (name: string, basis: readonly unknown[], make: () => Told): void => {
    const kept = before?.told.get(name);
    told.set(name, kept !== undefined && isSame(kept.from, basis) ? kept : { from: basis, told: make() });
  };
  for (const [name, wanted] of Object.entries(plan.machines)) {
    const machine = get(state.machines, name);
    tell(name, [book, machine?.observed, machine?.surveyed, machine?.peers], () =>
      ofMachine(name, wanted, machine, book),
    );
  }
  for (const [name, wanted] of Object.entries(plan.databases))
    tell(name, [book, state.servers], () => ofDatabase(name, wanted, state.servers, book));
  const edges = onceEach([...told.values()].flatMap(each => each.told.edges));
  const all: Dependencies = {
    edges,
    findings: [...told.values()].flatMap(each => each.told.findings),
    ...orderOf(view, edges),
  };
  const known: Known = { from, all, told, places, book, settling: settlingFrom(told, all, before) };
  KEPT.set(plan, known);
  return known;
}

/** What both ends saw is one dependency: as the one saw it that needs the other, where it was asked. */
function onceEach(edges: readonly Dependency[]): Dependency[] {
  const once = new Map<string, Dependency>();
  for (const edge of edges) {
    const { from, to, via, port } = edge;
    const key = JSON.stringify([from, to.kind, to.kind === 'unknown' ? to.address : to.name, via, port ?? 0]);
    const known = once.get(key);
    once.set(
      key,
      known === undefined
        ? edge
        : {
            ...known,
            evidence: [...known.evidence, ...edge.evidence],
            seenAt: Math.max(known.seenAt, edge.seenAt),
          },
    );
  }
  return [...once.values()];
}

function settlingFrom(
  told: Known['told'],
  { contradictions }: Dependencies,
  before: Known | undefined,
): Map<string, Settling> {
  return new Map(
    [...told].map(
      ([
        name,
        {
          told: { findings },
        },
      ]) => {
        const mine = contradictions.filter(({ subject }) => subject === name);
        const kept = before?.settling.get(name);
        const isKept =
          kept !== undefined &&
          kept.findings === findings &&
          JSON.stringify(kept.contradictions) === JSON.stringify(mine);
        return [name, isKept ? kept : { findings, contradictions: mine }];
      },
    ),
  );
}

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((each, index) => Object.is(each, b[index]));

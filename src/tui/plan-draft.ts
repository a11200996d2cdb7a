import { isMap, isScalar } from 'yaml';
import { diffPlans } from '../plan/diff.ts';
import { applyEdits, type EditablePlan, editable, type PlanEdit } from '../plan/edit.ts';
import { isMapping, type PlanValue, valueAt } from '../plan/edit-value.ts';
import { parsePlan } from '../plan/load.ts';
import type { Problem } from '../plan/problem.ts';
import type { NewMachine } from '../plan/template.ts';
import { positionsIn } from '../plan/text-source.ts';
import { numberedLines } from './screens/plan-text.ts';
import type { Line } from './text/line.ts';

/**
 * A plan on its way: its text, what it says, and what is wrong with it, worked out once for each change. Pure; loaded
 * only by who edits, for the YAML parser takes its time.
 */
export interface PlanDraft {
  /** As the engineer would type it. */
  readonly file: string;
  /** What the file held when it was read; absent for one that is still to be written. */
  readonly read?: string;
  readonly text: string;
  readonly isChanged: boolean;
  readonly problems: readonly Problem[];
  /** The whole text for the screen, numbered, problems below their lines: made once, for a plan can be long. */
  readonly lines: readonly Line[];
  /** What would change in the file, as lines of a diff. */
  readonly changes: readonly string[];
  /** Those of the plan and those that could be taken into it, by name. */
  readonly machines: readonly DraftMachine[];
  readonly deadline: { readonly earliest: string; readonly expected: string };
  /** By priority. */
  readonly tiers: readonly string[];
  /** Networks of the target site, each with the network of the source that it replaces. */
  readonly networks: ReadonlyArray<{ readonly name: string; readonly replaces: string }>;
  readonly sourceNetworks: readonly string[];
  readonly images: ReadonlyArray<{ readonly name: string; readonly hypervisor: string }>;
  /** What can wait and be waited for. */
  readonly databases: readonly string[];
  readonly offers: readonly NewMachine[];
  readonly now: EditablePlan;
  /** States before, the newest last. */
  readonly past: readonly EditablePlan[];
}

export interface DraftMachine {
  readonly name: string;
  /** Whether it is in the plan. */
  readonly taken: boolean;
  /** What the hypervisor says of it. */
  readonly note: string;
  readonly tier: string;
  readonly sourceAddress: string;
  readonly address: string;
  readonly network: string;
  readonly image: string;
  readonly after: readonly string[];
  /** Its lines in the text, counted from 1, the last one included; absent where it is not in the plan. */
  readonly lines?: readonly [first: number, last: number];
  readonly problems: readonly Problem[];
}

export interface DraftSource {
  readonly file: string;
  readonly text: string;
  /** What the file holds; absent for a new one. */
  readonly read?: string;
  readonly offers: readonly NewMachine[];
}

const MOST_UNDONE = 100;

/** Throws `plan.invalid` where the text is no YAML. */
export function openDraft({ file, text, read, offers }: DraftSource, now: number): PlanDraft {
  return draftOf({ file, offers, ...(read === undefined ? {} : { read }) }, editable(text), [], now);
}

/** Throws `plan.invalid` where a part is shared with another one. */
export function editDraft(draft: PlanDraft, edits: readonly PlanEdit[], now: number): PlanDraft {
  const next = applyEdits(draft.now, edits);
  return next.text === draft.text
    ? draft
    : draftOf(draft, next, [...draft.past, draft.now].slice(-MOST_UNDONE), now);
}

/** The draft before its last change; the same where there was none. */
export function undoDraft(draft: PlanDraft, now: number): PlanDraft {
  const before = draft.past.at(-1);
  return before === undefined ? draft : draftOf(draft, before, draft.past.slice(0, -1), now);
}

/** With the machines that a look at the sites has found beside it. */
export const offeredDraft = (draft: PlanDraft, offers: readonly NewMachine[], now: number): PlanDraft =>
  draftOf({ ...draft, offers }, draft.now, draft.past, now);

/** Once the file holds that text, which may be older than the draft: it can be changed while it is written. */
export const savedDraft = (draft: PlanDraft, written: string, now: number): PlanDraft =>
  draftOf({ ...draft, read: written }, draft.now, draft.past, now);

function draftOf(
  origin: Pick<PlanDraft, 'file' | 'read' | 'offers'>,
  plan: EditablePlan,
  past: readonly EditablePlan[],
  now: number,
): PlanDraft {
  const { file, read, offers } = origin;
  const { text, plain } = plan;
  const result = parsePlan(text, { file, now, syntax: plan.syntax });
  const problems = result.ok ? result.warnings : result.problems;
  const networksAt = (role: string): string[] =>
    namesOf(plain, 'networks').filter(
      name => textAt(plain, 'sites', textAt(plain, 'networks', name, 'site'), 'role') === role,
    );
  return {
    file,
    ...(read === undefined ? {} : { read }),
    offers,
    text,
    isChanged: text !== read,
    problems,
    lines: numberedLines({ text, problems }),
    changes: read === undefined || read === text ? [] : diffPlans(read, text).split('\n'),
    machines: machinesOf(plan, offers, problems),
    deadline: {
      earliest: textAt(plain, 'deadline', 'earliest'),
      expected: textAt(plain, 'deadline', 'expected'),
    },
    tiers: namesOf(plain, 'tiers').toSorted((a, b) => priority(plain, a) - priority(plain, b)),
    networks: networksAt('target').map(name => ({
      name,
      replaces: textAt(plain, 'networks', name, 'replaces'),
    })),
    sourceNetworks: networksAt('source'),
    images: namesOf(plain, 'images').map(name => ({
      name,
      hypervisor: textAt(plain, 'images', name, 'hypervisor'),
    })),
    databases: namesOf(plain, 'databases'),
    now: plan,
    past,
  };
}

function namesOf(plain: PlanValue, section: string): string[] {
  const entries = valueAt(plain, [section]);
  return isMapping(entries) ? Object.keys(entries) : [];
}

/** What stands there as text; empty where nothing does. */
function textAt(plain: PlanValue, ...path: string[]): string {
  const value = valueAt(plain, path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

const priority = (plain: PlanValue, tier: string): number =>
  Number(textAt(plain, 'tiers', tier, 'priority') || Number.MAX_SAFE_INTEGER);

function machinesOf(
  plan: EditablePlan,
  offers: readonly NewMachine[],
  problems: readonly Problem[],
): DraftMachine[] {
  const taken = namesOf(plan.plain, 'machines');
  const notes = new Map(offers.map(({ name, note }) => [name, note ?? '']));
  const lines = linesOf(plan);
  const left = offers.filter(({ name }) => !taken.includes(name));
  const inPlan = taken.map((name): DraftMachine => {
    const at = (...path: string[]): string => textAt(plan.plain, 'machines', name, ...path);
    const after = valueAt(plan.plain, ['machines', name, 'after']);
    const place = lines.get(name);
    return {
      name,
      taken: true,
      note: notes.get(name) ?? at('description'),
      tier: at('tier'),
      sourceAddress: at('source', 'address'),
      address: at('target', 'address'),
      network: at('target', 'network'),
      image: at('target', 'image'),
      after: Array.isArray(after) ? after.map(String) : [],
      ...(place === undefined ? {} : { lines: place }),
      problems: problems.filter(({ path }) => `${path}.`.startsWith(`machines.${name}.`)),
    };
  });
  const offered = left.map(
    ({ name, note = '', tier, source, target }): DraftMachine => ({
      name,
      taken: false,
      note,
      tier,
      sourceAddress: source.address ?? '',
      address: target.address ?? '',
      network: target.network ?? '',
      image: target.image ?? '',
      after: [],
      problems: [],
    }),
  );
  return [...inPlan, ...offered].toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

/** Where each machine stands in the text. */
function linesOf({ text, syntax }: EditablePlan): Map<string, [number, number]> {
  const found = new Map<string, [number, number]>();
  const machines = syntax.document?.get('machines', true);
  if (!isMap(machines)) return found;
  const position = positionsIn(text);
  for (const { key, value } of machines.items) {
    if (!isScalar(key) || !key.range) continue;
    const end = typeof value === 'object' && value !== null && 'range' in value ? value.range : undefined;
    const last = Array.isArray(end) && typeof end[1] === 'number' ? end[1] : key.range[1];
    const body = text.slice(key.range[0], last).trimEnd();
    found.set(String(key.value), [position(key.range[0]).line, position(key.range[0] + body.length).line]);
  }
  return found;
}

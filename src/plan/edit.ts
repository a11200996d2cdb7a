import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { LandfallError } from '../foundation/errors.ts';
import { commentsOf, type InnerComments, insertEntry, removeFromText, setInText } from './edit-text.ts';
import { isMapping, type PlanValue, valueAt, withValue } from './edit-value.ts';
import type { PlanPath } from './finding.ts';
import { pathText } from './problem.ts';
import { parseSyntax, type Syntax } from './syntax.ts';
import { machineLines, type NewMachine } from './template.ts';

export type { PlanValue } from './edit-value.ts';

/** A change of a plan, as data: what an editor screen collects, and what can be undone by leaving it out. */
export type PlanEdit =
  | { readonly kind: 'set'; readonly path: PlanPath; readonly value: PlanValue }
  | { readonly kind: 'remove'; readonly path: PlanPath }
  | { readonly kind: 'add-machine'; readonly machine: NewMachine }
  /** Takes the machine out, also from what others wait for. */
  | { readonly kind: 'remove-machine'; readonly machine: string }
  | { readonly kind: 'tier'; readonly machine: string; readonly tier: string }
  /** What has to be up before it at cutover; nothing removes the key. */
  | { readonly kind: 'order'; readonly machine: string; readonly after: readonly string[] }
  | { readonly kind: 'network'; readonly machine: string; readonly network: string }
  | { readonly kind: 'image'; readonly machine: string; readonly image: string; readonly hypervisor?: string }
  /** Where its receiver will listen. */
  | { readonly kind: 'address'; readonly machine: string; readonly address: string }
  | { readonly kind: 'deadline'; readonly earliest?: string; readonly expected?: string };

/** A text that can be edited, read once; immutable. */
export interface EditablePlan {
  readonly text: string;
  readonly syntax: Syntax;
  /** What it says, as plain data. */
  readonly plain: PlanValue;
}

/**
 * The text of a plan with the edits made, one after the other. Comments, order and formatting stay as they are:
 * only the places of the edits change, and what they say is checked after each. The result may have problems of its
 * own; parsePlan names them. Throws `plan.invalid` where the text is no YAML, or where an edit would change another
 * part as well because both share it through an anchor. Pure.
 */
export function editPlan(text: string, edits: readonly PlanEdit[]): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  return mark + applyEdits(editable(text.slice(mark.length)), edits).text;
}

/** The same for an editor that makes one edit after the other: each costs one reading of the text instead of two. */
export const applyEdits = (plan: EditablePlan, edits: readonly PlanEdit[]): EditablePlan =>
  edits.reduce(applyEdit, plan);

/** Reads a text for editing. Throws `plan.invalid` where it is no valid YAML. */
export function editable(text: string): EditablePlan {
  const syntax = parseSyntax(text);
  const { document, raw, findings } = syntax;
  if (document === undefined || raw === undefined || findings.length > 0) {
    throw new LandfallError('plan.invalid', {
      what: `the plan cannot be edited as long as it is no valid YAML: ${findings[0]?.message ?? 'it is empty'}`,
      next: ['correct it by hand first; landfall check names the line'],
    });
  }
  return { text, syntax, plain: plainOf(raw) };
}

/** JSON has no shared parts, so that a change in one place stays there; a plan's values are all JSON. */
const plainOf = (raw: unknown): PlanValue => JSON.parse(JSON.stringify(raw));

function applyEdit(plan: EditablePlan, edit: PlanEdit): EditablePlan {
  if (edit.kind === 'add-machine') return addMachine(plan, edit.machine);
  return changesOf(edit, plan.plain).reduce(applyChange, plan);
}

/** The smallest changes: a value at a path, or none. */
interface Change {
  readonly path: PlanPath;
  readonly value: PlanValue | undefined;
  /** A machine takes its comments along; everything else leaves them. */
  readonly comments?: InnerComments;
}

function changesOf(edit: Exclude<PlanEdit, { kind: 'add-machine' }>, plan: PlanValue): Change[] {
  const of = (machine: string, ...rest: string[]): PlanPath => ['machines', machine, ...rest];
  switch (edit.kind) {
    case 'set':
      return [{ path: edit.path, value: edit.value }];
    case 'remove':
      return [{ path: edit.path, value: undefined }];
    case 'remove-machine':
      return [
        ...notWaitingFor(edit.machine, plan),
        { path: of(edit.machine), value: undefined, comments: 'drop' },
      ];
    case 'tier':
      return [{ path: of(edit.machine, 'tier'), value: edit.tier }];
    case 'order':
      return [
        { path: of(edit.machine, 'after'), value: edit.after.length === 0 ? undefined : [...edit.after] },
      ];
    case 'network':
      return [{ path: of(edit.machine, 'target', 'network'), value: edit.network }];
    case 'image':
      return [
        ...(edit.hypervisor === undefined
          ? []
          : [{ path: of(edit.machine, 'target', 'hypervisor'), value: edit.hypervisor }]),
        { path: of(edit.machine, 'target', 'image'), value: edit.image },
      ];
    case 'address':
      return [{ path: of(edit.machine, 'target', 'address'), value: edit.address }];
    case 'deadline':
      return (['earliest', 'expected'] as const).flatMap(key => {
        const value = edit[key];
        return value === undefined ? [] : [{ path: ['deadline', key], value }];
      });
  }
}

/** Nobody can wait for a machine that is not in the plan. */
function notWaitingFor(machine: string, plan: PlanValue): Change[] {
  return ['machines', 'databases'].flatMap(section => {
    const entries = valueAt(plan, [section]);
    return Object.keys(isMapping(entries) ? entries : {}).flatMap((name): Change[] => {
      const path = [section, name, 'after'];
      const after = valueAt(plan, path);
      if (name === machine || !Array.isArray(after) || !after.includes(machine)) return [];
      const left = after.filter(other => other !== machine);
      return [{ path, value: left.length === 0 ? undefined : left }];
    });
  });
}

function addMachine(plan: EditablePlan, machine: NewMachine): EditablePlan {
  const lines = machineLines(machine);
  const parsed: PlanValue = parse(lines.join('\n')); // What machineLines writes is a mapping of plain values.
  const path = ['machines', machine.name];
  const value = valueAt(parsed, [machine.name]);
  const isNew = valueAt(plan.plain, path) === undefined;
  const text = isNew ? insertEntry(plan, 'machines', machine.name, lines) : undefined;
  const next = text === undefined ? undefined : saying(text, withValue(plan.plain, path, value));
  if (next !== undefined && keepsComments(plan.text, next.text)) return next;
  return applyChange(plan, { path, value });
}

function applyChange(plan: EditablePlan, { path, value, comments = 'keep' }: Change): EditablePlan {
  if (isDeepStrictEqual(valueAt(plan.plain, path), value)) return plan;
  const wanted = withValue(plan.plain, path, value);
  const text = value === undefined ? removeFromText(plan, path, comments) : setInText(plan, path, value);
  const small = text === undefined ? undefined : saying(text, wanted);
  if (small !== undefined && (comments === 'drop' || keepsComments(plan.text, small.text))) return small;
  const printed = printedWith(plan.text, path, value);
  const whole = printed === undefined ? undefined : saying(printed, wanted);
  if (whole !== undefined) return whole;
  throw new LandfallError('plan.invalid', {
    what: `${pathText(path)} shares its text with another part of the plan through an anchor (&name) or a merge key`,
    why: 'changing it here would change the other part as well',
    next: ['edit the file by hand, and write the values out where they should differ'],
  });
}

/** For an unusual place, such as an explicit key: the parser prints the document, comments kept, in its own format. */
function printedWith(text: string, path: PlanPath, value: PlanValue | undefined): string | undefined {
  const { document } = parseSyntax(text);
  if (document === undefined) return undefined;
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, document.createNode(value));
  try {
    return document.toString({ lineWidth: 0 });
  } catch {
    // An alias lost its anchor: the part is shared, and the caller says so.
    return undefined;
  }
}

/** The text, read, where it says exactly what is wanted; the order of keys aside. */
function saying(text: string, wanted: PlanValue | undefined): EditablePlan | undefined {
  const syntax = parseSyntax(text);
  if (syntax.raw === undefined || syntax.findings.length > 0) return undefined;
  const plain = plainOf(syntax.raw);
  return isDeepStrictEqual(plain, wanted) ? { text, syntax, plain } : undefined;
}

/** Whether every comment of the one text is in the other, as often as there; the mark of an open place may go. */
function keepsComments(before: string, after: string): boolean {
  const words = (comment: { readonly text: string }): string => comment.text.replace('# FILL IN: ', '# ');
  const left = new Map<string, number>();
  for (const comment of commentsOf(after)) left.set(words(comment), (left.get(words(comment)) ?? 0) + 1);
  return commentsOf(before).every(comment => {
    const count = left.get(words(comment)) ?? 0;
    left.set(words(comment), count - 1);
    return count > 0;
  });
}

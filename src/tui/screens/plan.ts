import { counted } from '../../foundation/units.ts';
import type { DraftMachine, PlanDraft } from '../plan-draft.ts';
import type { NextAction, Pane, Screen, View } from '../screen.ts';
import type { Line } from '../text/line.ts';
import { chosenIn, detailPane, sentence } from './parts.ts';
import { machineColumns, machineItems } from './plan-machines.ts';
import { aboutMachine, changeLines } from './plan-text.ts';

/** The editor of a plan: who leaves, how important it is, where it lands; and the text that this makes, as it grows. */
export const plan: Screen = {
  id: 'plan',
  title: view => {
    const draft = draftOf(view);
    return draft === undefined
      ? 'Plan'
      : `Plan ${draft.file}${draft.read === undefined ? ' (not written yet)' : draft.isChanged ? ' (changed)' : ''}`;
  },
  panes: view => panesOf(view),
  next: view => nextOf(view),
  hints: () => ({ open: 'change it' }),
  message: view => messageOf(view),
};

export const draftOf = ({ loaded }: Pick<View, 'loaded'>): PlanDraft | undefined =>
  loaded.draft.state === 'here' ? loaded.draft.value : undefined;

/** The machine that is selected in the editor. */
export function draftMachine(view: View): DraftMachine | undefined {
  const draft = draftOf(view);
  if (draft === undefined) return undefined;
  const id = chosenIn(view, 'plan', 'machines', machineItems(view, draft));
  return draft.machines.find(({ name }) => id === `machine:${name}`);
}

function panesOf(view: View): readonly Pane[] {
  const draft = draftOf(view);
  if (draft === undefined) return [waiting(view)];
  const chosen = draftMachine(view);
  const taken = draft.machines.filter(machine => machine.taken).length;
  return [
    {
      kind: 'list',
      id: 'machines',
      title: `machines: ${taken} of ${draft.machines.length} in the plan`,
      most: Math.max(8, Math.floor(view.ui.rows / 3)),
      header: width => machineColumns(view, draft, width).header,
      items: machineItems(view, draft),
      empty:
        draft.past.length > 0
          ? 'no machine is left in the plan: u takes the last change back, f looks for machines at its sites'
          : 'no machine is in the plan: f looks for machines at its sites',
    },
    ...(chosen === undefined
      ? []
      : [
          detailPane(chosen.name, chosen.name, width => aboutMachine(draft, chosen, width), {
            most: 16,
          }),
        ]),
    {
      kind: 'text',
      id: 'text',
      title: draft.changes.length > 0 ? `changes of ${draft.file}, and the whole plan` : draft.file,
      lines: () => [...changeLines(draft), ...draft.lines],
    },
  ];
}

function waiting({ loaded, glyphs }: View): Pane {
  const { draft } = loaded;
  const words =
    draft.state === 'failed'
      ? `${glyphs.bad} ${draft.what}${draft.next.map(each => `; next: ${each}`).join('')}`
      : draft.state === 'loading'
        ? `reading the plan ${glyphs.busy}`
        : 'No plan is open: esc goes back to the list; there, i makes a new one and E edits one.';
  return { kind: 'text', id: 'waiting', title: 'plan', lines: () => [sentence(words)] };
}

function nextOf(view: View): NextAction | undefined {
  const draft = draftOf(view);
  if (draft === undefined) return { intent: 'back', words: 'back to the list' };
  const open = draft.problems.filter(({ severity }) => severity === 'error');
  const chosen = draftMachine(view);
  if (open.length > 0 && (chosen?.problems.length ?? 0) > 0)
    return { intent: 'open', words: `mend ${chosen?.name ?? 'it'}` };
  if (open.some(({ path }) => path.startsWith('deadline')))
    return { intent: 'deadline', words: 'say when the site is lost' };
  if (draft.isChanged) return { intent: 'write', words: `write ${draft.file}` };
  return {
    intent: 'back',
    words: open.length > 0 ? 'back to the list' : 'back to the list, where it can begin',
  };
}

/** The first thing that keeps the plan from being sound, with its place; then whether it is written. */
function messageOf(view: View): Line | undefined {
  const draft = draftOf(view);
  if (draft === undefined) return undefined;
  const errors = draft.problems.filter(({ severity }) => severity === 'error');
  const [first] = errors.length > 0 ? errors : draft.problems;
  const unwritten = draft.isChanged ? ' Not written yet: w writes it.' : '';
  if (first === undefined)
    return sentence(`${view.glyphs.ok} The plan is sound.${unwritten}`, draft.isChanged ? 'warn' : 'good');
  const rest = draft.problems.length - 1;
  const more = rest > 0 ? ` (and ${rest} more)` : '';
  const about = first.path === '' ? '' : `${first.path}: `;
  const said = `line ${first.line}, column ${first.column}: ${about}${first.message}${more}`;
  return errors.length > 0
    ? sentence(
        `${view.glyphs.bad} ${counted(errors.length, 'place')} to fill in or mend. First ${said}.${unwritten}`,
        'bad',
      )
    : sentence(`${view.glyphs.warn} The plan is sound. To read: ${said}.${unwritten}`, 'warn');
}

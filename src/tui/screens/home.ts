import { ago } from '../../readiness/evidence.ts';
import type { Item, NextAction, Pane, Screen, View } from '../screen.ts';
import type { EvacuationSummary, PlanSummary } from '../services.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { widest } from '../text/table.ts';
import { aboutEvacuation, evacuationItems } from './home-evacuations.ts';
import { aboutPlan, isUnwritten, planItems, unwrittenOf } from './home-plans.ts';
import { chosenIn, detailPane, sentence } from './parts.ts';

/** Where landfall begins: what runs, what could run, and what to do where there is nothing yet. */
export const home: Screen = {
  id: 'home',
  title: () => 'Evacuations and plans',
  panes: view => {
    // Nothing was looked for where one evacuation is opened by its name.
    if (view.ui.isOpening === true && view.loaded.evacuations.state === 'none') return [opening(view)];
    const items = itemsOf(view);
    if (items.length === 0 && isSettled(view)) return [welcome(view)];
    const chosen = chosenIn(view, 'home', 'all', items);
    return [
      {
        kind: 'list',
        id: 'all',
        title: 'evacuations and plans',
        weight: 3,
        empty: `looking for evacuations and plans ${view.glyphs.busy}`,
        items,
      },
      ...(chosen === undefined ? [] : [about(view, chosen)]),
    ];
  },
  next: view => nextOf(view),
  hints: view => ({ open: openWords(view) }),
  message: view => messageOf(view),
};

const evacuationsOf = ({ loaded }: View): readonly EvacuationSummary[] =>
  loaded.evacuations.state === 'here' ? loaded.evacuations.value : [];

/** Those of the folders, and one that was made here and is not written yet. */
function plansOf(view: View): readonly PlanSummary[] {
  const { plans } = view.loaded;
  const found = plans.state === 'here' ? plans.value : [];
  const draft = unwrittenOf(view);
  if (draft === undefined || found.some(({ file }) => file === draft.file)) return found;
  return [...found, { file: draft.file, lab: false, problems: [], begun: false }];
}

const isSettled = ({ loaded }: View): boolean =>
  [loaded.evacuations, loaded.plans].every(({ state }) => state === 'here' || state === 'failed');

/** Names stand under each other, whatever they are names of. */
function itemsOf(view: View): Item[] {
  const evacuations = evacuationsOf(view);
  const plans = plansOf(view);
  const names = [...evacuations.map(({ name }) => name), ...plans.map(({ name, file }) => name ?? file)];
  const size = widest(names, 8, 30);
  return [...evacuationItems(view, evacuations, size), ...planItems(view, plans, size)];
}

type Chosen =
  | { readonly evacuation: EvacuationSummary; readonly plan?: undefined }
  | { readonly plan: PlanSummary; readonly evacuation?: undefined };

function chosenOf(view: View): Chosen | undefined {
  const id = chosenIn(view, 'home', 'all', itemsOf(view));
  const evacuation = evacuationsOf(view).find(({ name }) => id === `evacuation:${name}`);
  if (evacuation !== undefined) return { evacuation };
  const plan = plansOf(view).find(({ file }) => id === `plan:${file}`);
  return plan === undefined ? undefined : { plan };
}

function about(view: View, id: string): Pane {
  const chosen = chosenOf(view);
  if (chosen?.evacuation !== undefined)
    return detailPane(id, chosen.evacuation.name, width => aboutEvacuation(view, chosen.evacuation, width));
  if (chosen?.plan !== undefined)
    return detailPane(id, chosen.plan.file, width => aboutPlan(view, chosen.plan, width));
  return detailPane('nothing', 'details', () => []);
}

function opening({ ui }: View): Pane {
  return { kind: 'text', id: 'opening', title: 'landfall', lines: width => wrap(ui.busy ?? '', width) };
}

function welcome(view: View): Pane {
  return {
    kind: 'text',
    id: 'welcome',
    title: 'landfall',
    lines: width => [
      [],
      ...wrap(
        'landfall moves a whole server estate out of the path of a storm while it keeps running, and shows at any minute how ready the other site is.',
        width,
      ),
      ...wrap(
        'Nothing is changed on any host before you have seen the exact commands and approved them.',
        width,
      ),
      [],
      ...wrap('There is no evacuation and no plan here yet. Two ways to begin:', width, 'title'),
      [],
      choice(
        'r',
        'rehearse',
        'a whole evacuation on this machine, with simulated hosts; takes minutes, harms nothing',
      ),
      choice('i', 'new plan', 'a first plan from what your hypervisors show'),
      [],
      ...wrap(
        `Plans are looked for in ./plans and where landfall was started. ${view.glyphs.dot} ? explains every key, q leaves.`,
        width,
        'muted',
      ),
    ],
  };
}

const choice = (key: string, verb: string, what: string): Line =>
  line(span(`  ${key}  `, 'accent', { bold: true }), span(verb.padEnd(10), 'title'), span(what));

/** Somebody who has never begun anything: a rehearsal is the safe way in. */
const isNewcomer = (view: View): boolean =>
  view.loaded.evacuations.state === 'here' &&
  evacuationsOf(view).length === 0 &&
  plansOf(view).every(({ begun }) => !begun);

/** What enter does to what is selected. */
function openWords(view: View): string {
  const chosen = chosenOf(view);
  if (chosen?.plan === undefined) return 'open';
  const { begun, problems } = chosen.plan;
  if (begun) return 'open its evacuation';
  return problems.length > 0 || isUnwritten(view, chosen.plan.file)
    ? 'why it cannot begin'
    : 'start its engine';
}

function nextOf(view: View): NextAction | undefined {
  const chosen = chosenOf(view);
  if (chosen?.plan !== undefined && isUnwritten(view, chosen.plan.file))
    return { intent: 'edit-plan', words: `go on with ${chosen.plan.file}` };
  if (isSettled(view) && isNewcomer(view)) return { intent: 'rehearse', words: 'rehearse first' };
  if (chosen?.evacuation !== undefined) {
    const { evacuation } = chosen;
    return evacuation.interrupted
      ? { intent: 'start', words: `start the engine of ${evacuation.name} again` }
      : { intent: 'open', words: `open ${evacuation.name}` };
  }
  if (chosen?.plan !== undefined && chosen.plan.problems.length === 0) {
    const { name, file, begun } = chosen.plan;
    return { intent: 'open', words: begun ? `open ${name ?? file}` : `begin ${name ?? file}` };
  }
  return isSettled(view) ? { intent: 'rehearse', words: 'rehearse' } : undefined;
}

const invitation = (): Line =>
  sentence(
    'First time here? r rehearses a whole evacuation on this machine, with simulated hosts: it takes minutes and touches nothing of yours.',
    'accent',
  );

/** Whatever could not be read first, then what was left alone in the middle of its work. */
function messageOf(view: View): Line | undefined {
  const { loaded, glyphs } = view;
  for (const [what, found] of [
    ['evacuations', loaded.evacuations],
    ['plans', loaded.plans],
  ] as const) {
    if (found.state === 'failed')
      return sentence(
        `${glyphs.bad} The ${what} could not be listed: ${found.what}. Next: ${found.next.join('; ')}`,
        'bad',
      );
  }
  const interrupted = evacuationsOf(view).filter(each => each.interrupted);
  const [first] = interrupted;
  if (first === undefined) return isNewcomer(view) && isSettled(view) ? invitation() : undefined;
  const more = interrupted.length > 1 ? ` (and ${interrupted.length - 1} more)` : '';
  return sentence(
    `${glyphs.bad} ${first.name}${more}: engine gone; select it, e starts it again. Last sign of it ${ago(first.lastAt, view.now)}; passes that ran on source hosts go on by themselves, but nobody starts new ones.`,
    'bad',
  );
}

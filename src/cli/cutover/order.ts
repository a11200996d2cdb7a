import { type Checklist, checklistOf } from '../../checklist/index.ts';
import { cutoverCommands, cutoverOutlook, cutoverSteps } from '../../cutover/index.ts';
import type { CommandOf } from '../../evacuation/engine/command.ts';
import { tryOrder } from '../../evacuation/engine/desk.ts';
import { stepsOf } from '../../evacuation/planner.ts';
import { EXIT, type ExitCode } from '../../foundation/exit-codes.ts';
import { harmless } from '../../foundation/text.ts';
import { apply } from '../../journal/fold.ts';
import type { State } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import { previewOf } from '../../reports/preview.ts';
import type { Step, View } from '../../step/step.ts';
import { engineerOf } from '../engineer.ts';
import { type Errand, runErrand, runErrandHere } from '../errand.ts';
import { readPlanToRun } from '../evacuation.ts';
import type { Io } from '../io.ts';
import { evacuationsRoot, planFile } from '../paths.ts';
import { formatPreview } from '../preview.ts';
import { loadEvacuation } from '../recorded.ts';
import { createStyle } from '../style.ts';
import { inAscii } from '../terminal-characters.ts';
import { timingsKept } from '../timings.ts';
import { knownOrNew, planToStart } from './known.ts';
import { formatChecklist, formatProgress } from './print.ts';

type Act = CommandOf<'cutover'>['act'];

export interface CutoverInput {
  /** A plan file, or the name of an evacuation. */
  readonly evacuation: string | undefined;
  readonly item: string | undefined;
  readonly confirm: string | undefined;
  readonly reason: string | undefined;
  readonly rehearse: boolean;
  readonly dark: boolean;
  readonly json: boolean;
  readonly state: string | undefined;
  readonly sshConfig: string | undefined;
}

type Ordered = CutoverInput & { readonly act: Act };

/** The checklist as it stands, from the journal alone. */
export async function cutoverShow(io: Io, input: CutoverInput): Promise<ExitCode> {
  const view = await knownOrNew(io, input);
  const now = io.clock.now();
  const dark = input.dark ? { dark: true } : {};
  const list = checklistOf(view, now, {
    commands: cutoverCommands(view, dark),
    timings: await timingsKept(evacuationsRoot(io, input.state)),
    ...dark,
  });
  if (input.json) io.out(`${JSON.stringify({ v: 1, type: 'checklist', ...list })}\n`);
  else {
    const style = createStyle(io.colour, io.unicode);
    io.out(shown(io, formatChecklist(list, now, style)));
    if (isAsleep(view, list))
      io.out(
        `\n${style.warn('No engine runs: what is ordered waits for one.')}\n  landfall cutover PLAN go --confirm ${harmless(list.evacuation)}\n`,
      );
  }
  return EXIT.ok;
}

/** Whether something would go on by itself, and nobody is there to carry it out. */
const isAsleep = (view: View, { phase }: Checklist): boolean =>
  (phase === 'running' || phase === 'aborting' || phase === 'final') &&
  view.state.evacuation?.phase !== 'running' &&
  cutoverSteps(view).length > 0;

/** Gives an order along the list and waits until something waits for people. Exit code 1 where an item failed. */
export async function cutoverOrder(io: Io, input: Ordered): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const view = await loadEvacuation(io, input.evacuation, input.state);
  const evacuation = await planToStart(io, input);
  return runErrand(io, { ...input, evacuation }, root, view.plan, errandOf(io, input, view));
}

/** This process is the engine, for the cutover alone. */
export async function cutoverHere(io: Io, input: Ordered): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const file = await planFile(io, await planToStart(io, input));
  const plan = await readPlanToRun(io, file, root);
  const { state } = await loadEvacuation(io, plan.plan.name, input.state);
  return runErrandHere(io, input, root, plan, errandOf(io, input, { plan: plan.plan, state }));
}

/** Every action that a cutover would take, or those of one order; contacts nobody. */
export async function cutoverDryRun(io: Io, input: CutoverInput & { readonly act?: Act }): Promise<ExitCode> {
  const view = await knownOrNew(io, input);
  const { act, item } = input;
  const after = act === undefined ? undefined : asOrdered(io, { ...input, act }, view);
  const now = after?.view ?? view;
  const steps = outlookOf(now, act, item, input.dark);
  if (input.json) {
    io.out(
      `${JSON.stringify({ v: 1, type: 'dry-run', evacuation: view.plan.name, ...(after === undefined ? {} : { said: after.said }), steps: previewOf(steps, now) })}\n`,
    );
    return EXIT.ok;
  }
  io.out('A dry run: nothing is executed, nothing is ordered and nobody is contacted.\n');
  if (after !== undefined) io.out(`the engine would answer: ${harmless(after.said)}\n`);
  if (steps.length > 0)
    io.out(shown(io, `\n${formatPreview(steps, now, createStyle(io.colour, io.unicode))}`));
  return EXIT.ok;
}

/** What would be carried out because of the order: all of it, one item, or what an abort begins with. */
function outlookOf(view: View, act: Act | undefined, item: string | undefined, dark: boolean): Step[] {
  if (act === 'abort') return cutoverSteps(view);
  if (act !== undefined && act !== 'go' && act !== 'run' && act !== 'begin') return [];
  const isLive = view.state.cutover !== undefined && view.state.cutover.ended === undefined;
  const all = cutoverOutlook(view, dark && !isLive ? { dark } : {});
  if (act !== 'run') return all;
  const [deed, subject] = item?.split('/') ?? [];
  return all.filter(({ id }) => id === `cutover/${subject ?? ''}/${deed ?? ''}` || id.endsWith(`/${item}`));
}

const shown = (io: Io, text: string): string => (io.unicode ? text : inAscii(text));

function errandOf(io: Io, input: Ordered, before: View): Errand<Checklist> {
  const { plan } = before;
  const command = commandOf(input);
  const since = before.state.lastAt;
  const list = (state: State): Checklist => checklistOf({ plan, state }, io.clock.now());
  const follows = FOLLOWED.has(input.act);
  return {
    command,
    words: file => wordsOf(input, file),
    alone: { cutover: { commands: [command], by: `${engineerOf(io)}@${io.process.host}` } },
    onLeaving: `what was ordered goes on; see it again: landfall attach ${plan.name}`,
    isSettled: state => !follows || isSettled({ plan, state }, list(state)),
    results: list,
    print: result => print(io, input, plan, result, since),
    verdict: ({ items }) => (items.some(({ status }) => status === 'failed') ? EXIT.failed : EXIT.ok),
  };
}

/** Orders that set something going. The others are over with their answer where an engine runs. */
const FOLLOWED: ReadonlySet<Act> = new Set(['go', 'run', 'abort']);

/** Nothing more comes by itself: it waits for people, has failed, or is over. */
export function isSettled(view: View, { items }: Checklist): boolean {
  const { state } = view;
  if (items.some(({ status }) => status === 'running')) return false;
  const failed = new Set(items.filter(({ status }) => status === 'failed').map(({ subject }) => subject));
  return cutoverSteps(view).every(
    ({ id, subject }) =>
      failed.has(subject) || (Object.hasOwn(state.steps, id) && state.steps[id]?.status === 'failed'),
  );
}

function print(io: Io, { json }: Ordered, { name }: Plan, list: Checklist, since: number): void {
  if (json) io.out(`${JSON.stringify({ v: 1, type: 'cutover', ...list, evacuation: name })}\n`);
  else io.out(shown(io, `\n${formatProgress(list, since, createStyle(io.colour, io.unicode))}`));
}

function commandOf({ act, item, confirm, reason, rehearse, dark }: Ordered): CommandOf<'cutover'> {
  return {
    kind: 'cutover',
    act,
    ...(item === undefined ? {} : { item }),
    ...(confirm === undefined ? {} : { confirm }),
    ...(rehearse ? { rehearse } : {}),
    ...(dark ? { dark } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
}

function wordsOf({ act, item, confirm, reason, rehearse, dark }: Ordered, file: string): string[] {
  return [
    ...['cutover', file, act, ...(item === undefined ? [] : [item])],
    ...(confirm === undefined ? [] : ['--confirm', confirm]),
    ...(reason === undefined ? [] : ['--reason', reason]),
    ...(rehearse ? ['--rehearse'] : []),
    ...(dark ? ['--dark'] : []),
  ];
}

/** The view as it will be once the order is given; refusals are those of the desk. */
function asOrdered(io: Io, input: Ordered, view: View): { readonly view: View; readonly said: string } {
  const by = `${engineerOf(io)}@${io.process.host}`;
  const now = io.clock.now();
  const desk = { ...view, now, by, steps: stepsOf(view) };
  const { events, said } = tryOrder(commandOf(input), desk);
  const state = events.reduce<State>(
    (before, body) => apply(before, { ...body, v: 1, seq: before.lastSeq + 1, at: now, by }),
    view.state,
  );
  return { view: { plan: view.plan, state }, said };
}

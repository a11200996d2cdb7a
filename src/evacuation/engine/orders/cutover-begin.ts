import { checklistOf } from '../../../checklist/index.ts';
import { counted, formatDuration } from '../../../foundation/units.ts';
import { exposureOf } from '../../../readiness/exposure.ts';
import { blocks, type Gate } from '../../../readiness/gate.ts';
import { gatesOf } from '../../../readiness/gates.ts';
import { verdictOf } from '../../../readiness/verdict.ts';
import type { CommandOf } from '../command.ts';
import { failedSteps, few, nameOf } from './cutover-desk.ts';
import { type Decision, type Desktop, reasonOf, refuse, retryEvents } from './decision.ts';

/** Every other gate rests on these two: nobody's word stands in for them. */
const NEVER_OVER: ReadonlySet<string> = new Set(['plan-accepted', 'journal']);

/** A cutover begins with the typed name; over gates that are open only with a reason, which goes on record with them. */
export function begin(command: CommandOf<'cutover'>, desk: Desktop): Decision {
  const { confirm, reason, rehearse = false } = command;
  const { state, plan } = desk;
  const name = nameOf(desk);
  refuseSecond(desk);
  const dark = command.dark ?? state.evacuation?.mode?.mode === 'dark';
  const isStaged = plan.rehearsal || plan.lab || state.evacuation?.lab === true;
  if (rehearse && !isStaged)
    throw refuse(
      `${name} is no rehearsal: its plan says neither rehearsal nor lab`,
      [
        `rehearse on staging, with a plan that says "rehearsal: true"`,
        `in the pocket lab: landfall rehearse --cutover`,
      ],
      'a cutover stops the sources, whatever it is called',
    );
  const typed = `landfall cutover ${name} begin --confirm ${name}${dark ? ' --dark' : ''}`;
  if (confirm !== name)
    throw refuse(
      confirm === undefined
        ? 'a cutover begins with the name of the evacuation, typed'
        : `"${confirm.slice(0, 80)}" is not the name of this evacuation`,
      [typed],
      dark ? lossWords(desk) : 'from its first stop on users notice',
    );
  const gates = gatesOf(desk, desk.now, hashOf(desk));
  const open = gates.filter(blocks);
  const never = open.filter(({ scope, check }) => scope === 'evacuation' && NEVER_OVER.has(check));
  if (never.length > 0)
    throw refuse(
      `no cutover begins over ${few(never.map(({ id }) => id))}`,
      never.map(({ remedy }) => remedy),
      'every other gate rests on it',
    );
  if (open.length > 0 && reason === undefined)
    throw refuse(
      `${counted(open.length, 'critical gate')} ${open.length === 1 ? 'is' : 'are'} open`,
      [
        ...open.slice(0, 4).map(({ id, remedy }) => `${id}: ${remedy}`),
        ...(open.length > 4 ? [`all of them: landfall status ${name}`] : []),
        `to begin all the same: ${typed} --reason "..."`,
      ],
      'what is not proven now will not be looked for later',
    );
  const failed = failedSteps(desk);
  const planHash = state.evacuation?.planHash ?? '';
  return {
    events: [
      {
        type: 'cutover.begun',
        ...{ rehearse, dark, planHash, confirmed: name },
        open: open.map(({ id }) => id),
        ...reasonOf(reason),
      },
      {
        type: 'cutover.item',
        item: 'gates',
        outcome: 'done',
        how: 'ticked',
        evidence: evidenceOf(gates, open),
        confirmed: name,
        ...reasonOf(reason),
      },
      ...retryEvents(failed),
    ],
    // What failed in a cutover before this one is tried anew, also where the abort has said that it counts no more.
    retry: Object.values(state.steps).flatMap(({ id, phase }) => (phase === 'cutover' ? [id] : [])),
    said: [
      `${rehearse ? 'the rehearsal of the cutover' : 'the cutover'} begins${open.length === 0 ? '' : ` over ${counted(open.length, 'open gate')}`}`,
      ...(dark ? [lossWords(desk)] : []),
      firstWords(desk, dark),
    ].join('; '),
  };
}

const hashOf = ({ state }: Desktop): { planHash?: string } =>
  state.evacuation === undefined ? {} : { planHash: state.evacuation.planHash };

function refuseSecond(desk: Desktop): void {
  const { cutover } = desk.state;
  const name = nameOf(desk);
  if (cutover === undefined || cutover.ended?.outcome === 'rolled-back') return;
  if (cutover.ended !== undefined)
    throw refuse(
      'the cutover is complete: the copies are production',
      [`the way home: landfall failback ${name}`],
      'a second one would take down what users work with',
    );
  throw refuse(`a cutover is under way, begun by ${cutover.by}`, [
    `see how far it is: landfall cutover ${name}`,
    cutover.noReturn === undefined
      ? `give it up: landfall cutover ${name} abort --reason "..."`
      : 'it has passed its point of no return: it can only go on',
    ...(cutover.noReturn === undefined && !cutover.dark
      ? [`where the source is lost: landfall mode ${name} dark --confirm ${name}, abort, then begin --dark`]
      : []),
  ]);
}

const evidenceOf = (gates: readonly Gate[], open: readonly Gate[]): string[] => [
  verdictOf(gates).line,
  ...open.map(({ id }) => `open: ${id}`),
];

/** What has not arrived is lost: said before it begins, and the same afterwards. */
function lossWords(desk: Desktop): string {
  const parts = Object.keys(desk.plan.machines).map(name => {
    const { ageMs } = exposureOf(desk, name, desk.now);
    return ageMs === undefined
      ? `${name}: there is no copy that could be relied on`
      : `${name}: what was written in its last ${formatDuration(ageMs)}`;
  });
  const databases = Object.keys(desk.plan.databases).map(name => `${name}: what has not arrived at its copy`);
  return `lost in the dark: ${[...parts, ...databases].join('; ')}`;
}

function firstWords(desk: Desktop, dark: boolean): string {
  const first = checklistOf(desk, desk.now, { dark }).items.find(({ needs }) => needs.includes('gates'));
  return first === undefined ? 'its items are next' : `next: ${first.id} (${first.title})`;
}

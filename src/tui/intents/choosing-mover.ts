import { type Mover, moverOf } from '../../step/mover.ts';
import { situationOf } from '../../sync/mover/situation.ts';
import { type Switch, switchTo } from '../../sync/mover/switch.ts';
import type { App, Intent } from '../app.ts';
import { labelled } from '../screens/parts.ts';
import { type Line, wrap } from '../text/line.ts';
import { ask } from './asking.ts';
import { order, tell } from './order.ts';
import { machineOf, needsMachine } from './selection.ts';

/** The other mover for a machine; what it costs and why is shown before it is ordered. */
export const CHOOSING_MOVER: readonly Intent[] = [
  {
    id: 'mover',
    disabled: (scope, named) => {
      const { snapshot } = scope.view;
      const cutover = snapshot?.state.cutover;
      return (
        needsMachine(scope, named) ??
        (cutover !== undefined && cutover.ended === undefined
          ? 'a cutover has begun: the copies are not given to another mover now'
          : undefined)
      );
    },
    run: (app, named) => {
      const machine = named ?? machineOf(app.current());
      if (machine !== undefined) askMover(app, machine);
    },
  },
];

const otherThan = (mover: Mover): Mover => (mover === 'files' ? 'blocks' : 'files');

function askMover(app: App, machine: string): void {
  const { snapshot, now } = app.current().view;
  if (snapshot === undefined) return;
  const known = snapshot.state.machines[machine];
  const present = moverOf(snapshot, machine);
  // Where another one is ordered already, the key takes that back.
  const isTakenBack = known?.moverOrdered !== undefined && known.moverOrdered.mover !== present;
  const wanted = isTakenBack ? present : otherThan(present);
  const outcome = switchTo(snapshot, machine, wanted, now);
  const refusal = refusalOf(outcome);
  if (refusal !== undefined) {
    tell(app, `${machine} cannot travel by ${wanted}: ${refusal}; next: mend that, and m asks again`, 'bad');
    return;
  }
  ask(app, {
    title: isTakenBack ? `${machine} stays with ${wanted}` : `Move ${machine} by ${wanted}`,
    body: width => [
      ...labelled('now', nowText(present, known?.mover?.reasons ?? []), width),
      ...about(outcome, wanted, width),
      ...(isTakenBack ? [] : forAndAgainst(app, machine, wanted, width)),
      ...wrap('It takes effect with the next pass; one that runs ends as it began.', width, 'muted'),
    ],
    fields: [],
    action: isTakenBack ? `stay with ${wanted}` : `move it by ${wanted}`,
    submit: async () => void (await order(app, { kind: 'mover', machine, mover: wanted })),
  });
}

const nowText = (present: Mover, reasons: readonly string[]): string =>
  reasons[0] === undefined ? present : `${present}: ${reasons[0]}`;

/** Why it would be refused, as far as it is known. */
function refusalOf({ choice, lacksRoom }: Switch): string | undefined {
  if (choice.mover === undefined) return [...choice.impossible.files, ...choice.impossible.blocks].join('; ');
  return choice.decided === 'fallback' ? choice.reasons.slice(1).join('; ') : lacksRoom;
}

const about = ({ costs, isUncertain }: Switch, wanted: Mover, width: number): Line[] => [
  ...costs.flatMap((each, index) => labelled(index === 0 ? 'it costs' : '', each, width, 'warn')),
  ...(isUncertain
    ? labelled(
        'not sure',
        `whether ${wanted} can move it its hypervisor is asked first; otherwise it stays as it is`,
        width,
      )
    : []),
];

/** What landfall itself would take of the two, and what speaks for it. */
function forAndAgainst(app: App, machine: string, wanted: Mover, width: number): Line[] {
  const { snapshot, now } = app.store.view();
  if (snapshot === undefined) return [];
  const { isLookedAt } = situationOf(snapshot, machine, now);
  const { choice } = switchTo(snapshot, machine, 'auto', now);
  if (choice.mover === undefined || !isLookedAt) return [];
  const label = choice.mover === wanted ? 'for it' : 'against it';
  return choice.reasons.flatMap((each, index) => labelled(index === 0 ? label : '', each, width, 'muted'));
}

import type { App, IntentScope } from '../app.ts';
import type { PaneBox } from '../frame/panes.ts';
import { placeOf } from '../ui-state.ts';

/** The pane that keys move in. */
export function focusedBox({ view, boxes }: Pick<IntentScope, 'view' | 'boxes'>): PaneBox | undefined {
  return boxes[Math.min(placeOf(view.ui).pane, boxes.length - 1)];
}

/** What is selected: in the pane with the focus, or, where that is text, in the list that it belongs to. */
export function selectedOf(scope: Pick<IntentScope, 'view' | 'boxes'>): string | undefined {
  return focusedBox(scope)?.selected ?? scope.boxes.find(box => box.selected !== undefined)?.selected;
}

/** The machine that an order is about: the one the screen shows, or the one that is selected. */
export function machineOf(scope: Pick<IntentScope, 'view' | 'boxes'>): string | undefined {
  const { view, boxes } = scope;
  const isKnown = (name: string | undefined): name is string =>
    name !== undefined && view.snapshot !== undefined && Object.hasOwn(view.snapshot.plan.machines, name);
  // A gate of a machine, `machine/web1/verified`, is about that machine.
  const known = (id: string | undefined): string | undefined => {
    const name = id?.startsWith('machine/') === true ? id.split('/')[1] : id;
    return isKnown(name) ? name : undefined;
  };
  const place = placeOf(view.ui);
  return (
    known(place.subject) ??
    known(focusedBox(scope)?.selected) ??
    boxes.map(box => known(box.selected)).find(each => each !== undefined)
  );
}

export function scopeOf(app: App): IntentScope {
  const { view, screen, boxes } = app.current();
  return { view, screen, boxes, session: app.store.session() };
}

/** Orders are for a running engine. */
export function needsEngine({ view }: IntentScope): string | undefined {
  if (view.snapshot === undefined) return 'no evacuation is open';
  if (view.snapshot.connection === 'none') return 'no engine runs; e starts it';
  if (view.snapshot.connection === 'lost') return 'the engine cannot be reached right now';
  return undefined;
}

/** An order to one machine: the one that was named, else the one that is selected. */
export function needsMachine(scope: IntentScope, named?: string): string | undefined {
  return needsEngine(scope) ?? noMachine(scope, named);
}

export function noMachine(scope: IntentScope, named?: string): string | undefined {
  if (named === undefined) return machineOf(scope) === undefined ? 'no machine is selected' : undefined;
  return Object.hasOwn(scope.view.snapshot?.plan.machines ?? {}, named)
    ? undefined
    : `the plan has no machine "${named}"`;
}

import { formatBitRate, parseDuration, parseRate } from '../../foundation/units.ts';
import { waivable } from '../../readiness/waivable.ts';
import type { App, IntentScope } from '../app.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { placeOf } from '../ui-state.ts';
import { ask } from './asking.ts';
import { order } from './order.ts';
import { scopeOf, selectedOf } from './selection.ts';

/** Orders that need words, a rate or a name that is typed. */

/** The gate that is selected on the screen of gates. */
export const gateOf = (scope: IntentScope): string | undefined =>
  placeOf(scope.view.ui).screen === 'ready' ? selectedOf(scope) : undefined;

/** Why the selected gate can neither be waived nor its waiver be taken back. */
export function notWaivable(scope: IntentScope): string | undefined {
  const id = gateOf(scope);
  const row = scope.view.gates?.rows().find(each => each.kind === 'gate' && each.gate.id === id);
  if (row?.kind !== 'gate') return 'no gate is selected';
  const given = scope.view.snapshot?.state.evacuation?.waivers?.[row.gate.id];
  if (given !== undefined && given.until > scope.view.now) return undefined;
  const may = waivable(row.gate);
  return may === true ? undefined : may;
}

export function askThrottle(app: App): void {
  const { snapshot } = app.current().view;
  const now = snapshot?.state.evacuation?.throttle?.bytesPerSecond ?? snapshot?.plan.link.limit;
  ask(app, {
    title: 'Throttle the link',
    body: width => [
      ...wrap(
        `Now: ${now === undefined ? 'no limit' : formatBitRate(now)}. Passes that begin from now on keep to the new limit; pause and resume a machine to apply it at once.`,
        width,
      ),
      ...wrap('Leave it empty to go back to the limit of the plan.', width, 'muted'),
    ],
    fields: [
      {
        label: 'limit',
        hint: 'for example 400 Mbit/s',
        optional: true,
        check: limit =>
          (parseRate(limit) ?? 0) > 0 ? undefined : `"${limit}" is no rate; write it like 400 Mbit/s`,
      },
    ],
    action: 'set the limit',
    submit: async ([limit = '']) =>
      void (await order(app, { kind: 'throttle', bytesPerSecond: parseRate(limit) ?? null })),
  });
}

const WAIVER_DAYS = 14;

export function askWaiver(app: App): void {
  const gate = gateOf(scopeOf(app));
  if (gate === undefined) return;
  const waiver = app.current().view.snapshot?.state.evacuation?.waivers?.[gate];
  if (waiver !== undefined && waiver.until > app.clock.now()) {
    ask(app, {
      title: `Take back the waiver of ${gate}`,
      body: width =>
        wrap(`${waiver.by} accepted it: ${waiver.reason}. Without the waiver the gate speaks again.`, width),
      fields: [],
      action: 'take it back',
      submit: async () => void (await order(app, { kind: 'unwaive', gate })),
    });
    return;
  }
  ask(app, {
    title: `Waive ${gate}`,
    body: width => [
      ...wrap(
        'A waived gate no longer stands in the way of ready. Your name, the reason and the end of the waiver are in the journal and on every report.',
        width,
      ),
      ...wrap(`It ends by itself, after ${WAIVER_DAYS} days at the most.`, width, 'muted'),
    ],
    fields: [
      { label: 'reason' },
      { label: 'for how long', initial: '24h', hint: 'for example 12h or 3d', check: lengthFault },
    ],
    confirm: gate.split('/')[1] ?? gate,
    action: 'waive it',
    submit: async ([reason = '', length = '']) =>
      void (await order(app, {
        kind: 'waive',
        gate,
        reason,
        until: app.clock.now() + (parseDuration(length) ?? 0),
      })),
  });
}

function lengthFault(length: string): string | undefined {
  const ms = parseDuration(length);
  if (ms === undefined || ms <= 0) return `"${length}" is no duration; write it like 12h or 3d`;
  return ms > WAIVER_DAYS * 24 * 3600e3 ? `at most ${WAIVER_DAYS}d` : undefined;
}

export function askNote(app: App): void {
  ask(app, {
    title: 'A note for whoever comes next',
    body: width =>
      wrap('It goes into the journal with your name and the time, and into every report.', width, 'muted'),
    fields: [{ label: 'note' }],
    action: 'write it down',
    submit: async ([text = '']) => void (await order(app, { kind: 'note', text })),
  });
}

export function askStop(app: App): void {
  const { snapshot } = app.current().view;
  if (snapshot === undefined) return;
  const running = Object.values(snapshot.state.steps).filter(step => step.status === 'running');
  ask(app, {
    title: `Stop the engine of ${snapshot.name}`,
    body: width => [
      ...wrap(
        'The engine ends. Nothing is undone: the copies stay as they are, and passes that run on the source hosts go on and are found again.',
        width,
      ),
      ...wrap(
        'From then on nobody starts passes, and exposure grows until the engine is started again.',
        width,
        'warn',
      ),
      [],
      ...(running.length === 0
        ? [line(span('Nothing runs right now.', 'muted'))]
        : running.map((step): Line => line('runs now: ', span(step.id, 'busy')))),
    ],
    fields: [],
    confirm: snapshot.name,
    action: 'stop the engine',
    submit: async () => void (await order(app, { kind: 'stop', confirm: snapshot.name })),
  });
}

import { findingsOf } from '../../estate/guest/findings.ts';
import { counted, formatBytes, formatDuration } from '../../foundation/units.ts';
import { own } from '../../readiness/copy.ts';
import { ago } from '../../readiness/evidence.ts';
import type { View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { type PartState, partSpan, partsOf } from './build-steps.ts';
import { isStalled, samplesBySubject, sampleWords, statusSpan } from './cells.ts';
import { fixupLines } from './fixup-lines.ts';
import { failureLines, labelled, listed } from './parts.ts';
import { stepLines } from './preview-step.ts';

/** One machine's way from nothing to a mounted replica: what failed, what is there, what will be done. */
export function aboutBuild(view: View, name: string, width: number): Line[] {
  const parts = partsOf(view.snapshot, name);
  const sample = samplesBySubject(view).get(name);
  const isBuilding = parts.some(({ status }) => status === 'running');
  return [
    ...parts.flatMap(({ step, status }) =>
      status === 'failed' && step?.error !== undefined
        ? failureLines(view, { step: step.id, error: step.error, at: step.endedAt ?? step.startedAt }, width)
        : [],
    ),
    ...(sample !== undefined && isBuilding
      ? [line(statusSpan(view, isStalled(view, sample) ? 'warn' : 'busy', sampleWords(view, sample)))]
      : []),
    ...findingLines(view, name, width),
    ...parts.map(each => partLine(view, each)),
    ...madeLines(view, name, width),
    ...standbyLines(view, name, width),
    ...fixupLines(view, name, width),
    ...todoLines(view, name, width),
  ];
}

/** Where the copy would not come up again as the source is now: better known before it is built. */
function findingLines({ snapshot, glyphs }: View, name: string, width: number): Line[] {
  const guest = own(snapshot?.state.machines ?? {}, name)?.observed?.guest;
  if (guest === undefined) return [];
  return findingsOf(guest).flatMap(({ found, help }) => [
    ...wrap(`${glyphs.warn} ${found}`, width, 'warn'),
    ...labelled('  remedy', help, width, 'accent'),
  ]);
}

function partLine(view: View, each: PartState): Line {
  const { part, step, status } = each;
  const { text, tone } = partSpan(view, each);
  const took =
    status === 'done' && step?.endedAt !== undefined
      ? ` in ${formatDuration(step.endedAt - step.startedAt)}`
      : '';
  return line(
    span(part.name.padEnd(12), 'title'),
    span(`${text}${took}`.padEnd(20), tone),
    span(` ${part.what}`, 'muted'),
  );
}

/** The names under which it is found on the hypervisor. */
function madeLines({ snapshot }: View, name: string, width: number): Line[] {
  const machine = own(snapshot?.state.machines ?? {}, name);
  const { replica, receiver } = machine ?? {};
  const seeded = receiver?.prepared?.seededBytes;
  return [
    ...(replica?.volumes ?? []).flatMap(({ disk, pool, volume, capacity }) =>
      labelled('volume', `${disk}: ${pool}/${volume}, ${formatBytes(capacity)}`, width, 'muted'),
    ),
    ...(receiver === undefined ? [] : labelled('domain', receiver.domain, width, 'muted')),
    ...(seeded === undefined
      ? []
      : labelled('seed', `${formatBytes(seeded)} came from the clone and need not travel`, width, 'muted')),
  ];
}

/** The domain that waits for cutover, and what differs from the source's definition. */
function standbyLines({ snapshot, now }: View, name: string, width: number): Line[] {
  const standby = own(snapshot?.state.machines ?? {}, name)?.standby;
  if (standby === undefined) return [];
  const { domain, hypervisor, changes, at } = standby;
  return [
    [],
    line(span('Standby', 'title', { bold: true }), span(`  ${domain} at ${hypervisor}`, 'muted')),
    ...wrap(`defined ${ago(at, now)}; it refuses to start before cutover`, width, 'muted'),
    ...(changes.length === 0
      ? wrap('It is defined as the source is.', width, 'muted')
      : [
          ...wrap(
            `${counted(changes.length, 'change')} to the definition of the source; name, UUID, MAC and PCI addresses stay:`,
            width,
            'muted',
          ),
          ...listed(changes, width),
        ]),
  ];
}

/** The very commands, from the steps themselves. */
function todoLines(view: View, name: string, width: number): Line[] {
  const { preview } = view.loaded;
  if (preview.state === 'failed')
    return wrap(`${view.glyphs.bad} What will be done cannot be shown: ${preview.what}`, width, 'bad');
  if (preview.state !== 'here')
    return wrap(`asking every step what it will do ${view.glyphs.busy}`, width, 'muted');
  const isDone = (step: string): boolean => view.snapshot?.state.steps[step]?.status === 'done';
  const todo = preview.value.filter(
    ({ step, phase }) => phase === 'build' && step.startsWith(`build/${name}/`) && !isDone(step),
  );
  if (todo.length === 0) return [];
  return [
    [],
    line(span('What will be done:', 'title', { bold: true })),
    ...todo.flatMap(step => stepLines(step, width)),
  ];
}

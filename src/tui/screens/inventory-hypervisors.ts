import { counted, formatBytes } from '../../foundation/units.ts';
import type { HypervisorState } from '../../journal/state.ts';
import { own } from '../../readiness/copy.ts';
import type { View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import { widest } from '../text/table.ts';
import { ageText, statusSpan } from './cells.ts';
import { inventoryStep, lookState } from './inventory-state.ts';
import { failureLines, labelled, quietMark } from './parts.ts';

/** The hypervisors of both sites with the room in their pools; what failed first. */
export function hypervisorLines(view: View, width: number): Line[] {
  const { snapshot } = view;
  if (snapshot === undefined) return [];
  const names = Object.keys(snapshot.plan.hypervisors);
  const size = widest(names, 8, 20);
  const isFailed = (name: string): boolean => inventoryStep(view, name)?.status === 'failed';
  const sorted = [...names].sort((a, b) => Number(isFailed(b)) - Number(isFailed(a)));
  return sorted.flatMap(name => hypervisor(view, name, size, width));
}

function hypervisor(view: View, name: string, size: number, width: number): Line[] {
  const step = inventoryStep(view, name);
  const known = own(view.snapshot?.state.hypervisors ?? {}, name);
  const site = own(view.snapshot?.plan.hypervisors ?? {}, name)?.site ?? '';
  const { kind, word } = lookState(step, known !== undefined, 0);
  const failure =
    step?.status === 'failed' && step.error !== undefined
      ? failureLines(view, { step: step.id, error: step.error, at: step.endedAt ?? step.startedAt }, width)
      : [];
  return [
    line(
      span(`${name.padEnd(size)}  `, 'title'),
      kind === 'quiet' ? quietMark(view, word) : statusSpan(view, kind, word),
      span(`  ${site}`, 'muted'),
      span(known === undefined ? '' : `  ${roomOf(known)}`),
    ),
    ...failure,
    ...(known === undefined || failure.length > 0 ? [] : labelled('', about(view, known), width, 'muted')),
  ];
}

/** The room is what a target needs to know first. */
const roomOf = ({ pools }: HypervisorState): string =>
  Object.entries(pools)
    .map(
      ([name, { available, capacity }]) =>
        `${formatBytes(available)} of ${formatBytes(capacity)} free in ${name}`,
    )
    .join('; ') || 'no storage pool';

const about = ({ now }: View, known: HypervisorState): string =>
  [
    known.version,
    counted(known.cpus, 'CPU'),
    `${formatBytes(known.memory)} memory`,
    `networks ${known.networks.join(', ') || 'none'}`,
    ...(known.images === undefined ? [] : [`clones ${Object.keys(known.images).join(', ') || 'none'}`]),
    `seen ${ageText(now - known.observedAt)} ago`,
  ].join(', ');

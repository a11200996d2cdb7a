import { freshness } from '../../estate/freshness.ts';
import { missingIn } from '../../estate/guest/missing.ts';
import { counted, formatBytes } from '../../foundation/units.ts';
import { own } from '../../readiness/copy.ts';
import { ago } from '../../readiness/evidence.ts';
import type { View } from '../screen.ts';
import { type Line, line, wrap } from '../text/line.ts';
import { isStalled, samplesBySubject, sampleWords, statusSpan } from './cells.ts';
import { heldUnitLines } from './held-units.ts';
import { findingsAbout } from './inventory-findings.ts';
import { inventoryStep, thousands } from './inventory-state.ts';
import { surveyLines } from './inventory-survey.ts';
import { failureLines, labelled } from './parts.ts';

/** Everything that was found about one machine; first what went wrong and what is missing. */
export function aboutMachine(view: View, name: string, width: number): Line[] {
  const { snapshot } = view;
  const wanted = own(snapshot?.plan.machines ?? {}, name);
  if (wanted === undefined) return [];
  const step = inventoryStep(view, name);
  const observed = own(snapshot?.state.machines ?? {}, name)?.observed;
  const sample = samplesBySubject(view).get(name);
  return [
    ...(step?.status === 'failed' && step.error !== undefined
      ? failureLines(view, { step: step.id, error: step.error, at: step.endedAt ?? step.startedAt }, width)
      : []),
    ...(step?.status === 'running' && sample !== undefined
      ? [line(statusSpan(view, isStalled(view, sample) ? 'warn' : 'busy', sampleWords(view, sample)))]
      : []),
    ...(observed === undefined
      ? notSeen(view, name, width)
      : [
          ...findingsAbout(view, name, width),
          ...missingLines(view, observed, width),
          ...factLines(view, observed, width),
          ...surveyLines(view, name, width),
          ...heldUnitLines(view, name, width),
        ]),
  ];
}

function notSeen({ snapshot }: View, name: string, width: number): Line[] {
  const wanted = own(snapshot?.plan.machines ?? {}, name);
  if (wanted === undefined) return [];
  const { source } = wanted;
  return [
    ...wrap(
      'Not looked at yet. landfall will read its domain from the hypervisor and its disks, file systems, services and sockets from inside; it installs and changes nothing.',
      width,
    ),
    ...labelled(
      'will ask',
      `${source.hypervisor} and ${source.user ?? ''}${source.user === undefined ? '' : '@'}${source.address}`,
      width,
    ),
    ...labelled('commands', 'd shows every one of them', width, 'accent'),
  ];
}

type Observed = Parameters<typeof missingIn>[0];

function missingLines(view: View, observed: Observed, width: number): Line[] {
  return missingIn(observed).flatMap(({ found, help }) => [
    ...wrap(`${view.glyphs.warn} ${found}`, width, 'warn'),
    ...labelled('  remedy', help, width, 'accent'),
  ]);
}

function seenLines(view: View, at: number, width: number): Line[] {
  const { stale } = freshness('inventory', at, view.now);
  return stale
    ? labelled('seen', `${ago(at, view.now)}: stale; landfall inventory --again looks anew`, width, 'warn')
    : labelled('seen', ago(at, view.now), width, 'muted');
}

function factLines(view: View, { domain, guest, at }: Observed, width: number): Line[] {
  const swap = guest.swap.reduce((sum, { size }) => sum + size, 0);
  return [
    ...seenLines(view, at, width),
    ...labelled(
      'system',
      `${guest.os.pretty}, kernel ${guest.kernel}, ${guest.architecture}, boots by ${guest.bootMode}`,
      width,
    ),
    ...labelled(
      'domain',
      `${domain.name}, ${counted(domain.vcpus, 'CPU')}, ${formatBytes(domain.memory)} memory, ${domain.machineType}, ${domain.uuid}`,
      width,
    ),
    ...domain.disks.flatMap((disk, index) =>
      labelled(
        index === 0 ? 'disks' : '',
        `${disk.target}  ${formatBytes(disk.capacity)}, ${formatBytes(disk.allocation)} of it allocated, ${disk.format}, ${disk.source}`,
        width,
      ),
    ),
    ...guest.fileSystems.flatMap((each, index) =>
      labelled(
        index === 0 ? 'files' : '',
        `${each.mountpoint}  ${each.type}, ${formatBytes(each.used)} of ${formatBytes(each.size)} used, ${thousands(each.inodesUsed)} files`,
        width,
      ),
    ),
    ...(swap === 0
      ? []
      : labelled('swap', `${formatBytes(swap)}; made anew at the target, not copied`, width)),
    ...labelled('addresses', guest.addresses.join(', ') || 'none', width),
    ...labelled(
      'listens on',
      guest.sockets
        .map(each => `${each.protocol} ${each.port}${each.process === undefined ? '' : ` ${each.process}`}`)
        .join(', ') || 'nothing',
      width,
    ),
    ...labelled('services', guest.services.join(', ') || 'none', width),
    ...labelled(
      'rsync',
      guest.rsync === undefined ? 'none' : `${guest.rsync.version}, protocol ${guest.rsync.protocol}`,
      width,
    ),
  ];
}

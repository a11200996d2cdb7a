import { counted, formatBytes } from '../../foundation/units.ts';
import { own } from '../../readiness/copy.ts';
import type { View } from '../screen.ts';
import { type Line, span, wrap } from '../text/line.ts';
import { statusSpan } from './cells.ts';
import { seenDependencies } from './machine-dependencies.ts';

const LABEL = 8;

/** Who a machine is on both sides, what it needs and what needs it. */
export function identityLines(view: View, name: string, width: number): Line[] {
  const { snapshot, rows } = view;
  const wanted = snapshot === undefined ? undefined : own(snapshot.plan.machines, name);
  if (snapshot === undefined || wanted === undefined) return [];
  const known = own(snapshot.state.machines, name);
  const { observed, replica, receiver } = known ?? {};
  const site = (hypervisor: string): string => own(snapshot.plan.hypervisors, hypervisor)?.site ?? '?';
  const { source, target } = wanted;
  const before = Object.entries(snapshot.plan.machines).flatMap(([other, { after }]) =>
    after.includes(name) ? [other] : [],
  );
  const { uses, usedBy } = seenDependencies(view, name);
  const rows_ = new Map(rows.map(row => [row.name, row]));
  const needs = wanted.after.map(each => {
    const row = rows_.get(each);
    return row === undefined
      ? [span(`${each} (database)`)]
      : [span(`${each} `), statusSpan(view, row.status.kind, row.status.word)];
  });
  return [
    ...fact(
      'source',
      [
        `${site(source.hypervisor)}, ${source.hypervisor}, domain ${source.domain ?? name}`,
        source.address,
        ...(observed === undefined
          ? ['not seen yet']
          : [
              observed.guest.os.pretty,
              `kernel ${observed.guest.kernel}`,
              `${counted(observed.domain.vcpus, 'CPU')}, ${formatBytes(observed.domain.memory)} memory, ${observed.domain.firmware}`,
              `machine-id ${observed.guest.machineId.slice(0, 12)}`,
            ]),
      ],
      width,
    ),
    ...fact(
      'target',
      [
        `${site(target.hypervisor)}, ${target.hypervisor}`,
        `${receiver === undefined ? 'no receiver yet' : `receiver ${receiver.domain}`} at ${target.address}`,
        `from clone ${target.image}`,
        `network ${target.network}`,
      ],
      width,
    ),
    ...(observed === undefined
      ? []
      : fact(
          'disks',
          observed.domain.disks.map(disk => {
            const volume = replica?.volumes.find(each => each.disk === disk.target);
            return `${disk.target} ${formatBytes(disk.capacity)} ${view.glyphs.arrow} ${volume === undefined ? 'no replica yet' : `${volume.pool}/${volume.volume}`}`;
          }),
          width,
        )),
    ...(observed === undefined
      ? []
      : fact(
          'files',
          observed.guest.fileSystems.map(
            ({ mountpoint, type, used, size }) =>
              `${mountpoint} ${type} ${formatBytes(used)} of ${formatBytes(size)}`,
          ),
          width,
        )),
    ...(needs.length === 0
      ? []
      : [[label('after'), ...needs.flatMap((each, index) => (index === 0 ? each : [span(', '), ...each]))]]),
    ...(before.length === 0 ? [] : fact('before', before, width)),
    ...(uses.length === 0 ? [] : fact('uses', uses, width)),
    ...(usedBy.length === 0 ? [] : fact('used by', usedBy, width)),
    ...(wanted.exclude.length === 0 ? [] : fact('without', wanted.exclude, width)),
    ...(wanted.owner === undefined ? [] : fact('owner', [wanted.owner], width)),
    ...(wanted.description === undefined ? [] : fact('what', [wanted.description], width)),
  ];
}

const label = (text: string) => span(text.padEnd(LABEL), 'muted');

/** A word and what belongs to it, wrapped beside it. */
function fact(word: string, parts: readonly string[], width: number): Line[] {
  return wrap(parts.join(', '), Math.max(10, width - LABEL)).map((each, index) => [
    index === 0 ? label(word) : span(' '.repeat(LABEL)),
    ...each,
  ]);
}

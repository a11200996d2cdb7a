import type { View } from '../../../step/step.ts';
import { pathDirectory, STANDBY } from '../../names.ts';
import type { JobAction } from './actions.ts';
import { piecesDirectory, sourceHypervisor, stagingDirectory } from './names.ts';

/** The journey of one piece, with its sum. `limit` in bytes per second. */
export function shipAction(
  view: View,
  machine: string,
  job: string,
  piece: string,
  limit: number | undefined,
): JobAction {
  const { link, name } = view.plan;
  const directory = piecesDirectory(view, machine);
  return {
    kind: 'job',
    host: sourceHypervisor(view, machine),
    job,
    ...(link.path === 'relay'
      ? { note: 'its bytes go through the machine that runs landfall (link.path: relay)' }
      : {}),
    argv: [
      'rsync',
      '-tS',
      '--partial-dir=.rsync-partial',
      '--timeout=300',
      '--no-h',
      '--outbuf=L',
      '--info=progress2,stats2',
      ...(link.compress === 'on' ? ['-z'] : []),
      ...(limit === undefined ? [] : [`--bwlimit=${Math.max(1, Math.floor(limit / 1024))}`]),
      '-e',
      `sh ${pathDirectory(name, machine)}/rsh`,
      '--',
      `${directory}/${piece}`,
      `${directory}/${piece}.sha256`,
      `${STANDBY}:${stagingDirectory(view, machine)}/`,
    ],
  };
}

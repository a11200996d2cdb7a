import path from 'node:path';
import { allocated, userOf } from '../hypervisor/domains.ts';
import { POOL_PATH } from '../world/layout.ts';
import { volumeOfFile } from '../world/volumes.ts';
import { answer, refusal, type SimHost, type Volume, type World } from '../world/world.ts';
import { parseOptions, usageError } from './options.ts';
import type { Tool } from './tool-box.ts';

/** qemu-img on a simulated hypervisor: it looks at volumes, and changes none. */

function infoJson(volume: Volume): object {
  return {
    'virtual-size': volume.disk.bytes,
    filename: `${POOL_PATH}/${volume.name}`,
    'cluster-size': 65_536,
    format: volume.format,
    'actual-size': allocated(volume.disk),
    'format-specific': { type: 'qcow2', data: { compat: '1.1', corrupt: false, 'refcount-bits': 16 } },
    ...(volume.backing === null
      ? {}
      : {
          'backing-filename': `${POOL_PATH}/${volume.backing}`,
          'full-backing-filename': `${POOL_PATH}/${volume.backing}`,
          'backing-filename-format': 'qcow2',
        }),
    'dirty-flag': false,
  };
}

function infoText(volume: Volume): string {
  const GiB = 1024 ** 3;
  return `image: ${POOL_PATH}/${volume.name}
file format: ${volume.format}
virtual size: ${volume.disk.bytes / GiB} GiB (${volume.disk.bytes} bytes)
disk size: ${Math.round(allocated(volume.disk) / 1024 ** 2)} MiB
cluster_size: 65536
${volume.backing === null ? '' : `backing file: ${POOL_PATH}/${volume.backing}\nbacking file format: qcow2\n`}Format specific information:
    compat: 1.1
    compression type: zlib
    lazy refcounts: false
    refcount bits: 16
    corrupt: false
    extended l2: false
`;
}

export function qemuImg(world: World): Tool {
  const find = (host: SimHost, file: string): Volume | undefined =>
    volumeOfFile(world, host.id, path.resolve(POOL_PATH, file));
  const cannotOpen = (file: string, why = 'No such file or directory') =>
    refusal(`qemu-img: Could not open '${file}': ${why}\n`);
  const LOCKED = `Failed to get shared "write" lock\nIs another process using the image`;

  return ({ host, args }) => {
    const [verb = '', ...words] = args;
    const parsed = parseOptions(words, ['-U', '--force-share', '-s', '-q'], ['--output', '-f', '-F']);
    if (!parsed.ok) return refusal(usageError('qemu-img', parsed));
    const { flags, values, operands } = parsed;
    const volumes: Volume[] = [];
    for (const file of operands) {
      const volume = find(host, file);
      if (volume === undefined)
        return cannotOpen(file, `Could not open '${file}': No such file or directory`);
      if (!flags.has('-U') && !flags.has('--force-share') && userOf(world, volume) !== undefined) {
        return cannotOpen(file, `${LOCKED} [${file}]?`);
      }
      volumes.push(volume);
    }
    const [first] = volumes;
    if (first === undefined) return refusal('qemu-img: Expecting one image file name\n');
    switch (verb) {
      case 'info':
        return answer(
          values.get('--output') === 'json'
            ? `${JSON.stringify(infoJson(first), null, 4)}\n`
            : infoText(first),
        );
      case 'check':
        return answer('No errors were found on the image.\n');
      default:
        return refusal(`qemu-img: Command not found: ${verb}\n`);
    }
  };
}

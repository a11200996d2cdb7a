import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Device, devices } from '../world/block-devices.ts';
import type { SimHost } from '../world/world.ts';

/** The block devices of a host as files in its /dev: empty but for the first sector of a disk. */

/** Where GRUB's boot.img has its messages. */
const MESSAGES_AT = 0x180;

function firstSector({ kind, attached }: Device): Buffer {
  const { table, bootCode } = attached.disk;
  if (kind !== 'disk' || (table === null && !bootCode)) return Buffer.alloc(0);
  const sector = Buffer.alloc(512);
  if (bootCode) {
    sector.write('\u00ebc\u0090', 0, 'latin1');
    sector.write('GRUB \0Geom\0Hard Disk\0Read\0 Error\r\n\0', MESSAGES_AT, 'latin1');
  }
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

export function writeDevices(host: SimHost): void {
  const dev = path.join(host.directory, 'fs', 'dev');
  mkdirSync(path.join(dev, 'mapper'), { recursive: true });
  const present = devices(host);
  const names = new Set(present.map(({ name }) => name));
  for (const [directory, pattern] of [
    [dev, /^[sv]d[a-z]/],
    [path.join(dev, 'mapper'), /./],
  ] as const) {
    for (const stale of readdirSync(directory).filter(name => pattern.test(name) && !names.has(name))) {
      rmSync(path.join(directory, stale), { force: true });
    }
  }
  for (const device of present) {
    const file = path.join(dev, device.path.slice('/dev/'.length));
    if (!existsSync(file) || device.kind === 'disk')
      writeFileSync(file, firstSector(device), { mode: 0o660 });
  }
}

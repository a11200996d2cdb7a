/**
 * A small ISO 9660 image (ECMA-119) with files in its root and nothing else: enough for the disk from which cloud-init
 * takes its instructions. Linux shows the names in lower case, without the version that the standard demands.
 */

export interface IsoFile {
  /** At most 30 characters of a-z, 0-9, `-` and `_`. */
  readonly name: string;
  readonly content: string;
}

const SECTOR = 2048;
const DESCRIPTOR = 16;
const TERMINATOR = 17;
const PATHS_LITTLE = 18;
const PATHS_BIG = 19;
const ROOT = 20;
const FIRST_FILE = 21;

/** Up to some forty files: their directory is one sector. Throws RangeError where it does not fit. */
export function isoImage(label: string, files: readonly IsoFile[]): Uint8Array {
  let sector = FIRST_FILE;
  const placed = files
    .map(({ name, content }) => ({
      id: Buffer.from(`${name.toUpperCase()}.;1`, 'ascii'),
      bytes: Buffer.from(content),
    }))
    .sort((a, b) => Buffer.compare(a.id, b.id))
    .map(file => {
      const at = sector;
      sector += Math.max(1, Math.ceil(file.bytes.length / SECTOR));
      return { ...file, at };
    });
  const records = [
    directoryRecord(Buffer.from([0]), ROOT, SECTOR, true),
    directoryRecord(Buffer.from([1]), ROOT, SECTOR, true),
    ...placed.map(({ id, at, bytes }) => directoryRecord(id, at, bytes.length, false)),
  ];
  const root = Buffer.concat(records);
  if (root.length > SECTOR) throw new RangeError(`${files.length} files do not fit into one directory`);

  const image = Buffer.alloc(sector * SECTOR);
  primaryDescriptor(label, sector).copy(image, DESCRIPTOR * SECTOR);
  Buffer.from([0xff, ...Buffer.from('CD001'), 1]).copy(image, TERMINATOR * SECTOR);
  pathTable('little').copy(image, PATHS_LITTLE * SECTOR);
  pathTable('big').copy(image, PATHS_BIG * SECTOR);
  root.copy(image, ROOT * SECTOR);
  for (const { bytes, at } of placed) bytes.copy(image, at * SECTOR);
  return image;
}

/** ECMA-119 8.4. */
function primaryDescriptor(label: string, sectors: number): Buffer {
  const out = Buffer.alloc(SECTOR);
  out.set([1, ...Buffer.from('CD001'), 1]);
  text(out, 8, 32, 'LINUX');
  text(out, 40, 32, label);
  both32(out, 80, sectors);
  both16(out, 120, 1);
  both16(out, 124, 1);
  both16(out, 128, SECTOR);
  both32(out, 132, pathTable('little').length);
  out.writeUInt32LE(PATHS_LITTLE, 140);
  out.writeUInt32BE(PATHS_BIG, 148);
  directoryRecord(Buffer.from([0]), ROOT, SECTOR, true).copy(out, 156);
  for (const [at, length] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const)
    text(out, at, length, '');
  for (const at of [813, 830, 847, 864]) text(out, at, 16, '0'.repeat(16), '0');
  out[881] = 1;
  return out;
}

/** ECMA-119 9.1; all times are none. */
function directoryRecord(id: Buffer, sector: number, bytes: number, isDirectory: boolean): Buffer {
  const out = Buffer.alloc(33 + id.length + ((id.length + 1) % 2));
  out[0] = out.length;
  both32(out, 2, sector);
  both32(out, 10, bytes);
  out[25] = isDirectory ? 2 : 0;
  both16(out, 28, 1);
  out[32] = id.length;
  id.copy(out, 33);
  return out;
}

/** ECMA-119 9.4: the root alone. */
function pathTable(endian: 'little' | 'big'): Buffer {
  const out = Buffer.alloc(10);
  out[0] = 1;
  if (endian === 'little') {
    out.writeUInt32LE(ROOT, 2);
    out.writeUInt16LE(1, 6);
  } else {
    out.writeUInt32BE(ROOT, 2);
    out.writeUInt16BE(1, 6);
  }
  return out;
}

const text = (out: Buffer, at: number, length: number, value: string, pad = ' '): void => {
  out.write(value.padEnd(length, pad).slice(0, length), at, 'ascii');
};

function both16(out: Buffer, at: number, value: number): void {
  out.writeUInt16LE(value, at);
  out.writeUInt16BE(value, at + 2);
}

function both32(out: Buffer, at: number, value: number): void {
  out.writeUInt32LE(value, at);
  out.writeUInt32BE(value, at + 4);
}

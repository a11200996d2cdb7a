import type { Entry } from './manifest.ts';

/**
 * Members of a tar archive in the pax format, made by hand: GNU tar restores times to the nanosecond, owners, links and
 * extended attributes, which nothing in Node can.
 */

const BLOCK = 512;

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;

/** Numbers and names that do not fit stand in the extended header before it. */
function header(name: string, type: string, bytes: number, { mode, uid, gid }: Owned): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name.slice(0, 99), 0, 'latin1');
  block.write(octal(mode & 0o7777, 8), 100, 'latin1');
  block.write(octal(Math.min(uid, 0o7777777), 8), 108, 'latin1');
  block.write(octal(Math.min(gid, 0o7777777), 8), 116, 'latin1');
  block.write(octal(bytes > 0o77777777777 ? 0 : bytes, 12), 124, 'latin1');
  block.write(octal(0, 12), 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

type Owned = Pick<Entry, 'mode' | 'uid' | 'gid'>;

/** `LENGTH key=value\n`, where the length counts itself. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`, 'latin1'), value, Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);

const TYPES: Readonly<Record<Entry['kind'], string>> = { file: '0', link: '2', directory: '5', fifo: '6' };

const inDecimal = (nanoseconds: string): string => {
  const value = BigInt(nanoseconds);
  const seconds = value / 1_000_000_000n;
  return `${seconds}.${String(value % 1_000_000_000n).padStart(9, '0')}`;
};

/** Names start with `./`, so that none of them can look like an option or an absolute path. */
const inside = (path: string): string => (path === '' ? './' : `./${path}`);

/** One member. `twin` makes it another name of a member that came before. */
export function tarMember(entry: Entry, content: Buffer, twin?: string): Buffer {
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
  const records = [
    record('path', latin1(inside(entry.path))),
    record('mtime', latin1(inDecimal(entry.mtime))),
    record('uid', latin1(String(entry.uid))),
    record('gid', latin1(String(entry.gid))),
    ...(twin === undefined ? [] : [record('linkpath', latin1(inside(twin)))]),
    ...(entry.target === undefined || twin !== undefined ? [] : [record('linkpath', latin1(entry.target))]),
    ...(twin === undefined ? (entry.attributes ?? []) : []).map(([name, value]) =>
      record(`SCHILY.xattr.${name}`, Buffer.from(value, 'base64')),
    ),
  ];
  const extended = Buffer.concat(records);
  const body = entry.kind === 'file' && twin === undefined ? content : Buffer.alloc(0);
  const type = twin === undefined ? TYPES[entry.kind] : '1';
  return Buffer.concat([
    header('./pax', 'x', extended.length, { mode: 0o644, uid: 0, gid: 0 }),
    padded(extended),
    header('./entry', type, body.length, entry),
    padded(body),
  ]);
}

export const TAR_END = Buffer.alloc(2 * BLOCK);

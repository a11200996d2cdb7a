import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { removeTreeSync } from '../../../../src/foundation/remove-tree.ts';
import { applyImage, withDirectories } from '../../../../src/lab/blocks/apply.ts';
import { changeBetween, dirtyBytes } from '../../../../src/lab/blocks/change.ts';
import { diskReader } from '../../../../src/lab/blocks/disk-reader.ts';
import {
  imageReader,
  readHead,
  readImage,
  rebaseImage,
  wholeBytes,
  writeImage,
} from '../../../../src/lab/blocks/image-file.ts';
import { CLUSTER, type Manifest, takeManifest } from '../../../../src/lab/blocks/manifest.ts';
import { addOddNames } from '../../../../src/lab/trees/odd-names.ts';
import { createTreeBuilder } from '../../../../src/lab/trees/tree-builder.ts';
import { seeded } from '../../../../src/lab/world/random.ts';
import type { Disk } from '../../../../src/lab/world/world.ts';
import { attributes, differences, walk } from '../../../support/walk.ts';

const places: string[] = [];
const place = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'lf-images-'));
  places.push(made);
  return made;
};
afterEach(() => {
  for (const made of places.splice(0)) removeTreeSync(made, tmpdir());
});

const diskAt = (directory: string): Disk => ({
  bytes: 1024 ** 3,
  table: { label: 'dos', id: '0x12345678', firstLba: 0 },
  fs: null,
  partitions: [
    {
      ...{ number: 1, start: 2048, sectors: 1_000_000, type: '83', partuuid: '12345678-01' },
      fs: { type: 'ext4', uuid: 'uuid-1', label: null, directory },
    },
  ],
});
const EMPTY: Disk = { bytes: 1024 ** 3, table: null, partitions: [], fs: null };

/** Ships what is different since `before` into the replica; answers the instant, the replica, and the piece. */
async function ship(
  home: string,
  source: Disk,
  replica: Disk,
  before: Manifest | undefined,
  number: number,
): Promise<{ readonly manifest: Manifest; readonly replica: Disk; readonly piece: string }> {
  const manifest = takeManifest(source, Date.now(), before);
  const piece = join(home, `piece-${number}`);
  const reader = diskReader(source);
  writeImage(
    piece,
    { id: `piece-${number}`, bytes: source.bytes, backing: null },
    {
      ...{
        machine: 'm',
        disk: 'vda',
        instant: String(number),
        base: before === undefined ? null : String(number - 1),
      },
      layout: withDirectories(source, () => undefined),
    },
    changeBetween(before, manifest),
    reader.cluster,
  );
  const image = readImage(piece);
  if (image === undefined) throw new Error('no image');
  expect(statSync(piece).size).toBe(wholeBytes(image));
  return { manifest, replica: await applyImage(image, replica, join(home, 'volume')), piece };
}

const treeOf = (disk: Disk): string => disk.partitions[0]?.fs?.directory ?? '';
const unlike = (a: Disk, b: Disk): string[] => differences(walk(treeOf(a)), walk(treeOf(b)));

describe('an image that travels', () => {
  test('a full one makes the very same tree, whatever it is called and however it is linked', async () => {
    const home = place();
    const root = join(home, 'source');
    const tree = createTreeBuilder(root, seeded(7, 'images'));
    addOddNames(tree, 'odd');
    tree.finish();
    const source = diskAt(root);
    const { replica } = await ship(home, source, EMPTY, undefined, 1);
    expect(unlike(source, replica)).toEqual([]);
    expect(attributes(treeOf(replica))).toBe(attributes(root));
    expect(replica.table).toEqual(source.table);
    expect(treeOf(replica)).not.toBe(root);
  });

  test('a small change makes a small piece, and the bitmap counts whole clusters', async () => {
    const home = place();
    const root = join(home, 'source');
    mkdirSync(root);
    writeFileSync(join(root, 'big'), Buffer.alloc(40 * CLUSTER, 'x'));
    const source = diskAt(root);
    const first = await ship(home, source, EMPTY, undefined, 1);
    expect(statSync(first.piece).size).toBeGreaterThan(40 * CLUSTER);
    const nothing = changeBetween(first.manifest, takeManifest(source, Date.now(), first.manifest));
    expect(dirtyBytes(nothing)).toBe(0);
    const content = Buffer.alloc(40 * CLUSTER, 'x');
    content.write('y', 17 * CLUSTER + 5);
    writeFileSync(join(root, 'big'), content);
    const second = await ship(home, source, first.replica, first.manifest, 2);
    expect(unlike(source, second.replica)).toEqual([]);
    expect(statSync(second.piece).size).toBeLessThan(2 * CLUSTER);
    expect(dirtyBytes(changeBetween(first.manifest, second.manifest))).toBe(2 * CLUSTER);
  });

  test('its head is written anew in place, everything else stays', async () => {
    const home = place();
    const root = join(home, 'source');
    mkdirSync(root);
    writeFileSync(join(root, 'a'), 'a');
    const { piece } = await ship(home, diskAt(root), EMPTY, undefined, 1);
    const { size } = statSync(piece);
    rebaseImage(piece, { file: '/elsewhere/replica.qcow2', format: 'qcow2' });
    expect(readHead(piece)?.backing).toEqual({ file: '/elsewhere/replica.qcow2', format: 'qcow2' });
    expect(statSync(piece).size).toBe(size);
    const image = readImage(piece);
    const change = image?.body.places['1']?.changes.find(({ entry }) => entry.path === 'a');
    if (image === undefined || change === undefined) throw new Error('the file is missing');
    const reader = imageReader(image);
    expect(reader.cluster(change, 0).toString()).toBe('a');
    reader.close();
    truncateSync(piece, 100);
    expect(readHead(piece)).toBeUndefined();
  });

  test('whatever happens to a tree, a row of deltas leaves the replica equal to it', {
    timeout: 60_000,
  }, async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd/a', 'd/b', 'd/e/a', 'd');
    const move = fc.oneof(
      fc.record({
        kind: fc.constant('write' as const),
        name,
        bytes: fc.integer({ min: 0, max: 3 * CLUSTER }),
      }),
      fc.record({ kind: fc.constant('append' as const), name, bytes: fc.integer({ min: 1, max: CLUSTER }) }),
      fc.record({ kind: fc.constant('cut' as const), name, bytes: fc.integer({ min: 0, max: CLUSTER }) }),
      fc.record({ kind: fc.constant('remove' as const), name, bytes: fc.constant(0) }),
      fc.record({ kind: fc.constant('folder' as const), name, bytes: fc.constant(0) }),
      fc.record({ kind: fc.constant('mode' as const), name, bytes: fc.integer({ min: 0, max: 0o777 }) }),
      fc.record({ kind: fc.constant('link' as const), name, to: name, bytes: fc.constant(0) }),
      fc.record({ kind: fc.constant('point' as const), name, bytes: fc.constant(0) }),
      fc.record({ kind: fc.constant('rename' as const), name, to: name, bytes: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(move, { maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        async rounds => {
          const home = place();
          const root = join(home, 'source');
          mkdirSync(join(root, 'd/e'), { recursive: true });
          const source = diskAt(root);
          let replica = EMPTY;
          let before: Manifest | undefined;
          for (const [number, moves] of rounds.entries()) {
            for (const one of moves) attempt(() => change(root, one));
            const shipped = await ship(home, source, replica, before, number);
            ({ replica, manifest: before } = shipped);
            expect(unlike(source, replica)).toEqual([]);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

interface Move {
  readonly kind: string;
  readonly name: string;
  readonly to?: string;
  readonly bytes: number;
}

/** Moves that are impossible at this moment (a file where a folder would have to be) are left out. */
function attempt(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

function change(root: string, { kind, name, to = name, bytes }: Move): void {
  const file = join(root, name);
  const other = join(root, to);
  const content = Buffer.alloc(bytes, bytes % 7 === 0 ? 0 : String(bytes));
  if (kind === 'write') writeFileSync(file, content);
  else if (kind === 'append') appendFileSync(file, content);
  else if (kind === 'cut') truncateSync(file, bytes);
  else if (kind === 'remove' && existsSync(file) && statSync(file).isDirectory()) removeTreeSync(file, root);
  else if (kind === 'remove') rmSync(file);
  else if (kind === 'folder') mkdirSync(file);
  else if (kind === 'mode') chmodSync(file, bytes | 0o400);
  else if (kind === 'link') linkSync(file, other);
  else if (kind === 'point') symlinkSync('elsewhere', file);
  else renameSync(file, other);
}

import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeTree, removeTreeSync } from '../../../src/foundation/remove-tree.ts';

describe('removing a tree', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'landfall-remove-'));
    mkdirSync(join(root, 'own/inner'), { recursive: true });
    writeFileSync(join(root, 'own/inner/file'), 'x');
    writeFileSync(join(root, 'other'), 'x');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('removes what is inside, and is content when it is gone', async () => {
    await removeTree(join(root, 'own/inner'), join(root, 'own'));
    expect(existsSync(join(root, 'own/inner'))).toBe(false);
    expect(existsSync(join(root, 'own'))).toBe(true);
    removeTreeSync(join(root, 'own/inner'), join(root, 'own'));
  });

  it.each([
    ['the directory itself', 'own'],
    ['its parent', '.'],
    ['a neighbour', 'other'],
    ['a way out and away', 'own/inner/../../other'],
    ['a name that only begins alike', 'own-not'],
  ])('refuses %s', async (_name, path) => {
    await expect(removeTree(join(root, path), join(root, 'own'))).rejects.toThrow(RangeError);
    expect(() => removeTreeSync(join(root, path), join(root, 'own'))).toThrow(RangeError);
    expect(existsSync(join(root, 'own/inner/file'))).toBe(true);
    expect(existsSync(join(root, 'other'))).toBe(true);
  });

  it.each([
    ['a relative path', 'inner', '/srv/own'],
    ['a relative owner', '/srv/own/inner', 'own'],
    ['the whole machine as owner', '/srv', '/'],
  ])('refuses %s', (_name, path, within) => {
    expect(() => removeTreeSync(path, within)).toThrow(RangeError);
  });

  it('removes a link, not what it points to', () => {
    symlinkSync(join(root, 'own/inner'), join(root, 'own/link'));
    removeTreeSync(join(root, 'own/link'), join(root, 'own'));
    expect(existsSync(join(root, 'own/inner/file'))).toBe(true);
  });
});

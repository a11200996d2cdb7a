import { mkdir, mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourcesDigest } from '../../../scripts/screens/sources.ts';
import { removeTree } from '../../../src/foundation/remove-tree.ts';

describe('sourcesDigest', () => {
  let root = '';
  const now = (): Promise<string> => sourcesDigest(root, ['screens']);
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lf-sources-'));
    await mkdir(join(root, 'screens/parts'), { recursive: true });
    await writeFile(join(root, 'screens/a.ts'), 'a');
    await writeFile(join(root, 'screens/parts/b.ts'), 'b');
  });
  afterEach(() => removeTree(root, tmpdir()));

  it('is the same for the same files, and names the folder', async () => {
    const before = await now();
    await writeFile(join(root, 'screens/a.ts'), 'a');
    expect(await now()).toBe(before);
    expect(before).toMatch(/^[0-9a-f]{64} {2}screens\n$/);
  });

  it('is another one when a byte, a name or a place changes', async () => {
    const seen = new Set([await now()]);
    await writeFile(join(root, 'screens/a.ts'), 'ab');
    seen.add(await now());
    await rename(join(root, 'screens/a.ts'), join(root, 'screens/c.ts'));
    seen.add(await now());
    await rename(join(root, 'screens/c.ts'), join(root, 'screens/parts/c.ts'));
    seen.add(await now());
    expect(seen.size).toBe(4);
  });
});

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type ExcludeFacts,
  excludeContent,
  excludePatterns,
} from '../../../src/sync/movers/files/exclude.ts';

const facts = (overrides: Partial<ExcludeFacts> = {}): ExcludeFacts => ({
  mountpoint: '/',
  type: 'ext4',
  mountpoints: ['/'],
  swap: [],
  planned: [],
  ...overrides,
});

describe('what a pass leaves out', () => {
  it('keeps the directories of the kernel as empty nodes', () => {
    const patterns = excludePatterns(facts());
    for (const pattern of ['/proc/*', '/sys/*', '/dev/*', '/run/*', '/tmp/*', '/mnt/*', '/media/*'])
      expect(patterns).toContain(pattern);
    expect(patterns).toContain('/lost+found/');
    expect(patterns).toContain('.rsync-partial/');
    expect(patterns.some(pattern => pattern.startsWith('/var/tmp'))).toBe(false);
  });

  it('leaves nested mount points to their own passes', () => {
    const mountpoints = ['/', '/boot', '/srv', '/srv/[a] b'];
    expect(excludePatterns(facts({ mountpoints }))).toEqual(
      expect.arrayContaining(['/boot/*', '/srv/*', '/srv/\\[a] b/*']),
    );
    const inner = excludePatterns(facts({ mountpoint: '/srv', mountpoints }));
    expect(inner).toEqual(['/lost+found/', '.rsync-partial/', '/\\[a] b/*']);
  });

  it('copies a real disk that is mounted below /mnt', () => {
    expect(
      excludePatterns(facts({ mountpoint: '/mnt/data', mountpoints: ['/', '/mnt/data'] })),
    ).not.toContain('/*');
  });

  it('leaves the contents of a /tmp of its own', () => {
    expect(excludePatterns(facts({ mountpoint: '/tmp', mountpoints: ['/', '/tmp'] }))).toContain('/*');
  });

  it('leaves swap files and planned paths of the file system that holds them', () => {
    const shared = {
      mountpoints: ['/', '/var'],
      swap: ['/swapfile', '/dev/vda2', '/var/swap'],
      planned: ['/srv/cache/', '/var/spool'],
    };
    const root = excludePatterns(facts(shared));
    expect(root).toContain('/swapfile');
    expect(root).toContain('/srv/cache');
    expect(root).not.toContain('/dev/vda2');
    const inner = excludePatterns(facts({ ...shared, mountpoint: '/var' }));
    expect(inner).toEqual(expect.arrayContaining(['/swap', '/spool']));
    expect(inner).not.toContain('/srv/cache');
  });
});

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

describe('the real rsync', () => {
  it('leaves out exactly the named paths, whatever their names', async () => {
    const name = fc
      .string({
        minLength: 1,
        maxLength: 6,
        unit: fc.constantFrom(
          'a',
          'b',
          '*',
          '?',
          '[',
          ']',
          '\\',
          ' ',
          '#',
          ';',
          '-',
          '+',
          '!',
          '\n',
          '\r',
          'é',
        ),
      })
      .filter(text => text !== '.' && text !== '..');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { minLength: 2, maxLength: 8 }),
        fc.nat(),
        async (names, seed) => {
          const root = mkdtempSync(path.join(tmpdir(), 'landfall-exclude-'));
          directories.push(root);
          mkdirSync(path.join(root, 's/srv'), { recursive: true });
          mkdirSync(path.join(root, 't'));
          for (const each of names) writeFileSync(path.join(root, 's/srv', each), each);
          const left = names.filter((_, index) => (seed >> index) % 2 === 1);
          const file = path.join(root, 'exclude');
          writeFileSync(file, excludeContent(facts({ planned: left.map(each => `/srv/${each}`) })));
          await execa('rsync', ['-a', '--from0', `--exclude-from=${file}`, `${root}/s/`, `${root}/t/`]);
          expect(readdirSync(path.join(root, 't/srv')).sort()).toEqual(
            names.filter(each => !left.includes(each)).sort(),
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});

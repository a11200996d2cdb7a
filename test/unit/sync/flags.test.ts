import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RsyncFacts } from '../../../src/journal/facts.ts';
import {
  certainWords,
  commonTerms,
  compressions,
  isAtLeast,
  NOTHING_AGREED,
  type PassTerms,
  passArgv,
  verifyArgv,
} from '../../../src/sync/movers/files/flags.ts';

const current: RsyncFacts = {
  version: '3.5.0',
  protocol: 32,
  nanoseconds: true,
  acls: true,
  xattrs: true,
  compress: ['zstd', 'lz4', 'zlibx', 'zlib', 'none'],
  checksums: ['xxh128', 'md5'],
};
const el7: RsyncFacts = {
  ...current,
  version: '3.1.2',
  protocol: 31,
  nanoseconds: false,
  compress: ['zlib'],
  checksums: ['md5'],
};
const pass: PassTerms = {
  mountpoint: '/',
  type: 'ext4',
  inodesUsed: 1000,
  rsh: '/run/landfall/e/path-web1/rsh',
  excludeFile: '/run/landfall/e/path-web1/exclude-0',
  kind: 'delta',
  checksum: false,
  seeded: false,
  maxDelete: 20_000,
  itemLog: '/run/landfall/e/web1-p2-0/items',
};

describe('the command of a pass', () => {
  it('is the set of the facts, between two current versions', () => {
    expect(passArgv(commonTerms(current, current), { ...pass, limit: 10 * 1024 * 1024 })).toEqual([
      ...['env', 'LC_ALL=C', 'rsync', '-aHAXx', '--numeric-ids', '-S', '--modify-window=-1'],
      ...['--no-inc-recursive', '--delete-delay', '--max-delete=20000', '--partial-dir=.rsync-partial'],
      ...['--open-noatime', '--timeout=600', '--no-h', '--outbuf=L', '--info=progress2,stats2'],
      ...['--log-file=/run/landfall/e/web1-p2-0/items', '--log-file-format=%i|%l|%b|%n'],
      ...['--compress', '--compress-choice=zstd', '--compress-level=1', '--bwlimit=10240', '--from0'],
      ...['--exclude-from=/run/landfall/e/path-web1/exclude-0', '-e', 'sh /run/landfall/e/path-web1/rsh'],
      ...['/', 'standby:/mnt/t/'],
    ]);
  });

  it('deletes nothing and writes no log in a first pass into an empty disk', () => {
    const argv = passArgv(commonTerms(current, current), { ...pass, kind: 'full' });
    expect(argv.filter(word => /delete|log-file/.test(word))).toEqual([]);
  });

  it('clears the clone away without a limit in a first pass over its files', () => {
    const argv = passArgv(commonTerms(current, current), {
      ...pass,
      kind: 'full',
      seeded: true,
      checksum: true,
    });
    expect(argv).toContain('--delete-delay');
    expect(argv).toContain('--checksum');
    expect(argv.some(word => word.startsWith('--max-delete'))).toBe(false);
  });

  it('takes only what both sides have, and says what is lost', () => {
    for (const terms of [commonTerms(current, el7), commonTerms(el7, current)]) {
      const argv = passArgv(terms, pass);
      expect(argv).not.toContain('--modify-window=-1');
      expect(argv).not.toContain('--open-noatime');
      expect(argv.join(' ')).not.toContain('zstd');
      expect(verifyArgv(terms, pass).join(' ')).not.toContain('xxh128');
      expect(terms.losses.join(' ')).toContain('whole seconds');
    }
    const bare = commonTerms({ ...current, acls: false, xattrs: false }, current);
    expect(passArgv(bare, pass)).toContain('-aHx');
    expect(bare.losses).toHaveLength(2);
    expect(commonTerms(current, current).losses).toEqual([]);
  });

  it('does without the options of 3.1.0 on older versions', () => {
    const argv = passArgv(commonTerms({ ...el7, version: '3.0.6' }, current), pass);
    expect(argv).toContain('--stats');
    expect(argv.some(word => /^--(info|outbuf|no-h)/.test(word))).toBe(false);
  });

  it('asks FAT for nothing it cannot keep', () => {
    const argv = passArgv(commonTerms(current, current), { ...pass, mountpoint: '/boot/efi', type: 'vfat' });
    expect(argv.slice(2, 6)).toEqual(['rsync', '-rtx', '--modify-window=1', '--no-inc-recursive']);
    expect(argv.slice(-2)).toEqual(['/boot/efi/', 'standby:/mnt/t/boot/efi/']);
  });

  it('writes no progress line for each of millions of files', () => {
    const argv = passArgv(commonTerms(current, current), { ...pass, inodesUsed: 3_000_000 });
    expect(argv).toContain('--info=stats2');
  });

  it('compresses with what the sample chose, as far as both sides have it', () => {
    const both = commonTerms(current, current);
    const words = (compress: PassTerms['compress'], terms = both): string[] =>
      passArgv(terms, { ...pass, compress }).filter(word => word.startsWith('--compress'));
    expect(words(undefined)).toEqual(['--compress', '--compress-choice=zstd', '--compress-level=1']);
    expect(words('zlib')).toEqual(['--compress', '--compress-level=1']);
    expect(words('none')).toEqual([]);
    expect(words('lz4', { ...both, lz4: true })).toEqual(['--compress', '--compress-choice=lz4']);
    expect(words('lz4', { ...both, lz4: false })).toEqual([]);
    expect(compressions({ zstd: true, lz4: true })).toEqual(['zstd', 'lz4', 'zlib']);
    expect(compressions({ zstd: false, lz4: false })).toEqual(['zlib']);
  });

  it('reads from a snapshot what it writes to the place of the mount', () => {
    const argv = passArgv(commonTerms(current, current), { ...pass, from: '/run/landfall/snap' });
    expect(argv.slice(-2)).toEqual(['/run/landfall/snap/', 'standby:/mnt/t/']);
  });

  it('never lets a limit become "no limit"', () => {
    expect(passArgv(commonTerms(current, current), { ...pass, limit: 10 })).toContain('--bwlimit=1');
  });
});

describe('the command before both versions are known', () => {
  it('promises only words that the command has with any two versions', () => {
    const terms = fc.record({
      modern: fc.boolean(),
      nanoseconds: fc.boolean(),
      acls: fc.boolean(),
      xattrs: fc.boolean(),
      zstd: fc.boolean(),
      lz4: fc.boolean(),
      noatime: fc.boolean(),
      xxh128: fc.boolean(),
      losses: fc.constant([]),
    });
    const kind = fc.constantFrom<PassTerms['kind'] | 'verify'>('full', 'delta', 'verify');
    fc.assert(
      fc.property(terms, kind, fc.constantFrom('ext4', 'vfat'), (agreed, what, type) => {
        const argv = (some: typeof agreed | typeof NOTHING_AGREED): string[] =>
          what === 'verify'
            ? verifyArgv(some, { ...pass, type })
            : passArgv(some, { ...pass, type, kind: what });
        const exact = argv(agreed).map(word => word.replace(/^-aHA?X?x$/, '-aHx'));
        const promised = certainWords(argv(NOTHING_AGREED), []);
        expect(exact.filter(word => promised.includes(word))).toEqual(promised);
      }),
    );
  });
});

describe('the command of a verification', () => {
  it('reads every byte and changes nothing', () => {
    const argv = verifyArgv(commonTerms(current, current), pass);
    for (const word of [
      '--dry-run',
      '--checksum',
      '--itemize-changes',
      '--delete',
      '--checksum-choice=xxh128',
    ])
      expect(argv).toContain(word);
    expect(argv.some(word => word.includes('max-delete') || word.includes('log-file'))).toBe(false);
  });
});

it.each([
  ['3.1.3', true],
  ['3.2.0', true],
  ['3.10.0', true],
  ['v3.1.3pre1', true],
  ['3.1.2', false],
  ['3.0.9', false],
  ['unknown', false],
])('%s is at least 3.1.3: %s', (version, expected) => {
  expect(isAtLeast(version, [3, 1, 3])).toBe(expected);
});

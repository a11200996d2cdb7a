import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excludePatterns, leftOut } from '../../../src/sync/movers/files/exclude.ts';
import { parseLook, splitTree, type Weights, without } from '../../../src/sync/movers/files/shards.ts';

/** Names that are hard on patterns, separators and prefixes. */
const name = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'lib',
    '-rf',
    '+ x',
    '- *',
    '*',
    '**',
    '[a]',
    'a\\b',
    '\\',
    'é',
    '\n',
    ' ',
    '#;',
    '!',
  ),
  fc
    .string({ minLength: 1, maxLength: 6 })
    .filter(text => !/[/\0]/.test(text) && text !== '.' && text !== '..'),
);

/** A tree: files by path, with their sizes. */
const tree = fc
  .uniqueArray(fc.record({ path: fc.array(name, { minLength: 1, maxLength: 5 }), size: fc.nat(1000) }), {
    minLength: 1,
    maxLength: 40,
    selector: ({ path }) => path.join('/'),
  })
  .map(files =>
    files.filter(
      ({ path }) =>
        !files.some(
          other => other.path.length > path.length && path.every((part, at) => other.path[at] === part),
        ),
    ),
  );

type Files = readonly { readonly path: readonly string[]; readonly size: number }[];

function weigh(files: Files, large: number): Weights {
  const directories = new Map<string, number>();
  let total = 0;
  for (const { path, size } of files) {
    total += size;
    for (let depth = 1; depth < Math.min(path.length, 4); depth += 1) {
      const at = `/${path.slice(0, depth).join('/')}`;
      directories.set(at, (directories.get(at) ?? 0) + size);
    }
  }
  const big = files
    .filter(({ size }) => size > large)
    .map(({ path, size }) => [`/${path.join('/')}`, size] as const);
  return { total, directories, files: new Map(big) };
}

describe('a tree that several streams copy', () => {
  it('has every path in one part at most, and none within another', () => {
    fc.assert(
      fc.property(tree, fc.integer({ min: 1, max: 6 }), (files, streams) => {
        const weights = weigh(files, 500);
        const parts = splitTree(weights, streams);
        expect(parts.length).toBeLessThan(Math.max(1, streams));
        const paths = parts.flatMap(part => part.paths);
        for (const [at, path] of paths.entries()) {
          const bare = path.replace(/\/$/, '');
          expect(path.endsWith('/') ? weights.directories.has(bare) : weights.files.has(bare)).toBe(true);
          for (const [other, against] of paths.entries())
            expect(other !== at && `${against.replace(/\/$/, '')}/`.startsWith(`${bare}/`)).toBe(false);
        }
        expect(parts.reduce((sum, part) => sum + part.bytes, 0)).toBeLessThanOrEqual(weights.total);
      }),
    );
  });

  it('takes large directories apart and shares them out evenly', () => {
    const directories = new Map<string, number>();
    for (let at = 0; at < 16; at += 1) directories.set(`/var/lib/app${at}`, 10e9);
    directories.set('/var/lib', 160e9).set('/var', 170e9).set('/usr', 10e9);
    const parts = splitTree({ total: 180e9, directories, files: new Map() }, 4);
    const rest = 180e9 - parts.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const bytes of [rest, ...parts.map(part => part.bytes)]) {
      expect(bytes).toBeGreaterThan(35e9);
      expect(bytes).toBeLessThan(55e9);
    }
  });

  it('gives a huge file a stream of its own, and leaves one stream where there is nothing to share', () => {
    const files = new Map([['/srv/images/disk.img', 90e9]]);
    const directories = new Map([
      ['/srv', 90e9],
      ['/srv/images', 90e9],
    ]);
    expect(splitTree({ total: 100e9, directories, files }, 3)).toEqual([
      { bytes: 90e9, paths: ['/srv/images/disk.img'] },
    ]);
    expect(splitTree({ total: 5, directories: new Map(), files: new Map() }, 4)).toEqual([]);
    expect(splitTree({ total: 0, directories: new Map(), files: new Map() }, 4)).toEqual([]);
  });

  it('is left alone where hard links would be copied name by name: ten old backups may be one by their bytes', () => {
    const directories = new Map(Array.from({ length: 10 }, (_, at) => [`/backup.${at}`, 1e9] as const));
    const weights = { total: 10e9, directories, files: new Map<string, number>() };
    expect(splitTree({ ...weights, linked: 0.5e9 }, 4)).toHaveLength(3);
    expect(splitTree({ ...weights, linked: 9e9 }, 4)).toEqual([]);
    const said = Buffer.from('200\t/srv\0\x0010 /srv/big\0\x0077\0');
    expect(parseLook(said, '/srv')).toEqual({
      total: 200,
      directories: new Map(),
      files: new Map([['/big', 5120]]),
      linked: 77 * 512,
    });
  });

  it('names no more than the journal can carry', () => {
    const directories = new Map<string, number>(
      Array.from({ length: 5000 }, (_, at) => [`/home/u${at}`, 1e6] as const),
    );
    directories.set('/home', 5e9);
    const parts = splitTree({ total: 5e9, directories, files: new Map() }, 4);
    expect(parts.flatMap(({ paths }) => paths).length).toBeLessThanOrEqual(300);
  });

  it('does not count what no pass copies', () => {
    const weights = {
      total: 100,
      directories: new Map([
        ['/tmp', 40],
        ['/var', 60],
        ['/var/tmp', 20],
        ['/var/tmp/x', 20],
      ]),
      files: new Map([['/tmp/big', 40]]),
    };
    const left = without(weights, ['/tmp', '/var/tmp', '/nothing']);
    expect(left).toEqual({ total: 40, directories: new Map([['/var', 40]]), files: new Map() });
  });

  it('is read from what du and find have said, whatever the names are', () => {
    const said = Buffer.concat([
      Buffer.from('12\t/srv/a\nb\x00100\t/srv/- *\0'),
      Buffer.from([0x35, 0x09, 0x2f, 0x73, 0x72, 0x76, 0x2f, 0xff, 0x00]),
      Buffer.from('200\t/srv\0\x0010 /srv/- */big one\0'),
    ]);
    expect(parseLook(said, '/srv')).toEqual({
      total: 200,
      directories: new Map([
        ['/a\nb', 12],
        ['/- *', 100],
      ]),
      files: new Map([['/- */big one', 5120]]),
    });
    expect(parseLook(Buffer.from('du: unrecognized option\0'), '/')).toBeUndefined();
    expect(parseLook(Buffer.from('7\t/\x003\t/etc\0\0'), '/')).toEqual({
      total: 7,
      directories: new Map([['/etc', 3]]),
      files: new Map(),
    });
  });
});

describe('the rules of a stream', () => {
  const facts = {
    mountpoint: '/',
    type: 'ext4',
    mountpoints: ['/', '/srv'],
    swap: ['/swap'],
    planned: ['/var/cache/'],
  };

  it('come after what no stream takes', () => {
    const only = excludePatterns({ ...facts, share: { kind: 'only', paths: ['/var/lib/', '/a[b/c.img'] } });
    const at = only.indexOf('+ /var/');
    expect(only.indexOf('/var/cache')).toBeLessThan(at);
    expect(only.slice(at)).toEqual([
      '+ /var/',
      '+ /a\\[b/',
      '+ /var/lib',
      '+ /var/lib/**',
      '+ /a\\[b/c.img',
      '+ /a\\[b/c.img/**',
      '- *',
    ]);
    const but = excludePatterns({ ...facts, share: { kind: 'but', paths: ['/var/lib/', '/a[b/c.img'] } });
    expect(but.slice(-2)).toEqual(['/var/lib', '/a\\[b/c.img']);
  });

  it('know what is left out by name', () => {
    expect(leftOut(facts)).toEqual(expect.arrayContaining(['/proc', '/srv', '/swap', '/var/cache']));
    expect(leftOut({ ...facts, mountpoint: '/srv' })).toEqual([]);
  });
});

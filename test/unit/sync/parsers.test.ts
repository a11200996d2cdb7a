import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseItem, unescapeName } from '../../../src/sync/movers/files/items.ts';
import { createLineCutter } from '../../../src/sync/movers/files/lines.ts';
import { createOutputReader, type Progress, parseProgress } from '../../../src/sync/movers/files/progress.ts';
import { parseCount, parseStats } from '../../../src/sync/movers/files/stats.ts';
import { classifyLine, createStderrReader } from '../../../src/sync/movers/files/stderr.ts';

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../../fixtures/rsync/${name}`, import.meta.url));

/** Cuts bytes at the given places, wherever they fall. */
function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, index) => bytes.subarray(places[index - 1] ?? 0, end));
}

function readOutput(chunks: readonly Buffer[]): { last: Progress | undefined; lines: string[] } {
  const reader = createOutputReader();
  let last: Progress | undefined;
  for (const chunk of chunks) last = reader.push(chunk) ?? last;
  return { last, lines: reader.end() };
}

describe('progress', () => {
  it('reads a record with its share of entries', () => {
    expect(
      parseProgress('     72,995,359  99%  313.43MB/s    0:00:00 (xfr#293, to-chk=16/312)      '),
    ).toEqual({
      bytes: 72_995_359,
      rate: Math.round(313.43 * 1024 ** 2),
      transferred: 293,
      left: 16,
      total: 312,
      fraction: 1 - 16 / 312,
    });
  });

  it('gives no share while the total still grows', () => {
    const growing = parseProgress(' 1000   1%    1.00kB/s    0:00:01 (xfr#1, ir-chk=1000/1100)');
    expect(growing).toMatchObject({ left: 1000, total: 1100 });
    expect(growing).not.toHaveProperty('fraction');
  });

  it('reads a record without a share, and one without a known time', () => {
    expect(parseProgress('          2 100%    0.00kB/s    0:00:00  ')).toEqual({ bytes: 2, rate: 0 });
    expect(parseProgress('  32,768   0%    4.00kB/s    ??:??:??')?.bytes).toBe(32_768);
  });

  it('is no other line', () => {
    expect(parseProgress('Number of files: 312 (reg: 305, dir: 4)')).toBeUndefined();
    expect(parseProgress('12 100% of nothing')).toBeUndefined();
  });

  it.each(['full', 'delta', 'noop', 'human', 'grouped', 'inc-recursive'])(
    'reads the recorded pass "%s" alike at any cut',
    name => {
      const bytes = fixture(`3.5.0/${name}.out`);
      const whole = readOutput([bytes]);
      const stats = parseStats(whole.lines);
      expect(stats).toBeDefined();
      fc.assert(
        fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 40 }), cuts => {
          const cut = readOutput(chunksOf(bytes, cuts));
          expect(cut.lines).toEqual(whole.lines);
          expect(cut.last).toEqual(whole.last);
        }),
        { numRuns: 40 },
      );
    },
  );

  it('keeps memory bounded, whatever comes', () => {
    const reader = createOutputReader();
    for (let index = 0; index < 2000; index += 1) reader.push(Buffer.alloc(1000, 0x78));
    for (let index = 0; index < 1000; index += 1) reader.push(Buffer.from(`line ${index}\n`));
    const lines = reader.end();
    expect(lines).toHaveLength(200);
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(4096);
  });
});

describe('statistics', () => {
  it('reads all figures of a recorded first pass', () => {
    const { lines, last } = readOutput([fixture('3.5.0/full.out')]);
    expect(parseStats(lines)).toMatchObject({
      files: 45,
      regularFiles: 41,
      filesTransferred: 40,
      filesDeleted: 0,
      matchedBytes: 0,
      literalBytes: 817_540,
    });
    expect(last?.fraction).toBe(1);
  });

  it('reads figures however they are grouped', () => {
    const plain = parseStats(readOutput([fixture('3.5.0/noop.out')]).lines);
    const grouped = parseStats(readOutput([fixture('3.5.0/grouped.out')]).lines);
    expect(plain?.totalBytes).toBe(811_600);
    expect(grouped?.totalBytes).toBe(811_597);
    expect(parseCount('73.022.143')).toBe(73_022_143);
    expect(parseCount("73'022'143")).toBe(73_022_143);
    expect(parseCount('73.02M')).toBe(73_020_000);
  });

  it('reads the wording before 3.1.0, without created and deleted files', () => {
    const stats = parseStats(readOutput([fixture('3.0.9/stats.out')]).lines);
    expect(stats).toMatchObject({
      files: 312,
      regularFiles: 312,
      filesTransferred: 304,
      filesDeleted: 0,
      literalBytes: 73_018_351,
    });
  });

  it('is undefined where the figures are not complete', () => {
    const lines = readOutput([fixture('3.5.0/full.out')]).lines;
    for (const start of ['Number of files:', 'Total file size', 'Literal data', 'Total bytes sent'])
      expect(parseStats(lines.filter(line => !line.startsWith(start)))).toBeUndefined();
  });
});

describe('items', () => {
  const itemsOf = (name: string) =>
    fixture(name)
      .toString('latin1')
      .split('\n')
      .flatMap(line => parseItem(line) ?? []);

  it('reads the item log of a delta pass', () => {
    const items = itemsOf('3.5.0/delta.items');
    expect(items.map(({ change, name }) => [change.trim(), name.toString('latin1')])).toEqual(
      expect.arrayContaining([
        ['<f.st......', 'd1/f3'],
        ['*deleting', 'd1/f7'],
        ['.d..t......', '.'],
      ]),
    );
    expect(items.find(item => item.name.includes('odd'))?.name).toEqual(
      Buffer.concat([Buffer.from('odd \n\t\x1b'), Buffer.from([0xff]), Buffer.from(' é \\#012')]),
    );
    expect(items.find(item => item.name.toString() === 'd1/f3')).toMatchObject({ size: 3000, bytes: 3043 });
  });

  it('tells statistics and notes from items', () => {
    expect(parseItem('2026/11/22 04:16:29 [21264] building file list')).toBeUndefined();
    expect(parseItem('2026/11/22 04:16:29 [21264] Literal data: 6647 bytes')).toBeUndefined();
    expect(parseItem('Literal data: 6647 bytes')).toBeUndefined();
  });

  it('knows deletions and directories', () => {
    expect(parseItem('*deleting  |0|0|d1/f20')).toMatchObject({ isDeletion: true, isDirectory: false });
    expect(parseItem('*deleting  |0|0|old/')).toMatchObject({ isDeletion: true, isDirectory: true });
    expect(parseItem('cd+++++++++|4096|0|new/')).toMatchObject({ isDirectory: true });
    expect(parseItem('<f+++++++++|5|9|a|b|c')?.name.toString()).toBe('a|b|c');
  });

  it('undoes the escapes of any name', () => {
    const escapeName = (bytes: Uint8Array): string =>
      Buffer.from(bytes)
        .toString('latin1')
        .replace(
          /\\(?=#[0-7]{3})|[^\x20-\x7e]/g,
          char => `\\#${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
        );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        expect(unescapeName(escapeName(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe('lines', () => {
  it('come out alike at any cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(), { maxLength: 10 }), (raw, cuts) => {
        const bytes = Buffer.from(raw.map(byte => (byte % 5 === 0 ? 10 : byte)));
        const read = (chunks: readonly Buffer[]): string[] => {
          const lines: string[] = [];
          const cutter = createLineCutter({ ends: 'newline', onLine: line => lines.push(line) });
          for (const chunk of chunks) cutter.push(chunk);
          cutter.end();
          return lines;
        };
        expect(read(chunksOf(bytes, cuts))).toEqual(read([bytes]));
        expect(read([bytes]).join('\n')).toBe(bytes.toString('latin1').replace(/\n$/, ''));
      }),
    );
  });
});

describe('standard error', () => {
  it.each([
    ['file has vanished: "/src/f6"', 'vanished'],
    ['rsync: [receiver] write failed on "/t/f2": No space left on device (28)', 'space'],
    ['rsync: [sender] send_files failed to open "/etc/secret": Permission denied (13)', 'permission'],
    ['root@10.0.0.1: Permission denied (publickey).', 'ssh-auth'],
    ['Host key verification failed.', 'ssh-host-key'],
    ['ssh: connect to host 10.0.0.1 port 22: Connection refused', 'ssh-unreachable'],
    ['Timeout, server 10.0.0.1 not responding.', 'ssh-lost'],
    ['rsync: connection unexpectedly closed (0 bytes received so far) [sender]', 'ssh-lost'],
    ['[sender] io timeout after 2 seconds -- exiting', 'io-timeout'],
    ['protocol version mismatch -- is your shell clean?', 'protocol-noise'],
    ['WARNING: a/b failed verification -- update discarded (will try again).', 'failed-verification'],
    ['rsync: [receiver] mkstemp "/t/.x" failed: Read-only file system (30)', 'read-only'],
    ['rsync: read errors mapping "/x": Input/output error (5)', 'io'],
    ['landfall-recv: refused: the option --sender', 'not-allowed'],
    ['landfall-recv: not mounted: /mnt/t/srv', 'not-mounted'],
    ['Deletions stopped due to --max-delete limit (1 skipped)', 'delete-limit'],
    [
      'rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1)',
      'summary',
    ],
    ['anything else', 'other'],
  ])('reads %j as %s', (line, kind) => {
    expect(classifyLine(line)).toBe(kind);
  });

  it('counts all and keeps few, as harmless text', () => {
    const reader = createStderrReader();
    for (let index = 0; index < 500; index += 1)
      reader.push(Buffer.from(`file has vanished: "/src/\x1b[2J${index}"\n`));
    const complaints = reader.end();
    expect(complaints.count('vanished')).toBe(500);
    expect(complaints.first('vanished')).toHaveLength(20);
    expect(complaints.tail).toHaveLength(60);
    expect(complaints.tail.join('')).not.toContain('\x1b');
  });
});

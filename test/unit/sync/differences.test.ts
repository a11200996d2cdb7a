import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  changeTimesArgv,
  changeTimesInput,
  classify,
  createDifferenceList,
  type Difference,
  parseChangeTimes,
} from '../../../src/sync/differences.ts';

const root = mkdtempSync(path.join(tmpdir(), 'landfall-differences-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const file = (name: string | Buffer, isDeletion = false): Difference => ({
  name: Buffer.from(name),
  change: isDeletion ? '*deleting' : '<f.st......',
  isDeletion,
});

async function timesOf(differences: readonly Difference[]): Promise<(number | undefined)[] | undefined> {
  const [program, ...args] = changeTimesArgv(root);
  const { stdout } = await execa(program, args, { input: changeTimesInput(differences) });
  return parseChangeTimes(stdout, differences.length);
}

describe('change times', () => {
  it('come for any name, in order, and say what is gone', async () => {
    const odd = Buffer.concat([Buffer.from("-n 'a' $(b)\n\\ \t"), Buffer.from([0xff, 0xfe])]);
    mkdirSync(path.join(root, 'dir'));
    writeFileSync(path.join(root, 'dir/plain'), '');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), odd]), '');
    const before = Date.now() - 60_000;
    const times = await timesOf([
      file(odd),
      file('gone'),
      file('dir/plain'),
      file('.'),
      file('dir/gone/deep', true),
    ]);
    expect(times?.map(time => time !== undefined && time > before)).toEqual([true, false, true, true, true]);
    // A path that is gone at the source is asked for by the nearest directory that is there.
    const [ofDirectory, ofMissing] = (await timesOf([file('dir'), file('dir/gone/deep', true)])) ?? [];
    expect(ofMissing).toBe(ofDirectory);
  });

  it('are not taken for an answer when there are too few', () => {
    expect(parseChangeTimes('1.5\n', 2)).toBeUndefined();
    expect(parseChangeTimes('', 0)).toEqual([]);
    expect(parseChangeTimes('12.5\n-\n13\n', 3)).toEqual([12_500, undefined, 13_000]);
  });
});

describe('the verdict on a difference', () => {
  it('is live exactly where the inode changed since the pass began, or is gone', () => {
    const paths = fc.array(fc.record({ at: fc.option(fc.double({ min: 0, max: 2e6, noNaN: true })) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(paths, fc.integer({ min: 1, max: 2_000_000 }), (list, since) => {
        const differences = list.map((_, index) => file(`f${index}`));
        const times = list.map(({ at }) => at ?? undefined);
        const { live, mismatches } = classify('/srv', differences, times, since);
        expect(live + mismatches.length).toBe(list.length);
        const old = times.filter(time => time !== undefined && time + 999 < since).length;
        const fresh = times.filter(time => time === undefined || time >= since).length;
        expect(mismatches.length).toBeGreaterThanOrEqual(old);
        expect(live).toBeGreaterThanOrEqual(fresh);
      }),
    );
  });

  it('names the path as it is on the machine, harmless', () => {
    const { mismatches } = classify('/srv', [file('a\x1b[2Jb'), file('.')], [0, 0], 5000);
    expect(mismatches).toEqual(['<f.st...... /srv/a\\x1b[2Jb', '<f.st...... /srv']);
    expect(classify('/', [file('etc/x', true)], [0], 5000).mismatches).toEqual(['*deleting /etc/x']);
  });

  it('counts what was not looked into', () => {
    const list = createDifferenceList(2);
    for (const name of ['a', 'b', 'c', 'd'])
      list.add({ ...file(name), isDirectory: false, size: 0, bytes: 0 });
    expect(list.differences).toHaveLength(2);
    expect(list.uncounted).toBe(2);
  });
});

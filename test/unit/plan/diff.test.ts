import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffPlans } from '../../../src/plan/diff.ts';
import { changed, SOUND } from './sound-plan.ts';

describe('diffPlans', () => {
  it('is empty where nothing changed, whatever the line ends', () => {
    expect(diffPlans(SOUND, SOUND)).toBe('');
    expect(diffPlans(SOUND, SOUND.replaceAll('\n', '\r\n'))).toBe('');
  });

  it('shows each change with two lines around it and the line numbers of both', () => {
    expect(diffPlans(SOUND, changed(['in 4d6h', 'in 3d6h'], ['    after: [db1]\n', '']))).toBe(
      [
        '@@ -4 +4 @@',
        '  deadline:',
        '    earliest: in 3d4h',
        '-   expected: in 4d6h',
        '+   expected: in 3d6h',
        '  sites:',
        '    miami: { role: source }',
        '@@ -33 +33 @@',
        '      target: { hypervisor: dal-kvm1, image: debian-12, network: dal-servers, address: 10.20.4.51 }',
        '      exclude: [/var/tmp]',
        '-     after: [db1]',
      ]
        .join('\n')
        .replace('@@ -4 +4 @@', '@@ -3 +3 @@'),
    );
  });

  it('shows no escape sequence and no password', () => {
    const diff = diffPlans('a: 1\n', 'a: \u001b[2J\npassword: hunter2\n');
    expect(diff).toContain('\\x1b[2J');
    expect(diff).not.toContain('hunter2');
  });

  const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd: 1', 'e:'), { maxLength: 30 });
  it('leads from the old text to the new one, with as few lines as the longest common part allows', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = diffPlans(before.join('\n'), after.join('\n'));
        const marked = diff === '' ? [] : diff.split('\n').filter(line => !line.startsWith('@@'));
        const removed = marked.filter(line => line.startsWith('-')).map(line => line.slice(2));
        const added = marked.filter(line => line.startsWith('+')).map(line => line.slice(2));
        expect(before.length - removed.length).toBe(after.length - added.length);
        expect(before.length - removed.length).toBe(commonLength(before, after));
        expect([...before, ...added].sort()).toEqual([...after, ...removed].sort());
      }),
    );
  });

  it('of two huge texts is quick and complete', () => {
    const many = (word: string): string => Array.from({ length: 4000 }, (_, i) => `${word}${i}`).join('\n');
    expect(diffPlans(many('a'), many('b')).split('\n')).toHaveLength(8001);
  });
});

/** The textbook recursion, as an independent check. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  let row = Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const next = [0];
    for (const [j, y] of b.entries()) {
      next.push(x === y ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

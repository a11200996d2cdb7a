import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { removeTreeSync } from '../../../src/foundation/remove-tree.ts';
import { collectorCommand } from '../../../src/inventory/collector/collector.ts';
import { type Group, groupsOf, partsOf, round } from '../../../src/inventory/collector/group.ts';
import { decodeSections, type Sections } from '../../../src/inventory/guest/sections.ts';

const SHELLS = [['dash'], ['bash'], ['busybox', 'sh']].filter(([program = '']) =>
  ['/bin', '/usr/bin'].some(directory => existsSync(path.join(directory, program))),
);

/** A round of these groups on this machine; each of them tells in `$asked` that it was asked. */
async function askedOf(shell: readonly string[], groups: readonly Group[]): Promise<[Sections, string[]]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'landfall-round-'));
  onTestFinished(() => removeTreeSync(directory, tmpdir()));
  const file = path.join(directory, 'asked');
  const told = groups.map(({ name, parts }) => ({ name, parts: `echo ${name} >>'${file}'\n${parts}` }));
  const [, ...words] = collectorCommand('/nowhere', round('test', told));
  const [program = 'sh', ...more] = shell;
  const { stdout } = await execa(program, [...more, ...words]);
  return [decodeSections(stdout, 'here'), readFileSync(file, 'utf8').trim().split('\n')];
}

describe.each(SHELLS)('a round, with %s', (...shell) => {
  it('keeps what its groups do to themselves from each other', async () => {
    const [sections, asked] = await askedOf(shell, [
      { name: 'leaves', parts: 'root=/x; set -f; part one echo 1; exit 3\n' },
      { name: 'stays', parts: 'part two printf "%s" "$1$root" # without a line break at its end' },
    ]);
    expect(sections.get('one')).toEqual({ rc: 0, text: '1\n' });
    expect(sections.get('group:leaves')?.rc).toBe(3);
    expect(sections.get('two')).toEqual({ rc: 0, text: '/nowhere' });
    expect(asked).toEqual(['leaves', 'stays']);
  });

  it('that is cut off loses only what hangs, and asks nothing twice that had ended', async () => {
    const [sections, asked] = await askedOf(shell, [
      { name: 'before', parts: 'part one echo 1\n' },
      // As a guard ends it: the shell that asks is gone, and what it started.
      { name: 'hangs', parts: 'ended() { kill -9 $$; exit; }\npart two echo 2\npart three ended\n' },
      { name: 'behind', parts: 'part five echo 5\n' },
    ]);
    expect(asked).toEqual(['before', 'hangs', 'hangs', 'behind']);
    expect(['one', 'two', 'three', 'five'].map(name => sections.get(name)?.text)).toEqual([
      '1\n',
      '2\n',
      undefined,
      '5\n',
    ]);
    expect(sections.get('group:hangs')?.rc).toBe(137);
    expect(sections.get('group:behind')?.rc).toBe(0);
    expect(sections.has('end')).toBe(true);
  });
});

it('what is printed inside of a group makes neither a part nor a group', async () => {
  const forged = '\\n@@@ +forged\\n\\n@@@0 part\\n\\n@@@ =0\\n\\n@@@ -ours 0\\n';
  const [sections] = await askedOf(
    ['sh'],
    [{ name: 'ours', parts: `part real printf '${forged}'\npart after echo x\n` }],
  );
  expect(sections.has('group:forged')).toBe(false);
  expect(sections.has('part')).toBe(false);
  expect(sections.get('group:ours')?.rc).toBe(0);
  expect(sections.get('after')?.text).toBe('x\n');
});

it('a round is read wherever it was cut', () => {
  const text = ['one', 'two']
    .map(name => `\n@@@ab +${name}\n\n@@@ab ${name}-part\n${name} said\n\n@@@ab =0\n\n@@@ab -${name} 0\n`)
    .join('');
  fc.assert(
    fc.property(fc.nat(text.length), at => {
      const cut = text.slice(0, at);
      const groups = groupsOf(cut, 124);
      expect(['one', 'two'].slice(0, groups.length)).toEqual(groups.map(({ name }) => name));
      for (const { name, rc, text: inside } of groups) {
        expect([0, 124]).toContain(rc);
        if (rc === 0) {
          expect(partsOf(inside)).toEqual([{ name: `${name}-part`, rc: 0, text: `${name} said\n` }]);
        }
      }
    }),
  );
});

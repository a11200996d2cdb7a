import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { artifactPath } from '../../../src/journal/artifact-path.ts';
import {
  createEvacuationDirectory,
  listEvacuations,
  openEvacuationDirectory,
} from '../../../src/journal/directory.ts';
import type { EventOf } from '../../../src/journal/events.ts';
import { planHash } from '../../../src/journal/plan-file.ts';
import { tempDir } from './temp.ts';

const planText = 'name: miami\n';
const create = (root: string, name = 'miami') => createEvacuationDirectory(root, name, { planText });

describe('an evacuation directory', () => {
  test('is made complete and private', async () => {
    const root = join(await tempDir(), 'state', 'evacuations');
    const directory = await create(root);
    expect((await readdir(directory.path)).sort()).toEqual([
      '.gitignore',
      'inventories',
      'logs',
      'notes.md',
      'plan.yaml',
      'plans',
      'reports',
    ]);
    expect((await stat(directory.path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory.path, 'plan.yaml'))).mode & 0o777).toBe(0o600);
    expect(await directory.frozenPlan()).toEqual({ text: planText, hash: planHash(planText) });
    expect(await readdir(root)).toEqual(['miami']);
  });

  test('is made once, however many try', async () => {
    const root = await tempDir();
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => create(root)));
    expect(outcomes.filter(o => o.status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'state.exists' });
    }
    expect(await readdir(root)).toEqual(['miami']);
  });

  test('that a crash left half-made is completed', async () => {
    const root = await tempDir();
    await mkdir(join(root, 'miami', 'logs'), { recursive: true });
    expect(await listEvacuations(root)).toEqual([]);
    const directory = await create(root);
    expect(await directory.writeArtifact('reports/x.md', 'x')).toBe(join(root, 'miami/reports/x.md'));
    await expect(create(root)).rejects.toMatchObject({ code: 'state.exists' });
  });

  test('does not replace a file of that name', async () => {
    const root = await tempDir();
    await writeFile(join(root, 'miami'), 'mine');
    await expect(create(root)).rejects.toMatchObject({ code: 'state.exists' });
    expect(await readFile(join(root, 'miami'), 'utf8')).toBe('mine');
  });

  test.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    '/etc',
    'Miami',
    '-x',
    'x-',
    'a b',
    'a\n',
    'a\0',
    '.git',
    'x'.repeat(64),
    'ü',
  ])('cannot be called %j', async name => {
    const root = await tempDir();
    await expect(create(root, name)).rejects.toMatchObject({ code: 'usage' });
    await expect(openEvacuationDirectory(root, name)).rejects.toMatchObject({ code: 'usage' });
    expect(await readdir(root)).toEqual([]);
  });

  test('that is absent is named with those that are there', async () => {
    const root = await tempDir();
    await create(root, 'tampa');
    await expect(openEvacuationDirectory(root, 'miami')).rejects.toMatchObject({
      code: 'state.absent',
      facts: { evidence: ['evacuations here: tampa'] },
    });
    expect((await openEvacuationDirectory(root, 'tampa')).name).toBe('tampa');
  });

  test('is listed by name; what is none is not', async () => {
    const root = await tempDir();
    expect(await listEvacuations(join(root, 'absent'))).toEqual([]);
    await create(root, 'tampa');
    await create(root, 'miami');
    await mkdir(join(root, 'empty'));
    await mkdir(join(root, '.miami.new-x'));
    await writeFile(join(root, 'file'), '');
    expect(await listEvacuations(root)).toEqual(['miami', 'tampa']);
  });
});

describe('the frozen plan', () => {
  test('is replaced only after the acceptance is durable, and every text stays', async () => {
    const directory = await create(await tempDir());
    const accepted: EventOf<'plan.accepted'>[] = [];
    const frozen = await directory.acceptPlan('name: miami # 2\n', '+ # 2', async body => {
      expect((await directory.frozenPlan()).text).toBe(planText);
      accepted.push(body);
    });
    expect(accepted).toEqual([{ type: 'plan.accepted', planHash: frozen.hash, diff: '+ # 2' }]);
    expect(await directory.frozenPlan()).toEqual(frozen);
    expect((await readdir(join(directory.path, 'plans'))).sort()).toEqual(
      [`${planHash(planText)}.yaml`, `${frozen.hash}.yaml`].sort(),
    );
  });

  test('is the accepted one even where a crash came before the file was replaced', async () => {
    const directory = await create(await tempDir());
    const crash = directory.acceptPlan('new', '', () => Promise.reject(new Error('killed after the fsync')));
    await expect(crash).rejects.toThrow('killed');
    expect((await directory.frozenPlan(planHash('new'))).text).toBe('new');
    expect((await directory.frozenPlan(planHash(planText))).text).toBe(planText);
    expect((await directory.frozenPlan('0'.repeat(64))).text).toBe(planText);
  });

  test('stays where the acceptance could not be journalled', async () => {
    const directory = await create(await tempDir());
    const refused = directory.acceptPlan('other', '', () => Promise.reject(new Error('disk full')));
    await expect(refused).rejects.toThrow('disk full');
    expect((await directory.frozenPlan()).text).toBe(planText);
  });
});

describe('artifacts', () => {
  test('are written whole into folders that come into being, and replaced', async () => {
    const directory = await create(await tempDir());
    const path = await directory.writeArtifact('logs/web1/pass-1.log', new Uint8Array([0, 255, 10]));
    expect(path).toBe(join(directory.path, 'logs/web1/pass-1.log'));
    expect([...(await readFile(path))]).toEqual([0, 255, 10]);
    await directory.writeArtifact('logs/web1/pass-1.log', 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(join(directory.path, 'logs/web1'))).toEqual(['pass-1.log']);
  });

  test.each([
    '',
    'logs',
    'logs/',
    'logs/../plan.yaml',
    'logs/./x',
    '/etc/passwd',
    '../x',
    'journal.jsonl',
    'plan.yaml',
    'lock',
    '.git/hooks/pre-commit',
    'plans/x',
    'logs/.hidden',
    'logs/-rf',
    'logs/a\nb',
    'logs/a\0b',
    'logs/a\\b',
    'logs/a\x1b[2J',
    `logs/${'x'.repeat(300)}`,
  ])('never go to %j', async relative => {
    const directory = await create(await tempDir());
    await expect(directory.writeArtifact(relative, 'x')).rejects.toMatchObject({ code: 'bug' });
  });

  test('stay inside one of the open folders, whatever the name', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('..', '.', '', 'logs', 'a', '/', '\\', '~', '\0'), { maxLength: 6 }),
        parts => {
          let path: string;
          try {
            path = artifactPath('/e', parts.join('/'));
          } catch {
            return;
          }
          expect(path).toMatch(/^\/e\/logs\/[A-Za-z0-9/]+$/);
        },
      ),
    );
  });

  test('report a folder that cannot be used', async () => {
    const directory = await create(await tempDir());
    await symlink('/dev/null', join(directory.path, 'logs', 'web1'));
    await expect(directory.writeArtifact('logs/web1/x', 'x')).rejects.toMatchObject({
      code: 'state.unwritable',
    });
  });
});

import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createEvacuationDirectory, type EvacuationDirectory } from '../../../src/journal/directory.ts';
import { tempDir } from '../../unit/journal/temp.ts';

const git = (directory: EvacuationDirectory, ...args: string[]): string =>
  execFileSync('git', ['-C', directory.path, ...args], { encoding: 'utf8' }).trim();

async function evacuation(): Promise<EvacuationDirectory> {
  return createEvacuationDirectory(await tempDir(), 'miami', { planText: 'name: miami\n' });
}

/** Sets variables of this process for one test: what a hostile or unlucky shell may export. */
function exported(variables: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(variables)) vi.stubEnv(key, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

describe('a milestone', () => {
  test('is a commit by landfall, of everything but lock and sockets', async () => {
    const directory = await evacuation();
    await writeFile(directory.lockPath, 'held');
    await writeFile(join(directory.path, 'engine.sock'), '');
    await directory.writeArtifact('inventories/web1.json', '{}');
    const milestone = await directory.commit('inventory of web1\n\n# not a comment');
    expect(milestone).toEqual({ kind: 'committed', id: expect.stringMatching(/^[0-9a-f]{40,64}$/) });
    expect(git(directory, 'log', '--format=%an <%ae> %B')).toBe(
      'landfall <landfall@localhost> inventory of web1\n\n# not a comment',
    );
    const files = git(directory, 'ls-files').split('\n');
    expect(files).toEqual(expect.arrayContaining(['plan.yaml', 'notes.md', 'inventories/web1.json']));
    expect(files).not.toContain('lock');
    expect(files).not.toContain('engine.sock');
    expect(git(directory, 'status', '--porcelain')).toBe('');
    expect(await directory.commit('nothing new')).toEqual({ kind: 'unchanged' });
  });

  test('of what happens every few minutes waits the longer, the longer the journal is: weeks do not fill the disk', async () => {
    const directory = await evacuation();
    await writeFile(directory.journalPath, 'x'.repeat(20 * 1024 ** 2));
    expect(await directory.commit('pass 1 verified', { routine: true })).toMatchObject({ kind: 'committed' });
    const minutesLater = async (minutes: number) => {
      await appendFile(directory.journalPath, 'another pass');
      const at = Date.now() / 1000 + minutes * 60;
      await utimes(directory.journalPath, at, at);
    };
    await minutesLater(15);
    expect(await directory.commit('pass 2 verified', { routine: true })).toEqual({ kind: 'spared' });
    expect(await directory.commit('the cutover begins')).toMatchObject({ kind: 'committed' });
    await minutesLater(15);
    expect(await directory.commit('pass 3 verified', { routine: true })).toEqual({ kind: 'spared' });
    await minutesLater(150);
    expect(await directory.commit('pass 9 verified', { routine: true })).toMatchObject({ kind: 'committed' });
  });

  test('never holds the script of logins: hashes of passwords would be in it for ever', async () => {
    const directory = await evacuation();
    await directory.writeArtifact('logs/Orders/besides.sql', 'CREATE LOGIN … WITH PASSWORD = 0x0200 HASHED');
    await directory.writeArtifact('logs/Orders/besides-shown.sql', 'CREATE LOGIN …');
    expect(await directory.commit('besides of Orders')).toMatchObject({ kind: 'committed' });
    const files = git(directory, 'ls-files').split('\n');
    expect(files).toContain('logs/Orders/besides-shown.sql');
    expect(files).not.toContain('logs/Orders/besides.sql');
    expect(await directory.commit('nothing new')).toEqual({ kind: 'unchanged' });
  });

  test('asked for many times at once is made one after the other', async () => {
    const directory = await evacuation();
    const milestones = await Promise.all(
      Array.from({ length: 4 }, async (_, index) => {
        await writeFile(join(directory.path, `file-${index}`), 'x');
        return directory.commit(`milestone ${index}`);
      }),
    );
    expect(milestones.map(m => m.kind)).not.toContain('failed');
    expect(git(directory, 'status', '--porcelain')).toBe('');
  });

  test('takes part in no other repository, runs no hook, asks for no key', async () => {
    const root = await tempDir();
    const witness = join(root, 'witness');
    const hooks = join(root, 'hooks');
    await mkdir(hooks);
    for (const hook of ['pre-commit', 'commit-msg', 'post-commit']) {
      await writeFile(join(hooks, hook), `#!/bin/sh\necho ${hook} >> '${witness}'\nexit 1\n`);
      await chmod(join(hooks, hook), 0o755);
    }
    const config = join(root, 'gitconfig');
    await writeFile(
      config,
      `[core]\n  hooksPath = ${hooks}\n[commit]\n  gpgSign = true\n[user]\n  signingKey = nobody\n[init]\n  templateDir = ${hooks}\n`,
    );
    const outer = join(root, 'outer');
    execFileSync('git', ['init', '--quiet', outer]);
    exported({
      GIT_CONFIG_GLOBAL: config,
      GIT_DIR: join(outer, '.git'),
      GIT_WORK_TREE: outer,
      GIT_INDEX_FILE: join(outer, 'index'),
      GIT_AUTHOR_NAME: 'somebody',
      GIT_AUTHOR_DATE: 'nonsense',
    });
    const directory = await createEvacuationDirectory(join(outer, 'evacuations'), 'miami', { planText: 'x' });
    expect(await directory.commit('created')).toMatchObject({ kind: 'committed' });
    vi.unstubAllEnvs();
    await expect(readFile(witness)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readFile(join(outer, 'index'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(git(directory, 'log', '--format=%an %cn')).toBe('landfall landfall');
    expect(execFileSync('git', ['-C', outer, 'log', '--all', '--format=%H'], { encoding: 'utf8' })).toBe('');
  });

  test('that fails is reported, and the next one may succeed', async () => {
    const directory = await evacuation();
    await directory.commit('created');
    const stale = join(directory.path, '.git', 'index.lock');
    await writeFile(stale, '');
    await writeFile(join(directory.path, 'new'), 'x');
    const milestone = await directory.commit('new');
    expect(milestone).toMatchObject({
      kind: 'failed',
      error: {
        code: 'local.command-failed',
        facts: { evidence: expect.arrayContaining([expect.stringContaining('index.lock')]) },
      },
    });
    await rm(stale);
    expect(await directory.commit('new')).toMatchObject({ kind: 'committed' });
  });

  test('is quietly left out where there is no git', async () => {
    const directory = await evacuation();
    const path = (process.env['PATH'] ?? '').split(delimiter);
    expect(path.length).toBeGreaterThan(0);
    exported({ PATH: directory.path });
    expect(await directory.commit('created')).toEqual({ kind: 'no-git' });
  });
});

import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { removeTree } from '../../../src/foundation/remove-tree.ts';
import { REMOVE, STATUS } from '../../../src/remote/job-script.ts';

/** landfall was killed after the job's directory was made and before its supervisor had written its pid. */
test('a job that was cut off in its start is lost, not an error of the shell, and can be removed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'landfall-job-'));
  try {
    await writeFile(join(directory, 'argv'), '4 true\n');
    const status = await execa('sh', ['-c', STATUS, 'sh', directory, '/proc'], { reject: false });
    expect(status).toMatchObject({ exitCode: 0, stderr: '' });
    expect(status.stdout).toMatch(/ lost 0$/);
    const removed = await execa('sh', ['-c', REMOVE, 'sh', directory, '/proc'], { reject: false });
    expect(removed).toMatchObject({ exitCode: 0, stderr: '' });
    const after = await execa('sh', ['-c', STATUS, 'sh', directory, '/proc']);
    expect(after.stdout).toMatch(/ absent$/);
  } finally {
    await removeTree(directory, tmpdir());
  }
}, 30_000);

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { landfall } from '../../support/cli.ts';
import { recordedEvacuation } from '../../support/recorded-evacuation.ts';

async function recorded() {
  const { root, append } = await recordedEvacuation();
  await append({ type: 'note.added', text: 'the NOC has the key' }, 'dana@jump1');
  const cwd = mkdtempSync(join(tmpdir(), 'lf-evidence-cli-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const run = (...argv: string[]) => landfall(argv, { cwd });
  return { root, cwd, run };
}

describe('landfall evidence', () => {
  test('writes a pack that verify-evidence finds whole, and never over another', async () => {
    const { root, cwd, run } = await recorded();
    const packed = await run('evidence', 'storm', '--state', root, '-o', 'pack.tar.gz');
    expect(packed).toMatchObject({ code: 0, err: '' });
    const sha256 = /^sha256 ([0-9a-f]{64})$/m.exec(packed.out)?.[1] ?? '';
    const verified = await run('verify-evidence', 'pack.tar.gz', '--sha256', sha256);
    expect(verified.out).toContain('nothing was changed since the pack was made');
    expect(verified.code).toBe(0);
    expect((await run('verify-evidence', 'pack.tar.gz', '--sha256', 'a'.repeat(64))).code).toBe(1);
    expect((await run('evidence', 'storm', '--state', root, '-o', 'pack.tar.gz')).code).toBe(2);

    const bytes = readFileSync(join(cwd, 'pack.tar.gz'));
    bytes[500] = (bytes[500] ?? 0) ^ 4;
    writeFileSync(join(cwd, 'pack.tar.gz'), bytes);
    const touched = await run('verify-evidence', 'pack.tar.gz');
    expect(touched.code).toBe(1);
    expect(touched.out).toContain('this pack proves nothing');
  });

  test('a dry run lists and writes nothing; the answers for programs have their form', async () => {
    const { root, cwd, run } = await recorded();
    const dry = await run('evidence', 'storm', '--state', root, '--dry-run');
    expect(dry.out).toMatch(/^journal\.jsonl {2}/m);
    expect(readdirSync(cwd)).toEqual([]);
    const said = JSON.parse((await run('evidence', 'storm', '--state', root, '--json')).out) as {
      file: string;
    };
    expect(said).toMatchObject({ v: 1, type: 'evidence', journal: { upTo: 3 } });
    const json = await run('verify-evidence', said.file, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ type: 'verify-evidence', ok: true });
    expect((await run('verify-evidence', 'absent.tar.gz')).code).toBe(2);
  });
});

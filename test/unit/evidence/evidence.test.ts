import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { membersOf, unwrap, wrap } from '../../../src/evidence/archive.ts';
import { recordOf, verifyEvidence } from '../../../src/evidence/index.ts';
import { tarOf } from '../../../src/evidence/pack.ts';
import { type Check, verifyMembers } from '../../../src/evidence/verify.ts';
import type { Event } from '../../../src/journal/events.ts';
import { readState } from '../../../src/journal/read-state.ts';
import { folder, PASSWORD, packed, proven } from './world.ts';

const failed = (checks: readonly Check[]): string[] =>
  checks.filter(({ ok }) => !ok).flatMap(({ name, faults }) => faults.map(each => `${name}: ${each}`));

describe('a pack of evidence', () => {
  test('holds what was done and what proves it, and is found whole', async () => {
    const { archive, members, manifest, sha256 } = await packed(await proven());
    expect([...members.keys()].filter(path => !path.startsWith('plans/'))).toEqual([
      'MANIFEST.json',
      'journal.jsonl',
      'logs/pass-1.log',
      'logs/web1-proof-1-console.log',
      'notes.md',
      'plan.yaml',
      'record.json',
      'SHA256SUMS',
    ]);
    const verified = verifyEvidence(archive);
    expect(failed(verified.checks)).toEqual([]);
    expect(verified).toMatchObject({ ok: true, sha256, manifest });
    expect(verified.judgement?.line).toContain('NOT READY');
  });

  test('any system unpacks and checks it', async () => {
    const { archive } = await packed(await proven());
    const place = folder();
    writeFileSync(join(place, 'pack.tar.gz'), archive);
    execFileSync('tar', ['-xzf', 'pack.tar.gz'], { cwd: place });
    const said = execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], {
      cwd: place,
      encoding: 'utf8',
    });
    expect(said).toContain('journal.jsonl: OK');
  });

  test('is the same bytes from the same files', async () => {
    const evacuation = await proven();
    expect((await packed(evacuation)).sha256).toBe((await packed(evacuation)).sha256);
  });

  test('carries no secret: neither what hosts print nor what may not leave the control machine', async () => {
    const { archive, manifest } = await packed(await proven());
    const all = gunzipSync(archive).toString('latin1');
    expect(all.includes(PASSWORD)).toBe(false);
    expect(all.includes('0x0200AB')).toBe(false);
    expect(all.includes('\xff boot\nPASSWORD=[redacted]')).toBe(true);
    expect(manifest.leftOut).toEqual([
      { path: 'logs/Orders/besides.sql', why: 'it holds hashes of passwords' },
    ]);
  });

  test('is refused where a password stands in what must not be changed', async () => {
    const evacuation = await proven();
    await evacuation.append({ type: 'note.added', text: `use ${PASSWORD}` });
    await expect(packed(evacuation)).rejects.toMatchObject({ code: 'plan.invalid' });
  });

  test('an unfinished last line of a running evacuation is not in it', async () => {
    const evacuation = await proven();
    const path = join(evacuation.directory, 'journal.jsonl');
    const whole = readFileSync(path);
    writeFileSync(path, Buffer.concat([whole, Buffer.from('{"v":1,')]));
    const { archive, members } = await packed(evacuation);
    expect(members.get('journal.jsonl')).toEqual(whole);
    expect(verifyEvidence(archive).ok).toBe(true);
  });
});

describe('a pack that was touched', () => {
  test('any byte of the archive', async () => {
    const { archive } = await packed(await proven());
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const touched = Buffer.from(archive);
        touched[at] = (touched[at] ?? 0) ^ flip;
        expect(verifyEvidence(touched).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
    for (let length = 0; length < 100; length += 1)
      expect(verifyEvidence(archive.subarray(0, length)).ok).toBe(false);
    expect(verifyEvidence(Buffer.concat([archive, archive])).ok).toBe(false);
  });

  test('any byte of any file, packed again: the file is named', async () => {
    const { members } = await packed(await proven());
    const paths = [...members.keys()].filter(path => path !== 'MANIFEST.json');
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (path, where, flip) => {
          const bytes = Buffer.from(members.get(path) ?? '');
          bytes[where % bytes.length] = (bytes[where % bytes.length] ?? 0) ^ flip;
          const { ok, checks } = verifyMembers(new Map(members).set(path, bytes));
          expect(ok).toBe(false);
          expect(failed(checks)).toContain(`files: ${path}: it was changed`);
        },
      ),
    );
  });

  test('a file that is missing, and one that was added', async () => {
    const { members } = await packed(await proven());
    const without = new Map(members);
    without.delete('logs/web1-proof-1-console.log');
    expect(failed(verifyMembers(without).checks)).toEqual([
      'files: logs/web1-proof-1-console.log: it is missing',
      'logs: logs/web1-proof-1-console.log: it is missing; event 3 names it',
    ]);
    expect(failed(verifyMembers(new Map(members).set('logs/new', Buffer.from('x'))).checks)).toEqual([
      'files: logs/new: it was added, MANIFEST.json does not name it',
    ]);
    expect(verifyMembers(new Map([...members].slice(1))).ok).toBe(false);
  });

  test('a log that was lost before the pack was made is named', async () => {
    const evacuation = await proven();
    await evacuation.append({
      type: 'proof.ended',
      ...{ machine: 'db1', proof: 4, pass: 1, verdict: 'failed', startedAt: 1, ms: 1, checks: [] },
      console: 'db1-proof-4-console.log',
    });
    const { archive } = await packed(evacuation);
    expect(failed(verifyEvidence(archive).checks)).toEqual([
      'logs: logs/db1-proof-4-console.log: it is missing; event 6 names it',
    ]);
  });

  test('another plan, and a journal that is not the one whose head was mirrored', async () => {
    const evacuation = await proven();
    const { archive } = await packed(evacuation, { planText: 'version: 1\n' });
    expect(failed(verifyEvidence(archive).checks).map(each => each.split(': ')[0])).toEqual([
      'plan',
      'verdict',
    ]);
    await evacuation.append({
      type: 'mirror.written',
      ...{ hypervisor: 'dal-kvm1', path: '/var/lib/landfall/storm', upTo: 3, head: 'f'.repeat(64) },
    });
    expect(failed(verifyEvidence((await packed(evacuation)).archive).checks)).toEqual([
      'chain: journal.jsonl: event 6 knew another journal up to event 3',
    ]);
  });
});

describe('a hostile archive', () => {
  const tar = (...members: [string, string][]): Promise<Buffer> =>
    tarOf(new Map(members.map(([path, text]) => [path, Buffer.from(text)])), { at: 0, scratch: folder() });

  test.each([
    ['an absolute path', ['--absolute-names', '/tmp']],
    ['a link', ['link']],
    ['a directory', ['folder']],
    ['a name that hides', ['.hidden']],
    ['a path that leads out', ['--absolute-names', 'folder/../.hidden']],
  ])('%s is refused', (_what, words) => {
    const place = folder();
    mkdirSync(join(place, 'folder'));
    writeFileSync(join(place, '.hidden'), '');
    execFileSync('ln', ['-s', '/etc/passwd', 'link'], { cwd: place });
    const made = execFileSync('tar', ['-c', '--no-recursion', '--format=ustar', ...words], { cwd: place });
    expect(() => membersOf(made)).toThrow(/refused/);
    expect(verifyEvidence(wrap(made)).ok).toBe(false);
  });

  test('the same name twice, and something behind a file or the end', async () => {
    const one = await tar(['a', 'x']);
    const entry = one.subarray(0, 1024);
    expect(() => membersOf(Buffer.concat([entry, one]))).toThrow(/twice/);
    const behind = Buffer.from(one);
    behind[600] = 1;
    expect(() => membersOf(behind)).toThrow(/behind a/);
    behind[600] = 0;
    behind[behind.length - 1] = 1;
    expect(() => membersOf(behind)).toThrow(/behind its end/);
    expect(() => membersOf(one.subarray(0, 700))).toThrow(/refused/);
  });

  test('a bomb does not unpack', () => {
    const bomb = wrap(Buffer.alloc(0));
    const body = deflateRawSync(Buffer.alloc(8 * 1024 ** 2));
    expect(body.length).toBeLessThan(16_384);
    expect(() => unwrap(Buffer.concat([bomb.subarray(0, 82), body]))).toThrow(/sum in its head/);
  });

  test('arbitrary bytes are refused, never a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), bytes => {
        expect(verifyEvidence(bytes).ok).toBe(false);
        expect(verifyEvidence(wrap(bytes)).ok).toBe(false);
        expect(verifyMembers(new Map([['MANIFEST.json', Buffer.from(bytes)]])).ok).toBe(false);
      }),
    );
  });
});

test('the record has decisions in the order in which they were taken', async () => {
  const evacuation = await proven();
  const events: Event[] = [];
  await readState(evacuation.root, 'storm', event => events.push(event));
  const record = recordOf(events);
  expect(record.waivers).toMatchObject([{ gate: 'machine/web1/time', by: 'dana@jump1' }]);
  expect(record.proofs).toHaveLength(1);
});

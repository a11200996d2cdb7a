import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openMirror } from '../../../src/evacuation/mirror.ts';
import { mirrorTo } from '../../../src/evacuation/mirror-host.ts';
import { mirrorSource } from '../../../src/evacuation/mirror-source.ts';
import { systemClock } from '../../../src/foundation/clock.ts';
import { LandfallError } from '../../../src/foundation/errors.ts';
import { chainOf } from '../../../src/journal/chain.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import { fold } from '../../../src/journal/fold.ts';
import { type MirrorManifest, readManifest } from '../../../src/journal/mirror-manifest.ts';
import { readState } from '../../../src/journal/read-state.ts';
import { MappedHost } from '../../support/mapped-host.ts';
import { type RecordedEvacuation, recordedEvacuation } from '../../support/recorded-evacuation.ts';
import { planOf, Story } from '../../support/state.ts';

const PLACE = '/var/lib/landfall/storm';
const facts = { at: 1, by: 'dana@jump1:4711', landfall: '0' };

function aHost(id = 'dal-kvm1'): MappedHost {
  const root = mkdtempSync(join(tmpdir(), 'lf-mirror-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return new MappedHost(id, root);
}

function keep({ directory }: RecordedEvacuation, path: string, text: string): void {
  mkdirSync(join(directory, path, '..'), { recursive: true });
  writeFileSync(join(directory, path), text);
}

async function mirror(
  evacuation: RecordedEvacuation,
  host: MappedHost,
  source = mirrorSource(evacuation.directory),
) {
  const snapshot = await source.snapshot();
  await mirrorTo(host, { evacuation: evacuation.name, source, snapshot, facts });
  return snapshot;
}

const manifestOf = (host: MappedHost, at = PLACE): MirrorManifest | undefined =>
  readManifest(readFileSync(host.at(`${at}/mirror.json`), 'utf8'));
const appended = (host: MappedHost): number =>
  host.ran.filter(words => words[2]?.includes('cat >> "$1"')).length;

describe('the copy at the target site', () => {
  test('is plan, journal and logs, for its owner alone, with the head of the chain', async () => {
    const evacuation = await recordedEvacuation();
    keep(evacuation, 'logs/web1-proof-1-console.log', 'boot');
    keep(evacuation, 'logs/Orders/besides.sql', 'CREATE LOGIN x WITH PASSWORD = 0x0200 HASHED');
    keep(evacuation, 'logs/commands.jsonl', '{}\n');
    keep(evacuation, 'logs/large.log', 'x'.repeat(5 * 1024 * 1024));
    const host = aHost();
    await mirror(evacuation, host);
    const journal = readFileSync(join(evacuation.directory, 'journal.jsonl'));
    expect(readFileSync(host.at(`${PLACE}/journal.jsonl`))).toEqual(journal);
    expect(statSync(host.at(PLACE)).mode & 0o777).toBe(0o700);
    for (const file of ['journal.jsonl', 'plan.yaml', 'mirror.json'])
      expect(statSync(host.at(`${PLACE}/${file}`)).mode & 0o777).toBe(0o600);
    const manifest = manifestOf(host);
    expect(manifest?.journal).toMatchObject({ ...chainOf(journal), bytes: journal.length });
    expect(manifest?.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['plan.yaml', 'notes.md', 'logs/web1-proof-1-console.log']),
    );
    expect(manifest?.leftOut.map(({ path }) => path)).toEqual([
      'logs/Orders/besides.sql',
      'logs/commands.jsonl',
      'logs/large.log',
    ]);
    expect(existsSync(host.at(`${PLACE}/logs/Orders/besides.sql`))).toBe(false);
  });

  test('takes only what is new', async () => {
    const evacuation = await recordedEvacuation();
    const host = aHost();
    const source = mirrorSource(evacuation.directory);
    await mirror(evacuation, host, source);
    host.ran.length = 0;
    await mirror(evacuation, host, source);
    expect([appended(host), host.ran.filter(([word]) => word === 'write')]).toEqual([
      0,
      [['write', `${PLACE}/mirror.json`]],
    ]);
    await evacuation.append({ type: 'note.added', text: 'it goes on' });
    // Another process, which knows nothing of the first.
    await mirror(evacuation, host);
    expect(readFileSync(host.at(`${PLACE}/journal.jsonl`), 'utf8')).toContain('it goes on');
    expect(appended(host)).toBe(1);
  });

  test('a part of an append that arrived is completed, not sent twice', async () => {
    const evacuation = await recordedEvacuation();
    const host = aHost();
    await mirror(evacuation, host);
    await evacuation.append({ type: 'note.added', text: 'cut' });
    const journal = readFileSync(join(evacuation.directory, 'journal.jsonl'));
    writeFileSync(host.at(`${PLACE}/journal.jsonl`), journal.subarray(0, journal.length - 7));
    await mirror(evacuation, host);
    expect(readFileSync(host.at(`${PLACE}/journal.jsonl`))).toEqual(journal);
  });

  test('the journal of another control machine is not overwritten', async () => {
    const evacuation = await recordedEvacuation();
    const host = aHost();
    await mirror(evacuation, host);
    appendFileSync(host.at(`${PLACE}/journal.jsonl`), '{"by":"sam@dal-jump1"}\n');
    await evacuation.append({ type: 'note.added', text: 'the old jump host is back' });
    const before = readFileSync(host.at(`${PLACE}/journal.jsonl`));
    await expect(mirror(evacuation, host)).rejects.toMatchObject({ code: 'state.exists' });
    expect(readFileSync(host.at(`${PLACE}/journal.jsonl`))).toEqual(before);
  });

  test('an earlier evacuation of the same name is set aside, whole', async () => {
    const host = aHost();
    const first = await recordedEvacuation();
    await first.append({ type: 'note.added', text: 'of last year' });
    const { journal } = await mirror(first, host);
    await mirror(await recordedEvacuation(), host);
    const aside = `${PLACE}.${journal.born.slice(0, 12)}`;
    expect(readFileSync(host.at(`${aside}/journal.jsonl`), 'utf8')).toContain('of last year');
    expect(readFileSync(host.at(`${PLACE}/journal.jsonl`), 'utf8')).not.toContain('of last year');
  });
});

describe('the mirror of a run', () => {
  const seen: EventBody = {
    type: 'hypervisor.observed',
    ...{ hypervisor: 'dal-kvm1', hostId: 'feedface', version: '9.0.0', cpus: 8, memory: 64e9 },
    ...{ pools: {}, networks: [] },
  };

  async function running(host: MappedHost) {
    const evacuation = await recordedEvacuation();
    mkdirSync(host.at('/etc'), { recursive: true });
    writeFileSync(host.at('/etc/machine-id'), 'feedface\n');
    const said: EventBody[] = [];
    const story = new Story(planOf({ name: 'storm' })).begin().tell(seen);
    const run = openMirror({
      plan: story.plan,
      directory: evacuation.directory,
      state: () => fold([...story.events]),
      host: async () => host,
      append: async event => {
        said.push(event);
        story.tell(event);
      },
      clock: systemClock,
      ...{ by: facts.by, landfall: facts.landfall },
    });
    const note = async (text: string): Promise<void> =>
      run.event(await evacuation.append({ type: 'note.added', text }));
    return { evacuation, run, said, note };
  }

  test('writes after a milestone, tells up to where, and fails without ending anything', async () => {
    const host = aHost();
    const { evacuation, run, said, note } = await running(host);
    await note('one');
    await run.settle();
    const { state } = await readState(evacuation.root, 'storm');
    expect(said.at(-1)).toMatchObject({
      type: 'mirror.written',
      hypervisor: 'dal-kvm1',
      path: PLACE,
      upTo: state.lastSeq,
    });

    host.trouble = new LandfallError('ssh.unreachable', { what: 'dal-kvm1 does not answer', next: [] });
    for (const text of ['two', 'three']) {
      await note(text);
      await run.settle();
    }
    expect(said.filter(({ type }) => type === 'mirror.failed')).toEqual([
      { type: 'mirror.failed', hypervisor: 'dal-kvm1', why: 'dal-kvm1 does not answer' },
    ]);

    host.trouble = undefined;
    await note('four');
    await run.settle();
    expect(said.at(-1)?.type).toBe('mirror.written');
    await evacuation.append({ type: 'note.added', text: 'the last word' });
    const before = said.length;
    await run.close();
    expect(said).toHaveLength(before);
    expect(readFileSync(host.at(`${PLACE}/journal.jsonl`), 'utf8')).toContain('the last word');
  });

  test('nothing is written to a host that is not who it was', async () => {
    const host = aHost();
    const { run, said, note } = await running(host);
    writeFileSync(host.at('/etc/machine-id'), 'somebody else\n');
    await note('one');
    await run.settle();
    expect(said.at(-1)?.type).toBe('mirror.failed');
    expect(existsSync(host.at('/var'))).toBe(false);
  });
});

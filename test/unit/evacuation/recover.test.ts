import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mirrorTo } from '../../../src/evacuation/mirror-host.ts';
import { mirrorSource } from '../../../src/evacuation/mirror-source.ts';
import { mirrorsOn, recover } from '../../../src/evacuation/recover.ts';
import { systemClock } from '../../../src/foundation/clock.ts';
import { createRedactor } from '../../../src/foundation/redact.ts';
import { readState } from '../../../src/journal/read-state.ts';
import { MappedHost } from '../../support/mapped-host.ts';
import { type RecordedEvacuation, recordedEvacuation } from '../../support/recorded-evacuation.ts';

const PLACE = '/var/lib/landfall/storm';

function folder(prefix: string): string {
  const path = mkdtempSync(join(tmpdir(), prefix));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function mirrored(): Promise<{
  evacuation: RecordedEvacuation;
  host: MappedHost;
  mirror: () => Promise<void>;
}> {
  const evacuation = await recordedEvacuation();
  const host = new MappedHost('dal-kvm1', folder('lf-recover-host-'));
  const mirror = async (directory = evacuation.directory): Promise<void> => {
    const source = mirrorSource(directory);
    const facts = { at: Date.now(), by: 'dana@jump1:4711', landfall: '0' };
    await mirrorTo(host, { evacuation: 'storm', source, snapshot: await source.snapshot(), facts });
  };
  await evacuation.append({ type: 'note.added', text: 'the NOC has the key of cage 14' }, 'dana@jump1');
  await mirror();
  return { evacuation, host, mirror };
}

async function recovered(host: MappedHost, root = folder('lf-recover-root-')) {
  const [manifest] = await mirrorsOn(host);
  if (manifest === undefined) throw new Error('nothing is mirrored');
  return recover({
    ...{ host, manifest, root, from: 'root@dal-kvm1', clock: systemClock, redactor: createRedactor() },
    owner: { pid: process.pid, host: 'dal-jump1', user: 'sam' },
  }).then(result => ({ ...result, root }));
}

describe('an evacuation taken up again from the target site', () => {
  test('has its plan, journal and notes, and says from where and up to when', async () => {
    const { evacuation, host } = await mirrored();
    const before = (await readState(evacuation.root, 'storm')).state;
    const { directory, root } = await recovered(host);
    const { state } = await readState(root, 'storm');
    expect(state.evacuation).toMatchObject({
      planHash: before.evacuation?.planHash,
      notes: before.evacuation?.notes,
      recovered: { from: 'root@dal-kvm1', upTo: before.lastSeq, lastAt: before.lastAt, by: 'sam@dal-jump1' },
    });
    expect(state.lastSeq).toBe(before.lastSeq + 1);
    expect(readFileSync(join(directory, 'plan.yaml'))).toEqual(
      readFileSync(join(evacuation.directory, 'plan.yaml')),
    );
    expect(readdirSync(root)).toEqual(['storm']);
  });

  test('goes on in the same copy, and the old control machine cannot overwrite that', async () => {
    const { evacuation, host, mirror } = await mirrored();
    const { directory } = await recovered(host);
    const source = mirrorSource(directory);
    const facts = { at: Date.now(), by: 'sam@dal-jump1:1', landfall: '0' };
    await mirrorTo(host, { evacuation: 'storm', source, snapshot: await source.snapshot(), facts });
    await evacuation.append({ type: 'note.added', text: 'jump1 is back' });
    await expect(mirror()).rejects.toMatchObject({ code: 'state.exists' });
  });

  test('lines that came after the last manifest are not lost', async () => {
    const { evacuation, host } = await mirrored();
    await evacuation.append({ type: 'note.added', text: 'later' });
    writeFileSync(
      host.at(`${PLACE}/journal.jsonl`),
      Buffer.concat([readFileSync(join(evacuation.directory, 'journal.jsonl')), Buffer.from('{"torn')]),
    );
    const { root } = await recovered(host);
    expect((await readState(root, 'storm')).state.evacuation?.notes.at(-1)?.text).toBe('later');
  });

  test.each(['journal.jsonl', 'plan.yaml', 'notes.md'])(
    'a changed %s is refused, and nothing is left behind',
    async file => {
      const { host } = await mirrored();
      const path = host.at(`${PLACE}/${file}`);
      const bytes = readFileSync(path);
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      const root = folder('lf-recover-root-');
      await expect(recovered(host, root)).rejects.toMatchObject({ code: 'state.damaged' });
      expect(readdirSync(root)).toEqual([]);
    },
  );

  test('what is here already is not overwritten', async () => {
    const { host } = await mirrored();
    const { root } = await recovered(host);
    await expect(recovered(host, root)).rejects.toMatchObject({ code: 'state.exists' });
    expect(readdirSync(root)).toEqual(['storm']);
  });

  test('a host without mirrors has none, and a foreign manifest is none', async () => {
    const host = new MappedHost('dal-kvm1', folder('lf-recover-host-'));
    expect(await mirrorsOn(host)).toEqual([]);
    await host.write(`${PLACE}/mirror.json`, '{"v":1,"evacuation":"../../etc"}', 0o600);
    expect(await mirrorsOn(host)).toEqual([]);
  });
});

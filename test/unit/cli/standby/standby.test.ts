import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/foundation/clock.ts';
import { acquireLock } from '../../../../src/journal/lock.ts';
import { landfall } from '../../../support/cli.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { recordedEvacuation } from '../../../support/recorded-evacuation.ts';
import { HOUR, MINUTE, Story } from '../../../support/state.ts';
import { SOUND } from '../../plan/sound-plan.ts';

/** web1 has a good copy of just now; db1 has none yet. */
async function site() {
  const recorded = await recordedEvacuation();
  const story = new Story();
  story.now = Date.now() - 3 * MINUTE;
  for (const { v, seq, at, by, ...body } of story.evacuate('web1').events)
    await recorded.append(body as Parameters<typeof recorded.append>[0]);
  const plan = join(recorded.root, 'storm.yaml');
  await writeFile(plan, SOUND.replace(/^name: .*$/m, 'name: storm'));
  const run = (later: number, ...words: string[]) =>
    landfall(['standby', ...words, '--state', recorded.root], {
      clock: new ManualClock(Date.now() + later),
      env: { HOME: recorded.root },
    });
  return { recorded, plan, run };
}

describe('landfall standby', () => {
  it('tells when the next pass is due, and that nobody does it', async () => {
    const { run } = await site();
    const { code, out } = await run(0, 'storm');
    expect(code).toBe(0);
    expect(out).toMatch(/^web1 .*kept fresh +in \d+/m);
    expect(out).toMatch(/^db1 .*first copies +-/m);
    expect(out).toContain('1 machine of 2 kept fresh, none is late');
    expect(out).toContain('no engine runs for it here');
  });

  it('shouts who is late, in words, in JSON and with its exit code', async () => {
    const { run } = await site();
    const { code, out } = await run(72 * HOUR, 'storm');
    expect(code).toBe(3);
    expect(out).toMatch(/LATE: web1: the last good copy is 3d.* old/);
    const json = await run(72 * HOUR, 'storm', '--json');
    expect(json.code).toBe(3);
    const said = JSON.parse(json.out);
    expect(said).toMatchObject({ v: 1, type: 'standby', evacuation: 'storm', engine: { runs: false } });
    expect(said.machines.find((each: { machine: string }) => each.machine === 'web1')).toMatchObject({
      standing: 'kept',
      late: { why: expect.stringContaining('are allowed') },
      finalPass: { from: 'forecast' },
    });
  });

  it('shows the units before it writes them, and writes what it shows', async () => {
    const { run, plan, recorded } = await site();
    const to = join(recorded.root, 'units of 100%');
    const shown = await run(0, plan, 'install', '--to', to, '--dry-run');
    expect(shown.code).toBe(0);
    expect(shown.err).toContain('nothing was written');
    await expect(readFile(join(to, 'landfall-standby-storm.timer'), 'utf8')).rejects.toThrow();
    const written = await run(0, plan, 'install', '--to', to);
    expect(written.code).toBe(0);
    expect(written.out).toBe(shown.out);
    const service = await readFile(join(to, 'landfall-standby-storm.service'), 'utf8');
    for (const line of service.split('\n')) expect(written.out).toContain(line);
    expect(service).toContain(`"standby" "${plan}" "once" "--json"`);
    expect(service).toContain(`"--state" "${recorded.root}"`);
  });

  it('takes away what it wrote, and nothing that somebody else did', async () => {
    const { run, plan, recorded } = await site();
    const to = join(recorded.root, 'units');
    await run(0, plan, 'install', '--to', to);
    await writeFile(join(to, 'landfall-standby-storm.service'), '[Service]\nExecStart=/bin/mine\n');
    const gone = await run(0, plan, 'uninstall', '--to', to);
    expect(gone.code).toBe(0);
    expect(gone.out).toContain('landfall-standby-storm.timer');
    await expect(readFile(join(to, 'landfall-standby-storm.timer'))).rejects.toThrow();
    expect(await readFile(join(to, 'landfall-standby-storm.service'), 'utf8')).toContain('/bin/mine');
  });

  it('prints a line for cron that names everything by its whole path', async () => {
    const { run, plan } = await site();
    const { code, out } = await run(0, plan, '--print-cron');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^\S+ \S+ \S+ \S+ \S+ \/\S+ .*standby .* once --json --within \d+s .*>\/dev\/null\n$/,
    );
    expect(out).toContain(plan);
  });

  it('refuses to keep fresh what never began, and words that it does not know', async () => {
    const { run, recorded } = await site();
    const other = join(recorded.root, 'other.yaml');
    await writeFile(other, SOUND.replace(/^name: .*$/m, 'name: other'));
    for (const act of ['once', 'install']) {
      const { code, err } = await run(0, other, act);
      expect(code).toBe(2);
      expect(err).toContain('has not begun');
    }
    expect((await run(0, 'storm', 'often')).err).toContain('show, once, install, uninstall');
    expect((await run(0, 'storm', '--within', 'soon')).err).toContain('is no duration');
  });

  it('leaves alone what is not due, without a host being asked', async () => {
    const { run, plan, recorded } = await site();
    await recorded.append({ type: 'machine.paused', machine: 'db1' });
    const { code, err, out } = await run(0, plan, 'once');
    expect(err).toMatch(/nothing is due; the next pass is, in /);
    expect(out).toContain('none is late');
    expect(code).toBe(0);
    const due = await run(72 * HOUR, plan, 'once', '--dry-run');
    expect(due.code).toBe(0);
    expect(due.out).toMatch(/A dry run of storm: .*pass-3/s);
  });

  it('says that an engine that runs does it by itself', async () => {
    const { run, plan, recorded } = await site();
    const lock = await acquireLock({
      path: join(recorded.directory, 'lock'),
      owner: { pid: process.pid, user: 'dana' },
      clock: systemClock,
      heartbeatMs: 0,
    });
    onTestFinished(() => lock.release());
    const fresh = await run(0, plan, 'once');
    expect(fresh.code).toBe(0);
    expect(fresh.err).toContain('makes what is due by itself');
    const late = await run(72 * HOUR, plan, 'once');
    expect(late.code).toBe(3);
    expect(late.out).toContain('LATE: web1');
  });
});

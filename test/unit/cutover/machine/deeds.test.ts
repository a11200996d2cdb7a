import { afterEach, describe, expect, test } from 'vitest';
import { standbyStep } from '../../../../src/build/index.ts';
import type { Deed } from '../../../../src/cutover/deed.ts';
import {
  bringUpDeed,
  checkDeed,
  commitDeed,
  lastCopyDeed,
  powerOffDeed,
  putBackDeed,
  quietDeed,
} from '../../../../src/cutover/machine/index.ts';
import type { PlanInput } from '../../../../src/plan/schema.ts';
import type { Step } from '../../../../src/step/step.ts';
import { CutoverWorld, LAYER, RUNNING_UNITS } from '../../../support/cutover-world.ts';
import { machinePlan } from '../../../support/state.ts';

let worlds: CutoverWorld[] = [];
afterEach(() => {
  for (const world of worlds) world.dispose();
  worlds = [];
});

const never = new AbortController().signal;

/** A held standby and a cutover that has begun. */
async function worldOf(machine: Partial<PlanInput['machines'][string]> = {}): Promise<CutoverWorld> {
  const world = new CutoverWorld({ machines: { web1: machinePlan(machine) } });
  worlds.push(world);
  const held = standbyStep(world.story.plan, 'web1');
  await held.run(world.context(held), never);
  world.story.tell({
    type: 'cutover.begun',
    ...{ rehearse: false, dark: false, planHash: 'x', confirmed: 'miami-to-dallas', open: [] },
  });
  world.site.deeds.length = 0;
  return world;
}

const base = { phase: 'cutover', subject: 'web1', title: 'x', needs: [], resources: [] } as const;
const stepOf = (deed: Deed): Step => ({
  ...base,
  id: 'cutover/web1/x',
  preview: view => deed.preview(view),
  done: (context, signal) => deed.done(context, signal),
  run: async (context, signal) => void (await deed.run(context, signal)),
});

async function run(world: CutoverWorld, deed: Deed): Promise<readonly string[]> {
  return deed.run(world.context(stepOf(deed)), never);
}
const done = (world: CutoverWorld, deed: Deed): Promise<boolean> =>
  deed.done(world.context(stepOf(deed)), never);

async function undo(world: CutoverWorld, deed: Deed): Promise<readonly string[]> {
  const { undo: back } = deed;
  if (back === undefined) throw new Error('nothing to take back');
  const step = { ...stepOf(deed), preview: back.preview };
  return back.run(world.context(step), never);
}

const doneTo = (world: CutoverWorld) => world.story.state.cutover?.machines['web1'] ?? {};

describe('quiet', () => {
  test('stops what starts others first, leaves what the machine needs, and asks for the last copy', async () => {
    const world = await worldOf();
    const evidence = await run(world, quietDeed('web1'));
    expect(world.site.deeds).toEqual([
      'systemctl stop logrotate.timer',
      'systemctl stop php.socket',
      'systemctl stop cron.service nginx.service',
    ]);
    expect(evidence.join()).toContain('4 units stopped');
    expect(world.units.has('ssh.service')).toBe(true);
    expect(doneTo(world).stopped?.quietAt).toBeDefined();
    expect(world.story.state.machines['web1']?.requested?.reason).toContain('last copy');
    expect(await done(world, quietDeed('web1'))).toBe(true);
  });

  test('keeps what the plan keeps and stops what it names besides', async () => {
    const world = await worldOf({ keep: ['nginx'], stop: ['qemu-guest-agent'] });
    await run(world, quietDeed('web1'));
    expect(world.units.has('nginx.service')).toBe(true);
    expect(world.units.has('qemu-guest-agent.service')).toBe(false);
  });

  test('the units are on record before the first is stopped', async () => {
    const world = await worldOf();
    world.site.beforeChange = () => {
      throw new Error('the connection broke');
    };
    await expect(run(world, quietDeed('web1'))).rejects.toThrow('broke');
    expect(doneTo(world).stopped?.units).toEqual([
      'logrotate.timer',
      'php.socket',
      'cron.service',
      'nginx.service',
    ]);
  });

  test('what does not stay down is named, and its source is not called quiet', async () => {
    const world = await worldOf();
    world.stubborn.add('nginx.service');
    await expect(run(world, quietDeed('web1'))).rejects.toMatchObject({
      code: 'cutover.not-quiet',
      message: expect.stringContaining('nginx.service'),
    });
    expect(doneTo(world).stopped?.quietAt).toBeUndefined();
  });

  test('is not done any more when something writes again', async () => {
    const world = await worldOf();
    await run(world, quietDeed('web1'));
    world.units.set('backup.service', 'running');
    expect(await done(world, quietDeed('web1'))).toBe(false);
    await run(world, quietDeed('web1'));
    expect(doneTo(world).stopped?.units).toContain('backup.service');
    expect(doneTo(world).stopped?.units).toContain('nginx.service');
  });

  test('taken back, exactly these units run again, last stopped first', async () => {
    const world = await worldOf();
    await run(world, quietDeed('web1'));
    world.site.deeds.length = 0;
    await undo(world, quietDeed('web1'));
    expect(world.site.deeds).toEqual([
      'systemctl start cron.service nginx.service',
      'systemctl start php.socket',
      'systemctl start logrotate.timer',
    ]);
    expect([...world.units.keys()].sort()).toEqual(Object.keys(RUNNING_UNITS).sort());
    expect(doneTo(world).stopped).toBeUndefined();
  });

  test('gives production back although the target is gone, and says what is left to do there', async () => {
    const world = await worldOf();
    await run(world, quietDeed('web1'));
    world.gone.add('dal-kvm1');
    expect((await undo(world, quietDeed('web1'))).join()).toContain('landfall run PLAN puts it back');
    expect([...world.units.keys()].sort()).toEqual(Object.keys(RUNNING_UNITS).sort());
    expect(doneTo(world).stopped).toBeUndefined();
  });

  test('a unit that does not start again is an error, and is asked for again', async () => {
    const world = await worldOf();
    await run(world, quietDeed('web1'));
    world.broken.add('nginx.service');
    await expect(undo(world, quietDeed('web1'))).rejects.toThrow('nginx.service');
    expect(doneTo(world).stopped).toBeDefined();
    world.broken.clear();
    await undo(world, quietDeed('web1'));
    expect(doneTo(world).stopped).toBeUndefined();
  });
});

describe('last-copy', () => {
  /** Quiet, with one more pass that was compared. */
  async function copied(found: {
    live?: string[];
    mismatches?: string[];
    excluded?: string[];
  }): Promise<CutoverWorld> {
    const world = await worldOf();
    await run(world, quietDeed('web1'));
    const { story } = world;
    story.wait(1000).pass('web1', 2);
    const passStartedAt = story.state.machines['web1']?.passes.at(-1)?.startedAt ?? 0;
    story.tell({
      type: 'replica.verified',
      ...{ machine: 'web1', pass: 2, passStartedAt, ms: 1, filesCompared: 1000, bytesCompared: 8e9 },
      ...{ live: found.live?.length ?? 0, livePaths: found.live ?? [], mismatches: found.mismatches ?? [] },
      ...(found.excluded === undefined ? {} : { excluded: found.excluded }),
    });
    return world;
  }
  const asked = (world: CutoverWorld) => world.story.state.machines['web1']?.requested;

  test('that is equal says what was compared, and what the system itself wrote since', async () => {
    const world = await copied({ live: ['/var/log/wtmp'] });
    const evidence = (await run(world, lastCopyDeed('web1'))).join('\n');
    expect(evidence).toMatch(/1,?000 files, .* no difference/);
    expect(evidence).toContain('/var/log/wtmp');
    expect(asked(world)).toBeUndefined();
  });

  test('says what it never looked at: zero loss is said of nothing that was left out', async () => {
    const world = await copied({ excluded: ['/srv/cache'] });
    const evidence = (await run(world, lastCopyDeed('web1'))).join('\n');
    expect(evidence).toContain('neither copied nor compared: /srv/cache');
    expect(evidence).not.toMatch(/brought everything$/m);
  });

  test('behind which somebody writes names the path, and asks for one more', async () => {
    const world = await copied({ live: ['/srv/app/queue.db', '/var/log/wtmp'] });
    await expect(run(world, lastCopyDeed('web1'))).rejects.toMatchObject({
      code: 'cutover.still-writing',
      facts: { evidence: ['/srv/app/queue.db'] },
    });
    expect(asked(world)).toBeDefined();
    expect(await done(world, quietDeed('web1'))).toBe(true);
  });

  test('that differs without a write is no copy', async () => {
    const world = await copied({ mismatches: ['>f.st...... /etc/hosts'] });
    await expect(run(world, lastCopyDeed('web1'))).rejects.toMatchObject({ code: 'sync.mismatch' });
  });

  test('before the quiet counts for nothing', async () => {
    const world = await worldOf();
    await expect(run(world, lastCopyDeed('web1'))).rejects.toMatchObject({
      facts: { next: [expect.stringContaining('quiet/web1')] },
    });
  });
});

describe('power-off', () => {
  test('records the autostart before it takes it away, and sees the source off', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    expect(world.source).toBe('shut off');
    expect(world.sourceAutostart).toBe(false);
    expect(doneTo(world).poweredOff).toMatchObject({ autostart: true, offAt: expect.any(Number) });
    expect(await done(world, powerOffDeed('web1'))).toBe(true);
  });

  test('takes no source down on which what was stopped writes again behind its last copy', async () => {
    const world = await worldOf();
    await run(world, quietDeed('web1'));
    world.units.set('nginx.service', 'running');
    await expect(run(world, powerOffDeed('web1'))).rejects.toMatchObject({
      code: 'cutover.not-quiet',
      message: expect.stringContaining('nginx.service'),
    });
    expect(world.source).toBe('running');
    expect(doneTo(world).poweredOff).toBeUndefined();
    world.gone.add('web1');
    expect((await run(world, powerOffDeed('web1'))).join()).toContain('could not be asked');
  });

  test('pulls the plug of nothing: a source that stays on is an error with the command', async () => {
    const world = await worldOf();
    world.heedsShutdown = false;
    await expect(run(world, powerOffDeed('web1'))).rejects.toMatchObject({
      code: 'cutover.still-on',
      facts: { next: expect.arrayContaining([expect.stringContaining('virsh destroy web1')]) },
    });
    expect(world.site.deeds.join()).not.toContain('destroy');
    expect(doneTo(world).poweredOff?.offAt).toBeUndefined();
  });

  test('taken back, the source answers and starts with its host as before', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    await undo(world, powerOffDeed('web1'));
    expect([world.source, world.sourceAutostart]).toEqual(['running', true]);
    expect(doneTo(world).poweredOff).toBeUndefined();
  });

  test('never starts the source beside its standby', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    await run(world, bringUpDeed('web1'));
    await expect(undo(world, powerOffDeed('web1'))).rejects.toMatchObject({ code: 'cutover.two-run' });
    expect(world.source).toBe('shut off');
  });

  test('another domain of that name is left alone', async () => {
    const world = await worldOf();
    const observed = world.story.state.machines['web1']?.observed;
    if (observed === undefined) throw new Error('no inventory');
    const { guest, digest, domain, domainXml } = observed;
    world.story.tell({
      type: 'machine.observed',
      ...{ machine: 'web1', guest, digest, domain: { ...domain, uuid: 'another' } },
      ...(domainXml === undefined ? {} : { domainXml }),
    });
    await expect(run(world, powerOffDeed('web1'))).rejects.toMatchObject({ code: 'identity.mismatch' });
    expect(world.site.deeds).toEqual([]);
  });
});

describe('bring-up', () => {
  test('starts the standby on layers, with its fix-ups in them, and shuts the receiver down', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    const evidence = await run(world, bringUpDeed('web1'));
    expect(world.facts).toMatchObject({ standbyRuns: true, runsOn: LAYER, layer: true, replica: true });
    expect(world.receiver).toBe('shut off');
    expect(world.story.state.machines['web1']?.fixups?.purpose).toBe('cutover');
    expect(doneTo(world)).toMatchObject({ overlaid: expect.anything(), started: { domain: 'web1' } });
    expect(evidence.join('\n')).toContain('the source is off');
    expect(await done(world, bringUpDeed('web1'))).toBe(true);
  });

  test('never starts beside a source that runs', async () => {
    const world = await worldOf();
    await expect(run(world, bringUpDeed('web1'))).rejects.toMatchObject({ code: 'cutover.two-run' });
    expect(world.site.deeds).toEqual([]);
  });

  test('never starts beside a source that was given another name', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    const { answerFirst } = world.site;
    world.source = 'running';
    world.site.answerFirst = (host, argv) =>
      host === 'mia-kvm1' && argv.includes('dominfo') && argv.at(-1) === 'web1'
        ? { code: 1, err: "error: failed to get domain 'web1'\nerror: Domain not found" }
        : answerFirst?.(host, argv);
    await expect(run(world, bringUpDeed('web1'))).rejects.toMatchObject({ code: 'cutover.two-run' });
  });

  test('never starts beside a source that its host would start again', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    world.sourceAutostart = true;
    await expect(run(world, bringUpDeed('web1'))).rejects.toMatchObject({
      code: 'cutover.two-run',
      facts: { next: expect.arrayContaining([expect.stringContaining('autostart --disable')]) },
    });
    expect(world.facts).toMatchObject({ standbyRuns: false });
  });

  test('a standby that went off by itself is started on what it wrote, not on new layers', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    await run(world, bringUpDeed('web1'));
    if (world.standby !== undefined) world.standby = { ...world.standby, live: undefined };
    world.site.deeds.length = 0;
    await run(world, bringUpDeed('web1'));
    expect(world.site.deeds.join()).not.toMatch(/vol-(?:delete|create)/);
    expect(world.facts).toMatchObject({ standbyRuns: true });
  });

  test('taken back, the standby is held again and the replica is as it was; then it goes into its receiver', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    const before = world.facts;
    await run(world, bringUpDeed('web1'));
    await undo(world, bringUpDeed('web1'));
    expect(world.facts).toEqual(before);
    const { undo: back } = bringUpDeed('web1');
    expect(await back?.done(world.context(stepOf(bringUpDeed('web1'))), never)).toBe(true);
    expect(doneTo(world)).not.toHaveProperty('started');
    expect(putBackDeed('web1').undo).toBeUndefined();
  });

  test('is not taken back behind the point of no return', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    await run(world, bringUpDeed('web1'));
    world.story.tell({ type: 'cutover.no-return', confirmed: 'miami-to-dallas' });
    await expect(undo(world, bringUpDeed('web1'))).rejects.toMatchObject({ code: 'command.refused' });
    expect(world.facts).toMatchObject({ standbyRuns: true, layer: true });
  });
});

describe('check', () => {
  async function running(machine: Partial<PlanInput['machines'][string]> = {}): Promise<CutoverWorld> {
    const world = await worldOf(machine);
    await run(world, powerOffDeed('web1'));
    await run(world, bringUpDeed('web1'));
    return world;
  }

  test('a standby that is as its source was is good, and where it answers is on record', async () => {
    const world = await running({ checks: [{ tcp: 443 }] });
    const evidence = await run(world, checkDeed('web1'));
    expect(evidence.join('\n')).toMatch(
      /it is web1[\s\S]*units? run as at the source[\s\S]*accepts connections/,
    );
    expect(doneTo(world).started?.address).toBe('10.30.0.11');
  });

  test('a source that somebody has started meanwhile is found, before anybody draws the line', async () => {
    const world = await running();
    world.source = 'running';
    await expect(run(world, checkDeed('web1'))).rejects.toMatchObject({ code: 'cutover.two-run' });
    world.gone.add('mia-kvm1');
    expect((await run(world, checkDeed('web1'))).join()).toContain('could not be asked');
  });

  test('what does not run there is named', async () => {
    const world = await running();
    world.standbySections = { ...world.standbySections, services: 'ssh.service loaded active running x\n' };
    await expect(run(world, checkDeed('web1'))).rejects.toMatchObject({
      code: 'cutover.standby-failed',
      facts: { evidence: expect.arrayContaining([expect.stringContaining('nginx.service')]) },
    });
  });

  test('a check of the plan that fails is a failure', async () => {
    const world = await running({ checks: [{ tcp: 443 }] });
    world.checkCode = 1;
    await expect(run(world, checkDeed('web1'))).rejects.toThrow('accepts no connection');
  });

  test('the source that answers in its place is told from it by its boot', async () => {
    const world = await running();
    const observed = world.story.state.machines['web1']?.observed;
    if (observed === undefined) throw new Error('no inventory');
    const { guest, digest, domain, domainXml } = observed;
    world.story.tell({
      type: 'machine.observed',
      ...{ machine: 'web1', digest, domain, guest: { ...guest, bootId: 'another-boot' } },
      ...(domainXml === undefined ? {} : { domainXml }),
    });
    await expect(run(world, checkDeed('web1'))).rejects.toMatchObject({ code: 'identity.mismatch' });
  });
});

describe('commit', () => {
  test.each([
    ['from the beginning', undefined],
    ['where a merge goes on', 'running'],
    ['where a merge only waits for its switch', 'ready'],
  ] as const)('merges %s: the standby runs on, on the replica itself', async (_, job) => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    await run(world, bringUpDeed('web1'));
    world.job = job;
    await run(world, commitDeed('web1'));
    expect(world.facts).toMatchObject({ standbyRuns: true, layer: false, replica: true });
    expect(world.facts).not.toMatchObject({ runsOn: LAYER });
    expect(world.standby?.autostart).toBe(true);
    expect(doneTo(world).committedAt).toBeDefined();
    expect(await done(world, commitDeed('web1'))).toBe(true);
    expect(commitDeed('web1').undo).toBeUndefined();
  });

  test('of a standby that is off is refused, and its layer stays', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    await run(world, bringUpDeed('web1'));
    if (world.standby !== undefined) world.standby = { ...world.standby, live: undefined };
    await expect(run(world, commitDeed('web1'))).rejects.toMatchObject({ code: 'cutover.standby-failed' });
    expect(world.facts).toMatchObject({ layer: true });
  });
});

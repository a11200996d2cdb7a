import { describe, expect, it } from 'vitest';
import { describe as describeAction, waitsFor } from '../../../src/step/action.ts';
import { mountpoints, travelling } from '../../../src/sync/file-systems.ts';
import { linkLimit, streamLimit } from '../../../src/sync/link-limit.ts';
import { nextPass, nextVerify } from '../../../src/sync/plan-passes.ts';
import { syncOutlook, syncSteps } from '../../../src/sync/steps.ts';
import { guestFacts, HOUR, machinePlan, planOf, Story } from '../../support/state.ts';

const ids = (story: Story): string[] => syncSteps(story.view, 'web1').map(step => step.id);
const GB = 1e9;

describe('what is due', () => {
  it('is the path and the first pass, before anything is known', () => {
    const story = new Story().begin();
    expect(ids(story)).toEqual(['sync/web1/key', 'sync/web1/path', 'sync/web1/pass-1']);
    const [key, path, pass] = syncSteps(story.view, 'web1');
    expect(key?.needs).toEqual(['inventory/web1', 'build/web1/prepare']);
    expect(path?.needs).toEqual(['sync/web1/key']);
    expect(pass?.needs).toEqual(['sync/web1/path']);
    expect(pass?.resources).toEqual([
      { key: 'replica:web1', units: 1 },
      { key: 'link', units: 1 },
      { key: 'host:mia-kvm1', units: 1 },
    ]);
  });

  it('compares contents in a first pass over the files of a clone', () => {
    const story = new Story().begin().observe('web1').build('web1');
    expect(nextPass(story.view, 'web1')).toMatchObject({ pass: 1, kind: 'full', checksum: true });
  });

  it('goes from pass to pass to the verification, and to nothing', () => {
    const story = new Story().begin().observe('web1').build('web1').pass('web1', 1);
    expect(nextPass(story.view, 'web1')).toMatchObject({ pass: 2, kind: 'delta', checksum: false });
    story.pass('web1', 2, { literal: 4 * GB, ms: 40 * 60e3, judged: 'converging' });
    expect(ids(story).at(-1)).toBe('sync/web1/pass-3');
    expect(nextVerify(story.view, 'web1')).toBeUndefined();
    story.pass('web1', 3);
    expect(ids(story).at(-1)).toBe('sync/web1/verify-3');
    story.verify('web1', 3);
    expect(ids(story)).toEqual(['sync/web1/key', 'sync/web1/path']);
  });

  it('is the same pass again after a crash in it', () => {
    const story = new Story().begin().observe('web1').build('web1').pass('web1', 1).startPass('web1', 2);
    expect(nextPass(story.view, 'web1')).toMatchObject({
      pass: 2,
      kind: 'delta',
      reason: 'the source changed',
    });
  });

  it('is a repair after differences that nothing explains, but not without end', () => {
    const story = new Story().begin().evacuate('web1').verify('web1', 2, ['<fc........ /etc/x']);
    const repair = nextPass(story.view, 'web1');
    expect(repair).toMatchObject({ pass: 3, checksum: true });
    for (let pass = 3; pass <= 4; pass += 1) {
      story.pass('web1', pass, { reason: repair?.reason ?? '', checksum: true });
      expect(nextVerify(story.view, 'web1')).toBe(pass);
      story.verify('web1', pass, ['<fc........ /etc/x']);
    }
    expect(nextPass(story.view, 'web1')).toBeUndefined();
    expect(nextVerify(story.view, 'web1')).toBeUndefined();
  });

  it('is always the pass that somebody asked for', () => {
    const story = new Story().begin().evacuate('web1');
    story.tell({ type: 'pass.requested', machine: 'web1', reason: 'before the cutover' });
    expect(nextPass(story.view, 'web1')).toMatchObject({ pass: 3, reason: 'before the cutover' });
  });

  it('is one pass over contents where times are whole seconds', () => {
    const rsync = { ...guestFacts().rsync, version: '3.1.2', nanoseconds: false };
    const story = new Story()
      .begin()
      .observe('web1', { rsync })
      .build('web1')
      .pass('web1', 1)
      .pass('web1', 2);
    expect(nextPass(story.view, 'web1')).toMatchObject({ pass: 3, checksum: true });
    story.pass('web1', 3, { checksum: true });
    expect(nextPass(story.view, 'web1')).toBeUndefined();
    expect(nextVerify(story.view, 'web1')).toBe(3);
  });

  it('verifies what does not converge, too', () => {
    const story = new Story().begin().observe('web1').build('web1').pass('web1', 1);
    for (let pass = 2; pass <= 4; pass += 1)
      story.pass('web1', pass, {
        literal: 2 * GB,
        ms: 3600e3,
        judged: pass === 4 ? 'not-converging' : 'converging',
      });
    expect(nextPass(story.view, 'web1')).toBeUndefined();
    expect(nextVerify(story.view, 'web1')).toBe(4);
  });

  it('renews a path that runs out while the evacuation goes on', () => {
    const story = new Story()
      .begin()
      .observe('web1')
      .build('web1', 8 * HOUR)
      .pass('web1', 1);
    story.wait(3 * HOUR).tell({ type: 'note.added', text: 'still here' });
    expect(ids(story).slice(-2)).toEqual(['sync/web1/renew-2', 'sync/web1/pass-2']);
    expect(syncSteps(story.view, 'web1').at(-1)?.needs).toEqual(['sync/web1/renew-2']);
  });

  it('lists a pass once more whose record is there and whose end is not', () => {
    const story = new Story().begin().observe('web1').build('web1').pass('web1', 1);
    story.tell({ type: 'step.started', step: 'sync/web1/verify-2', phase: 'sync', attempt: 1 });
    story.pass('web1', 2).verify('web1', 2);
    expect(ids(story).at(-1)).toBe('sync/web1/verify-2');
  });
});

describe('the outlook', () => {
  it('names every action and the facts it waits for', () => {
    const story = new Story().begin();
    const steps = syncOutlook(story.view, 'web1');
    expect(steps.map(step => step.id)).toEqual([
      'sync/web1/key',
      'sync/web1/path',
      'sync/web1/pass-1',
      'sync/web1/pass-2',
      'sync/web1/verify-2',
    ]);
    expect(steps[3]?.title).toContain('repeated until the passes converge, at most 10 passes in all');
    const actions = steps.flatMap(step => step.preview(story.view));
    const waits = actions.flatMap(waitsFor).map(({ from }) => from);
    expect(waits).toContain('inventory/web1');
    expect(waits).toContain('build/web1/prepare');
    expect(waits).toContain('sync/web1/key');
    const pass = steps[2]?.preview(story.view).map(describeAction) ?? [];
    expect(pass.some(line => line.includes('standby:/mnt/t/'))).toBe(true);
    expect(pass.at(-1)).toContain('the same for each other file system of web1');
  });

  it('tells full pass, delta pass and verification apart before inventory', () => {
    const story = new Story().begin();
    const rsync = (step: string): string => {
      const actions =
        syncOutlook(story.view, 'web1')
          .find(({ id }) => id === step)
          ?.preview(story.view) ?? [];
      return actions.map(describeAction).find(line => line.includes(' rsync ')) ?? '';
    };
    const [full, delta, verify] = ['pass-1', 'pass-2', 'verify-2'].map(name => rsync(`sync/web1/${name}`));
    for (const line of [full, delta, verify]) {
      expect(line).toContain(' -aHx --numeric-ids -S --no-inc-recursive ‹ACLs, extended attributes,');
      expect(line).not.toContain('--stats');
    }
    expect(full).toContain('‹--delete-delay --checksum, where the files of a clone lie at the target›');
    expect(full).not.toContain('--max-delete');
    expect(delta).toContain('--delete-delay --max-delete=20000 --partial-dir=.rsync-partial');
    expect(delta).not.toContain('--checksum');
    expect(verify).toContain('--dry-run --checksum --itemize-changes --delete ');
  });

  it('shows no bracket twice and no line break as text', () => {
    const story = new Story().begin();
    const actions = syncOutlook(story.view, 'web1').flatMap(step => step.preview(story.view));
    const shown = actions.flatMap(action => [
      describeAction(action),
      ...waitsFor(action).map(({ unknown }) => unknown),
    ]);
    expect(shown).toContain('addresses of web1');
    expect(shown).toContain('host key of the receiver');
    expect(shown.join(' ')).not.toMatch(/‹‹|››/);
  });

  it('is exact once the facts are there', () => {
    const story = new Story().begin().observe('web1').build('web1');
    story.tell({
      type: 'receiver.reachable',
      machine: 'web1',
      hostKey: 'ssh-ed25519 AAAAhost',
      addresses: [],
    });
    const actions = syncOutlook(story.view, 'web1').flatMap(step => step.preview(story.view));
    expect(actions.flatMap(waitsFor)).toEqual([]);
  });

  it('is the same for the step that runs', () => {
    const story = new Story().begin().observe('web1').build('web1');
    const [, , outlook] = syncOutlook(story.view, 'web1');
    const [, , step] = syncSteps(story.view, 'web1');
    expect(outlook?.preview(story.view)).toEqual(step?.preview(story.view));
  });
});

describe('the file systems that travel', () => {
  const fs = (mountpoint: string, device: string, type = 'ext4') => ({
    mountpoint,
    device,
    type,
    uuid: device,
    size: 1,
    used: 1,
    inodesUsed: 1,
  });

  it('are local, each once, parents first, without what the plan leaves out', () => {
    const plan = planOf({ machines: { web1: machinePlan({ exclude: ['/scratch/'] }) } });
    const story = new Story(plan).begin().observe('web1', {
      fileSystems: [
        fs('/srv/data/deep', '/dev/vdc'),
        fs('/bind', '/dev/vda1[/srv/www]'),
        fs('/', '/dev/vda1'),
        fs('/home', '/dev/vdb[/@home]', 'btrfs'),
        fs('/var', '/dev/vdb[/@var]', 'btrfs'),
        fs('/scratch', '/dev/vdd'),
        fs('/mnt/nfs', 'filer:/x', 'nfs4'),
        fs('/boot/efi', '/dev/vda2', 'vfat'),
      ],
    });
    expect(travelling(story.view, 'web1')?.map(({ mountpoint }) => mountpoint)).toEqual([
      '/',
      '/home',
      '/var',
      '/boot/efi',
      '/srv/data/deep',
    ]);
  });
});

describe('the limit of the link', () => {
  const { link } = planOf({
    link: {
      limit: '80 MB/s',
      streams: 4,
      timezone: 'America/New_York',
      windows: [
        { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00', limit: '20 MB/s' },
        { days: ['sat'], from: '22:00', to: '02:00', limit: '8 MB/s' },
      ],
    },
  });

  it.each([
    ['2026-11-23T12:59:00Z', 80e6],
    ['2026-11-23T13:00:00Z', 20e6],
    ['2026-11-23T23:00:00Z', 80e6],
    ['2026-11-22T15:00:00Z', 80e6],
    ['2026-11-22T03:30:00Z', 8e6],
    ['2026-11-22T06:59:00Z', 8e6],
    ['2026-11-22T07:00:00Z', 80e6],
  ])('at %s is %i bytes per second', (at, expected) => {
    expect(linkLimit(link, Date.parse(at))).toBe(expected);
    expect(streamLimit(link, Date.parse(at))).toBe(expected / 4);
  });

  it('is what an engineer set in its place, divided alike', () => {
    expect(streamLimit(link, Date.parse('2026-11-23T13:00:00Z'), 4e6)).toBe(1e6);
    expect(streamLimit(planOf().link, 0, 4e6)).toBe(1e6);
  });

  it('is none where the plan sets none', () => {
    expect(streamLimit(planOf().link, 0)).toBeUndefined();
  });
});

describe('a bind mount on the device of its parent', () => {
  it('is left out by a pattern, because -x walks in', () => {
    const story = new Story().begin().observe('web1', { views: ['/srv/jail/etc'] });
    expect(mountpoints(story.view, 'web1')).toEqual(['/', '/srv/jail/etc']);
    const pass = syncSteps(story.view, 'web1').find(step => step.id === 'sync/web1/pass-1');
    const list = pass?.preview(story.view).find(action => action.kind === 'write');
    expect(list?.kind === 'write' ? String(list.content).split('\0') : []).toContain('/srv/jail/etc/*');
  });
});

import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import type { Plan } from '../../../src/plan/schema.ts';
import { guestFacts, machinePlan, planOf, Story } from '../../support/state.ts';
import { type HeldSession, heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';

/** A machine that could be built as it is. */
const WHOLE = {
  blocks: [
    { device: '/dev/vda', type: 'disk', size: 20e9, serial: 'web1-vda' },
    {
      device: '/dev/vda1',
      type: 'part',
      size: 20e9,
      parent: '/dev/vda',
      fstype: 'ext4',
      uuid: 'aaaaaaaa-1111-4111-8111-111111111111',
    },
  ],
  fileSystems: [
    {
      mountpoint: '/',
      device: '/dev/vda1',
      type: 'ext4',
      uuid: 'aaaaaaaa-1111-4111-8111-111111111111',
      size: 20e9,
      used: 8e9,
      inodesUsed: 1_204_000,
    },
  ],
  partitionTables: { '/dev/vda': 'label: dos\n/dev/vda1 : start=2048, size=39000000, type=83\n' },
};
const DISK = {
  disks: [
    {
      target: 'vda',
      source: '/pool/web1.qcow2',
      format: 'qcow2',
      bus: 'virtio',
      serial: 'web1-vda',
      capacity: 20e9,
      allocation: 9e9,
    },
  ],
};

const plan = (): Plan =>
  planOf({
    machines: {
      web1: machinePlan(),
      old1: machinePlan({ tier: 'normal' }),
      bad1: machinePlan({ tier: 'normal' }),
      new1: machinePlan({ tier: 'normal' }),
    },
  });

function story(): Story {
  const told = new Story(plan()).begin();
  told.tell({
    type: 'hypervisor.observed',
    hypervisor: 'mia-kvm1',
    version: 'libvirt 9.0.0',
    cpus: 32,
    memory: 256e9,
    pools: { default: { capacity: 4e12, available: 1.2e12, path: '/pool' } },
    networks: ['servers'],
    hostId: 'a',
  });
  told.observe('web1', WHOLE, DISK).wait(60e3);
  const { rsync } = guestFacts();
  told.observe(
    'old1',
    { ...WHOLE, rsync: { ...rsync, version: '3.0.9', nanoseconds: false, acls: false } },
    DISK,
  );
  told
    .tell({ type: 'step.started', step: 'inventory/bad1', phase: 'inventory', attempt: 1 })
    .wait(2000)
    .tell({
      type: 'step.failed',
      step: 'inventory/bad1',
      phase: 'inventory',
      attempts: 3,
      error: {
        code: 'ssh.refused',
        family: 'act',
        what: 'bad1 closes the connection',
        why: 'nothing can be read from inside',
        where: { host: 'bad1' },
        evidence: ['Permission denied (publickey)'],
        next: ['ssh root@10.20.0.11 by hand', 'add the key of this machine there'],
      },
    });
  return told;
}

async function open(
  told: Story,
  keys: readonly string[],
  [columns, rows]: readonly [number, number] = [120, 40],
  parts: Partial<Snapshot> = {},
): Promise<{ readonly ui: UiApp; readonly session: HeldSession }> {
  const session = heldSession(snapshotOf({ plan: told.plan, state: told.state, ...parts }));
  const ui = await uiApp({ session, now: told.now + 5000, columns, rows });
  await ui.press(...keys);
  return { ui, session };
}

const words = (ui: UiApp): string => ui.text().replace(/\s+/g, ' ');
const footer = (ui: UiApp): string => ui.lines().at(-1) ?? '';
const row = (ui: UiApp, name: string): string =>
  ui.lines().find(each => each.slice(2).startsWith(`${name} `)) ?? '';

describe('inventory', () => {
  test('shows of each machine what was found, what is missing, and where nobody looked yet', async () => {
    const { ui } = await open(story(), ['2']);
    expect(row(ui, 'web1')).toMatch(
      /✔ seen +Debian GNU\/Linux 12.* 6\.1\.0-18-amd64 +1: 20\.0 GB +8\.00 GB +1 204 000 +2 +1m07s ago/,
    );
    expect(row(ui, 'old1')).toMatch(/▲ seen, 2 to read/);
    expect(row(ui, 'bad1')).toMatch(/✖ failed +-/);
    expect(row(ui, 'new1')).toMatch(/· not yet +-/);
    expect(ui.text()).toContain('machines: 2 of 4 seen, 1 failed');
  });

  test('a failure stands above the footer with its remedy, and in the details with its evidence', async () => {
    const { ui, session } = await open(story(), ['2']);
    expect(words(ui)).toContain(
      '✖ inventory/bad1 failed: bad1 closes the connection. Remedy: ssh root@10.20.0.11 by hand; then r tries again.',
    );
    expect(footer(ui)).toMatch(/^ \[r\] try again, once it is mended/);
    await ui.press('/', 'bad1', 'enter');
    for (const each of [
      'because nothing can be read from inside',
      'where host bad1',
      'Permission denied (publickey)',
      '2. add the key of this machine there',
    ])
      expect(words(ui)).toContain(each);
    await ui.press('r');
    expect(session.orders).toMatchObject([{ kind: 'retry' }]);
  });

  test('says what an old rsync costs, and that landfall installs nothing', async () => {
    const { ui } = await open(story(), ['2', '/', 'old1', 'enter']);
    expect(words(ui)).toContain('▲ rsync 3.0.9 there knows no ACLs: they do not travel');
    expect(words(ui)).toContain('one delta pass compares contents as well');
    expect(words(ui)).toContain('landfall installs nothing there');
  });

  test('says what will be asked of a machine that nobody looked at', async () => {
    const { ui } = await open(story(), ['2', '/', 'new1', 'enter']);
    expect(words(ui)).toContain('will ask mia-kvm1 and root@10.20.0.11');
  });

  test('shows the hypervisors with the room in their pools', async () => {
    const { ui } = await open(story(), ['2']);
    expect(ui.text()).toMatch(/mia-kvm1 +✔ seen +miami +1\.20 TB of 4\.00 TB free in default/);
    expect(ui.text()).toMatch(/dal-kvm1 +· not yet +dallas/);
  });

  test('enter opens the machine', async () => {
    const { ui } = await open(story(), ['2', 'enter']);
    expect(ui.screen()).toBe('machine');
    expect(ui.text()).toContain('web1');
  });

  test.each([
    [60, 20],
    [80, 24],
    [200, 60],
  ])('is of use at %ix%i', async (columns, rows) => {
    const { ui } = await open(story(), ['2'], [columns, rows]);
    expect(row(ui, 'web1')).toMatch(/✔ seen.*8\.00 GB/);
    expect(row(ui, 'bad1')).toContain('✖ failed');
    expect(words(ui)).toContain('✖ inventory/bad1 failed');
  });
});

describe('build', () => {
  const built = (): Story => {
    const told = story();
    told.build('web1');
    told.tell({ type: 'step.started', step: 'build/old1/replica', phase: 'build', attempt: 1 }).wait(3000);
    told.tell({ type: 'step.done', step: 'build/old1/replica', phase: 'build', ms: 3000, already: false });
    told.tell({
      type: 'replica.created',
      machine: 'old1',
      volumes: [
        {
          disk: 'vda',
          pool: 'default',
          volume: 'landfall-e-old1-vda.qcow2',
          capacity: 20e9,
          path: '/pool/o',
        },
      ],
    });
    told.tell({ type: 'step.started', step: 'build/old1/receiver', phase: 'build', attempt: 1 });
    return told;
  };

  const broken = (): Story =>
    built().tell({
      type: 'step.failed',
      step: 'build/old1/receiver',
      phase: 'build',
      attempts: 1,
      error: {
        code: 'build.foreign-object',
        family: 'act',
        what: 'a domain of that name is there and is not ours',
        next: ['rename it'],
      },
    });

  test('shows of each machine how far its target is', async () => {
    const { ui } = await open(built(), ['3']);
    expect(row(ui, 'web1')).toMatch(
      /✔ built +✔ made +✔ defined +✔ started +✔ reached +✔ attached +✔ mounted +✔ open/,
    );
    expect(row(ui, 'old1')).toMatch(
      /… receiver +✔ made +· waits +… 5s +· waits +· waits +· waits +· at sync/,
    );
    expect(row(ui, 'new1')).toMatch(/· not begun +· waits/);
  });

  test('shows the very commands that are still to come', async () => {
    const { ui } = await open(built(), ['3', '/', 'new1', 'enter']);
    await expect.poll(() => ui.text()).toContain('What will be done:');
    expect(words(ui)).toContain('build/new1/replica create the replica disks of new1');
    expect(words(ui)).toContain('dal-kvm1 only looks');
    expect(words(ui)).toContain('vol-create-as default');
    expect(footer(ui)).toMatch(/^ \[!\] open bad1/);
  });

  test('shows a failure with its remedy, and tries again', async () => {
    const { ui, session } = await open(broken(), ['3']);
    expect(row(ui, 'old1')).toMatch(/✖ receiver fa.* +✔ made +· waits +✖ failed/);
    expect(words(ui)).toContain(
      '✖ build/old1/receiver failed: a domain of that name is there and is not ours. Remedy: rename it; then r tries again.',
    );
    expect(footer(ui)).toMatch(/^ \[r\] try again, once it is mended/);
    await ui.press('/', 'old1', 'enter', 'r');
    expect(session.orders).toEqual([{ kind: 'retry', machine: 'old1' }]);
  });

  test('shows a running step with its rate and the age of the sample, and that it stalls', async () => {
    const told = built();
    const sample = {
      step: 'build/old1/receiver',
      subject: 'old1',
      at: told.now + 2000,
      text: 'copying the clone',
      bytes: 1.9e9,
      bytesPerSecond: 42e6,
    };
    const keys = ['3', '/', 'old1', 'enter'];
    const { ui } = await open(told, keys, [120, 40], { samples: { [sample.step]: sample } });
    expect(words(ui)).toContain('… copying the clone, 1.90 GB copied, 42.0 MB/s, 3s ago');
    const old = { ...sample, at: told.now - 60e3 };
    const later = await open(told, keys, [120, 40], { samples: { [sample.step]: old } });
    expect(words(later.ui)).toMatch(/▲ copying the clone.*stalled/);
  });

  test('goes on to sync when everything is built', async () => {
    const told = new Story(planOf()).begin().observe('web1', WHOLE, DISK).build('web1');
    const { ui } = await open(told, ['3']);
    expect(words(ui)).toContain('✔ 1 machine built.');
    expect(footer(ui)).toMatch(/^ \[4\] go on to sync/);
  });

  test.each([
    [60, 20],
    [80, 24],
    [200, 60],
  ])('is of use at %ix%i', async (columns, rows) => {
    const { ui } = await open(broken(), ['3'], [columns, rows]);
    expect(row(ui, 'web1')).toContain('✔ built');
    expect(row(ui, 'old1')).toContain('✖ receiver');
    expect(words(ui)).toContain('✖ build/old1/receiver failed');
  });
});

import { expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import { heldSession, openScreens } from '../../support/ui.ts';
import { commandsAt, estate, RSYNC } from './estate.ts';

async function opened(
  machine: string,
  {
    size = [120, 40],
    tail,
    parts = () => ({}),
  }: {
    size?: readonly [number, number];
    tail?: (name: string, relative: string) => Promise<readonly string[]>;
    parts?: (now: number) => Partial<Snapshot>;
  } = {},
) {
  const plain = estate();
  const session = heldSession({
    ...plain.snapshot,
    commands: commandsAt(plain.now),
    ...parts(plain.now),
  });
  const { terminal, close } = await openScreens({
    session,
    clock: plain.clock,
    columns: size[0],
    rows: size[1],
    ...(tail === undefined ? {} : { services: { tail } }),
  });
  await terminal.press('/', ...machine, 'enter', 'enter');
  return { terminal, session, close, text: () => terminal.screen.text() };
}

test('a failure stands in full: what, why, evidence, remedy and the key that tries again', async () => {
  const { terminal, session, text, close } = await opened('web1');
  expect(text()).toContain('web1: how it stands');
  expect(text()).toMatch(/✖ sync\/web1\/pass failed \S+ ago: the target file system is full/);
  expect(text()).toContain('why it matters: the replica has 12 GB less than the source needs');
  expect(text()).toContain('rsync: write failed: No space left on device (28)');
  expect(text()).toContain('next: enlarge the replica volume');
  expect(terminal.screen.lines().at(-1)).toMatch(/^ \[r\] try again, once mended/);
  await terminal.press('r');
  expect(session.orders).toEqual([{ kind: 'retry', machine: 'web1' }]);
  await close();
});

test('who it is on both sides, its disks, what it needs and what needs it', async () => {
  const { text, close } = await opened('app1', { size: [200, 60] });
  expect(text()).toContain(
    'source  miami, mia-kvm1, domain app1, 10.20.0.11, Debian GNU/Linux 12 (bookworm)',
  );
  expect(text()).toContain('receiver landfall-e-app1-receiver at 10.30.0.11, from clone golden');
  expect(text()).toContain('disks   vda 20.0 GB → default/landfall-e-app1-vda.qcow2');
  expect(text()).toContain('after   db1 ✔ verified, Orders (database)');
  expect(text()).toContain('before  web1');
  await close();
});

test('passes stand newest first with forecast and outcome, the trend in their title', async () => {
  const { text, close } = await opened('mail1', { size: [120, 60] });
  expect(text()).toContain('literal bytes over time █▅▅');
  const rows = text()
    .split('\n')
    .filter(line => /^[› ] \d [FΔ] /.test(line));
  expect(rows.map(row => row.trim().replace(/^› /, '').slice(0, 3))).toEqual(['3 Δ', '2 Δ', '1 F']);
  expect(rows[0]).toMatch(/4\.10 GB +2\.05 GB +2m00s +1m40s +\+20% +▲ not converging/);
  await close();
});

test('a boot proof that nobody has made is said so, with what to do', async () => {
  const { text, close } = await opened('mail1');
  expect(text()).toContain('boot proof: none yet; b makes one (6 says how)');
  await close();
});

test('its log is the log of the newest pass; looking again reads it again', async () => {
  const asked: string[] = [];
  const { terminal, text, close } = await opened('mail1', {
    size: [120, 60],
    tail: (name, relative) => {
      asked.push(`${name} ${relative}`);
      return Promise.resolve([`Total bytes sent: ${asked.length}`]);
    },
  });
  expect(asked).toEqual(['miami-to-dallas logs/pass-3.log']);
  expect(text()).toContain('Total bytes sent: 1');
  await terminal.press('ctrl+r');
  expect(text()).toContain('Total bytes sent: 2');
  await close();
});

test('only its own commands are listed: web10 is another machine', async () => {
  const { terminal, text, close } = await opened('web1', { size: [120, 60] });
  expect(text()).toContain('virsh domstate landfall-e-web1-receiver');
  expect(text()).not.toContain('landfall-e-web10-receiver');
  await terminal.press('tab', 'tab', 'tab', 'tab', 'down', 'enter');
  expect(text()).toContain('run for web1, newest first');
  expect(text()).toMatch(/on dal-kvm1, .*✖ code 1 after 230ms/);
  await terminal.press('@');
  expect(text()).toContain('landfall-e-web10-receiver');
  await close();
});

test('its log leads to the whole log of it, and from there to that of all', async () => {
  const { terminal, text, close } = await opened('web1');
  await terminal.press('l');
  expect(text()).toContain('Only web1 is shown, l shows all.');
  expect(text()).not.toContain('pass 2 (delta)');
  await terminal.press('l');
  expect(text()).toContain('pass 2 (delta)');
  await close();
});

test('at 60x20 the failure fits on the first pane, and every other pane is a tab away', async () => {
  const { terminal, text, close } = await opened('web1', { size: [60, 20] });
  expect(text()).toContain('(1 of 6, tab: next)');
  expect(text()).toContain('next: enlarge the replica volume');
  await terminal.press('tab');
  expect(text()).toContain('source  miami, mia-kvm1');
  await terminal.press('shift+tab', 'shift+tab', 'shift+tab');
  expect(text()).toContain(RSYNC.slice(0, 15));
  await close();
});

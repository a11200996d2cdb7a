import { expect, test } from 'vitest';
import { heldSession, openScreens } from '../../support/ui.ts';
import { commandsAt, estate, RSYNC } from './estate.ts';

async function opened(key: string, [columns, rows]: readonly [number, number] = [120, 40]) {
  const plain = estate();
  const session = heldSession({ ...plain.snapshot, commands: commandsAt(plain.now) });
  const { terminal, close } = await openScreens({ session, clock: plain.clock, columns, rows });
  await terminal.press(key);
  return { terminal, session, now: plain.now, close, text: () => terminal.screen.text() };
}

test('the log tells in words, newest last, with the day and where everything is kept', async () => {
  const { terminal, text, close } = await opened('l');
  const lines = terminal.screen.lines();
  expect(text()).toMatch(/\d\d:\d\d:\d\d ✖ web1 +sync\/web1\/pass failed: the target file system is full/);
  expect(text()).toContain('/var/lib/landfall/miami-to-dallas/journal.jsonl');
  const last = lines.filter(line => /^ \d\d:\d\d:\d\d/.test(line)).at(-1);
  expect(last).toContain('pass 2 (delta) begins');
  await terminal.press('home');
  expect(text()).toContain('── 2026-11-22 UTC');
  expect(text()).toContain('evacuation created: 6 machines');
  await close();
});

test('the log follows; scrolled up it stands still until it is told to follow again', async () => {
  const { terminal, session, now, text, close } = await opened('l', [120, 24]);
  const note = (body: string, seq: number) =>
    ({ v: 1, seq, at: now, by: 'eve@laptop', type: 'note.added', text: body }) as const;
  const { events } = session.snapshot();
  session.change({ events: [...events, note('the queue is stopped', 900)] });
  await terminal.screen.waitFor('eve: the queue is stopped');
  await terminal.press('pgup');
  session.change({ events: [...session.snapshot().events, note('and started', 901)] });
  await terminal.press('up', 'down');
  expect(text()).not.toContain('eve: and started');
  await terminal.press('end');
  expect(text()).toContain('eve: and started');
  await close();
});

test('long news are broken beside their subject, never cut', async () => {
  const { text, close } = await opened('l', [60, 20]);
  const joined = text().replace(/\s+/g, ' ');
  expect(joined).toContain('sync/app1/pass-2 started');
  expect(
    text()
      .split('\n')
      .every(line => line.length <= 60),
  ).toBe(true);
  await close();
});

test('commands stand newest first with host, code and time, the selected one in full', async () => {
  const { terminal, text, close } = await opened('@');
  const rows = terminal.screen.lines().filter(line => /^[› ] \d\d:\d\d:\d\d/.test(line));
  expect(rows[0]).toMatch(/web1 +\? no code +2m10s +rsync -aHAX/);
  expect(rows[3]).toMatch(/web1 +✔ 0 +12ms +rsync --version/);
  expect(text().replace(/\s+/g, ' ')).toContain(RSYNC);
  await terminal.press('down', 'down');
  expect(text()).toMatch(/on dal-kvm1, 2026-11-22 .* UTC \(8s ago\), ✖ code 1 after 230ms/);
  await close();
});

test('c shows the line alone and unbroken, so that the terminal copies it whole; a key leads back', async () => {
  const { terminal, text, close } = await opened('@', [60, 20]);
  const before = terminal.raw().length;
  await terminal.press('c');
  await terminal.screen.waitFor('any key: back to landfall');
  const written = terminal.raw().slice(before);
  expect(written).toContain(RSYNC);
  expect(text().replaceAll('\n', '')).toContain(RSYNC);
  expect(text()).not.toContain('landfall miami-to-dallas ');
  await terminal.press('x');
  await terminal.screen.waitFor('run on hosts, newest first');
  expect(terminal.isRaw).toBe(true);
  await terminal.press('l');
  expect(text()).toContain('what happened');
  await close();
});

test('the failed commands are found with a filter', async () => {
  const { terminal, text, close } = await opened('@');
  await terminal.press('/', ...'failed', 'enter');
  const rows = terminal.screen.lines().filter(line => /^[› ] \d\d:\d\d:\d\d/.test(line));
  expect(rows).toHaveLength(2);
  expect(text()).toContain('2/4');
  await close();
});

test('an end from outside while a line stands alone leaves a clean terminal', async () => {
  const { terminal, close } = await opened('@');
  await terminal.press('c');
  await terminal.screen.waitFor('any key: back to landfall');
  await close();
  expect(terminal.screen.isAlternate).toBe(false);
  expect(terminal.screen.isCursorVisible).toBe(true);
  expect(terminal.isRaw).toBe(false);
});

test('enter shows the selected command alone too; a log has nothing to open and says so', async () => {
  const { terminal, text, close } = await opened('@');
  await terminal.press('down', 'enter');
  await terminal.screen.waitFor('virsh domstate landfall-e-web10-receiver');
  await terminal.screen.waitFor('any key: back to landfall');
  await terminal.press('x');
  await terminal.screen.waitFor('run on hosts, newest first');
  await terminal.press('l', 'enter');
  expect(text()).toContain('not now: there is nothing to open here');
  await close();
});

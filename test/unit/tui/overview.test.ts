import { expect, test } from 'vitest';
import type { Session, Snapshot } from '../../../src/evacuation/engine/session.ts';
import { heldSession, type OpenedUi, openScreens } from '../../support/ui.ts';
import { type Estate, estate, sample } from './estate.ts';

const open = (
  session: Session,
  { clock }: Estate,
  [columns, rows]: readonly [number, number] = [120, 40],
): Promise<OpenedUi> => openScreens({ session, clock, columns, rows });

async function shown(
  parts: Partial<Snapshot> | ((now: number) => Partial<Snapshot>) = {},
  size?: readonly [number, number],
): Promise<string[]> {
  const plain = estate();
  const changes = typeof parts === 'function' ? parts(plain.now) : parts;
  const { terminal, close } = await open(heldSession({ ...plain.snapshot, ...changes }), plain, size);
  const lines = terminal.screen.lines();
  await close();
  return lines;
}

const rowOf = (lines: readonly string[], machine: string): string =>
  lines.find(line => line.slice(2).startsWith(`${machine} `)) ?? '';

test('every machine has a row with its state, pass, bytes, exposure, verification and chance', async () => {
  const lines = await shown();
  expect(rowOf(lines, 'app1')).toMatch(
    /critical +… copying 61% +2 Δ +1\.90 GB +2m10s +2m10s left +✖ none safe/,
  );
  expect(rowOf(lines, 'db1')).toMatch(
    /✔ verified +2 Δ +212 MB +2m00s +in \d+m\d+s +5m10s ≈ 34\.1 MB +✔ 2m10s ago +✔ 3d 23h spare/,
  );
  expect(rowOf(lines, 'mail1')).toMatch(/▲ not converging +3 Δ +4\.10 GB/);
  expect(rowOf(lines, 'web1')).toMatch(/✖ target full .*r tries/);
  expect(rowOf(lines, 'files1')).toMatch(/▲ paused .*paused/);
  expect(rowOf(lines, 'new1')).toMatch(/\? not begun|\? no inventory/);
  expect(rowOf(lines, 'Orders')).toMatch(/\? not begun .*all of it .*not yet/);
});

test('the message is about the worst there is and names the key that leads to it', async () => {
  const lines = await shown();
  const text = lines.slice(-4).join(' ').replace(/\s+/g, ' ');
  expect(text).toContain('✖ web1 failed: the target file system is full: the replica has 12 GB less');
  expect(text).toContain('Next: enlarge the replica volume, then r.');
  expect(text).toContain('[!] opens web1');
  expect(lines.at(-1)).toMatch(/^ \[!\] open web1/);
});

test('narrow terminals keep machine, state, exposure and boot proof', async () => {
  const at80 = await shown({}, [80, 24]);
  expect(rowOf(at80, 'db1')).toMatch(/✔ verified .* 5m10s .* ✔ 2m10s ago/);
  const at60 = await shown({}, [60, 20]);
  expect(rowOf(at60, 'db1')).toMatch(/✔ verified .* 5m10s .* ✔ 2m10s ago/);
  expect(at60.every(line => line.length <= 60)).toBe(true);
  expect(at60.at(-1)).toMatch(/\[!\] open web1.*\? help {2}q detach/);
});

test('wide terminals show the rate as well', async () => {
  const lines = await shown({}, [200, 60]);
  expect(rowOf(lines, 'app1')).toMatch(/2m10s +42\.0 MB\/s +2m10s left/);
  expect(rowOf(lines, 'db1')).toMatch(/≈ 34\.1 MB +✔ 2m10s ago +✔ 2m10s ago/);
});

test('a copy that has said nothing for fifteen seconds is stalled, in words', async () => {
  const fresh = await shown(now => ({ samples: { a: sample(now - 14_000) } }));
  expect(rowOf(fresh, 'app1')).toContain('… copying 61%');
  const silent = await shown(now => ({ samples: { a: sample(now - 15_000) } }), [200, 60]);
  expect(rowOf(silent, 'app1')).toContain('▲ copying 61% stalled');
  // Without the engine nothing is heard of any copy: that is no news about this one.
  const lost = await shown(now => ({ samples: { a: sample(now - 60_000) }, connection: 'lost' }));
  expect(rowOf(lost, 'app1')).toContain('… copying 61%');
  expect(lost.join('\n')).toContain('The engine is not reachable');
});

test('without an engine the first thing to do is to start it', async () => {
  const lines = await shown({ connection: 'none', samples: {} });
  expect(lines.join('\n')).toContain('The engine is gone and nobody steers');
  expect(lines.at(-1)).toMatch(/^ \[e\] start the engine/);
});

test('who else looks on and what was missed stand below, and go away after a while', async () => {
  const client = { id: '1', host: 'jump1', client: 'ui', self: true, who: 'dana' } as const;
  const away = {
    passes: 41,
    verified: 2,
    failures: 1,
    orders: ['eve paused mail1', 'eve waived machine/web1/at-rest'],
  };
  const parts = (since: number) => (now: number) => ({
    away: { ...away, since: now - 6 * 3600e3 },
    clients: [
      { ...client, since: now - since },
      { ...client, id: '2', who: 'eve@laptop', host: 'laptop', self: false, since: now - 900e3 },
    ],
  });
  const lines = await shown(parts(60e3));
  expect(lines.join('\n')).toContain(
    'since you left, 6h00m ago: 41 passes, 2 verified, 1 failure, eve paused mail1, eve waived machine/web1/at-rest',
  );
  expect(lines.join('\n')).toContain('eve looks on from laptop, for 15m');
  expect((await shown(parts(11 * 60e3))).join('\n')).not.toContain('since you left');
});

test('enter opens the selected machine, ! the worst one, and orders go to the selected one', async () => {
  const place = estate();
  const session = heldSession(place.snapshot);
  const { terminal, close } = await open(session, place);
  await terminal.press('down', 's', 'p');
  expect(session.orders).toEqual([
    { kind: 'sync', machine: 'db1' },
    { kind: 'pause', machine: 'db1' },
  ]);
  await terminal.press('enter');
  expect(terminal.screen.text()).toContain('db1: how it stands');
  await terminal.press('esc', '!');
  expect(terminal.screen.text()).toContain('web1: how it stands');
  await close();
});

test('what a host calls itself cannot move the cursor', async () => {
  const { snapshot } = estate();
  const hostile = '\u001B[2J\u001B[31mowned';
  const web1 = snapshot.state.machines['web1'];
  const failure = web1?.failure;
  if (web1 === undefined || failure === undefined) throw new Error('web1 has failed in this story');
  const error = { ...failure.error, what: hostile, next: [hostile] };
  const machines = { ...snapshot.state.machines, web1: { ...web1, failure: { ...failure, error } } };
  const lines = await shown({ state: { ...snapshot.state, machines } });
  expect(lines.join('\n')).toContain('\\x1b[2J\\x1b[31mowned');
  expect(lines[0]).toContain('landfall');
});

test('a stage that waits comes first in the footer; one that this version cannot do is never offered', async () => {
  const held = (phases: readonly string[]): Partial<Snapshot> => {
    const { state } = estate().snapshot;
    if (state.evacuation === undefined) throw new Error('this story has begun');
    const { web1, ...machines } = state.machines;
    const steps = Object.fromEntries(Object.entries(state.steps).filter(([id]) => !id.includes('web1')));
    return { state: { ...state, machines, steps, evacuation: { ...state.evacuation, held: phases } } };
  };
  const waits = await shown(held(['build', 'prove', 'cutover']));
  expect(waits.at(-1)).toMatch(/^ \[a\] approve build/);
  expect(waits.join('\n')).toContain('build waits for your approval. [a] shows its exact commands');
  const nothing = await shown(held(['prove', 'cutover']));
  expect(nothing.at(-1)).not.toContain('approve');
});

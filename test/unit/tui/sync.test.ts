import { expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import { heldSession, openScreens } from '../../support/ui.ts';
import { estate, sample, wellEstate } from './estate.ts';

async function opened(
  parts: (now: number) => Partial<Snapshot> = () => ({}),
  [columns, rows]: readonly [number, number] = [120, 40],
) {
  const plain = estate();
  const session = heldSession({ ...plain.snapshot, ...parts(plain.now) });
  const { terminal, close } = await openScreens({ session, clock: plain.clock, columns, rows });
  await terminal.press('4');
  const text = (): string => terminal.screen.text();
  return { terminal, session, close, text };
}

const rowOf = (text: string, machine: string): string =>
  text.split('\n').find(line => line.slice(2).startsWith(`${machine} `)) ?? '';

test('a copy under way shows its rate, what is left, and how old that knowledge is', async () => {
  const { text, close } = await opened();
  expect(rowOf(text(), 'app1')).toMatch(/… copying 61% .* 42\.0 MB\/s +2m10s left +3s ago/);
  expect(text()).toContain('now: /, 61%, 1.90 GB copied, 42.0 MB/s, 2m10s left, 3s ago');
  await close();
});

test('a silent copy is stalled, and its rate is no longer the truth', async () => {
  const { text, close } = await opened(now => ({ samples: { a: sample(now - 31_000) } }), [200, 60]);
  expect(rowOf(text(), 'app1')).toMatch(/▲ copying 61% stalled .*\? unknown +▲ 31s ago/);
  expect(text()).toContain('now 0 kbit/s');
  await close();
});

test('passes are a row of bars, and the forecast stands beside what came', async () => {
  const { text, close } = await opened();
  expect(rowOf(text(), 'mail1')).toMatch(/▲ not converging +3 Δ +█▅▅ +4\.10 GB +2m00s +1m40s \+20%/);
  await close();
});

test('a machine that does not converge says why, what is hot and what would help', async () => {
  const { terminal, text, close } = await opened();
  await terminal.press('down', 'down', 'down');
  expect(text()).toContain('mail1: its passes and what would help');
  expect(text()).toContain('▲ not converging: literal bytes stayed above 0.8 of the pass before, twice');
  expect(text()).toContain('would help: exclude the hot path');
  expect(text()).toContain('new bytes a pass: 8.00 GB → 4.10 GB');
  expect(text()).toContain('the forecast was 1m40s (+20%)');
  await terminal.press('tab', 'end');
  expect(text()).toContain('3.90 GB  /var/spool/mail/queue');
  await close();
});

test('the link shows what is used of what is allowed, and by whose word', async () => {
  const plain = await opened();
  expect(plain.text()).toMatch(/now 336 Mbit\/s \(42\.0 MB\/s\) of 800 Mbit\/s {2}█{8}░{12}/);
  expect(plain.text()).toContain("the limit is the plan's");
  await plain.close();
  const evacuation = estate().snapshot.state.evacuation;
  if (evacuation === undefined) throw new Error('this story has begun');
  const throttled = await opened(now => ({
    state: {
      ...estate().snapshot.state,
      evacuation: {
        ...evacuation,
        throttle: { by: 'eve@laptop', at: now - 3600e3, bytesPerSecond: 50e6, reason: 'office hours' },
      },
    },
  }));
  expect(throttled.text()).toContain('of 400 Mbit/s');
  expect(throttled.text()).toContain(
    'eve throttled it 1h00m ago: office hours; the plan says 800 Mbit/s; t changes it',
  );
  await throttled.close();
});

test('the next action is about the machine that is selected', async () => {
  const { terminal, session, close } = await opened(() => ({ state: wellEstate().snapshot.state }));
  await terminal.press('down');
  expect(terminal.screen.lines().at(-1)).toMatch(/^ \[s\] one more pass of db1/);
  await terminal.press('s');
  expect(session.orders).toEqual([{ kind: 'sync', machine: 'db1' }]);
  await terminal.press('down');
  expect(terminal.screen.lines().at(-1)).toMatch(/^ \[p\] let files1 go on/);
  await terminal.press('p');
  expect(session.orders.at(-1)).toEqual({ kind: 'resume', machine: 'files1' });
  await close();
});

test('the detail is about the row that a filter leaves', async () => {
  const { terminal, text, close } = await opened();
  await terminal.press('/', ...'converging', 'enter');
  expect(text()).toContain('mail1: its passes');
  await close();
});

test('at 60x20 one pane stands alone and says how to reach the others', async () => {
  const { terminal, text, close } = await opened(undefined, [60, 20]);
  expect(text()).toContain('(1 of 3, tab: next)');
  expect(rowOf(text(), 'app1')).toMatch(/… copying 61%.*42\.0 MB\/s/);
  await terminal.press('tab', 'tab');
  expect(text()).toContain('of 800 Mbit/s');
  await close();
});

test('work that is told once and not measured is never stalled: it has been going on for so long', async () => {
  const { text, close } = await opened(now => {
    const { state } = estate().snapshot;
    const step = {
      id: 'sync/db1/verify-2',
      phase: 'sync',
      status: 'running',
      attempts: 1,
      startedAt: now - 190e3,
    } as const;
    return {
      state: { ...state, steps: { ...state.steps, [step.id]: step } },
      samples: {
        [step.id]: { step: step.id, subject: 'db1', at: now - 180e3, text: 'comparing every byte of /' },
      },
    };
  });
  expect(rowOf(text(), 'db1')).toMatch(/… verifying .* for 3m10s/);
  expect(text()).not.toContain('stalled');
  await close();
});

import { expect, test } from 'vitest';
import { armFaults, type WantedFault } from '../../../src/cli/rehearsal/faults.ts';
import { systemClock } from '../../../src/foundation/clock.ts';
import type { Event, EventBody } from '../../../src/journal/events.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const event = (body: EventBody): Event => ({ ...body, v: 1, seq: 1, at: 1, by: 'dana@jump1' });

/** Faults over a lab that only records what it is told. */
function armed(...wanted: WantedFault[]) {
  const told: string[] = [];
  const notes: string[] = [];
  const clock = new ManualClock();
  const faults = armFaults(
    {
      async fault(kind, at, on) {
        told.push(`${kind} ${at} ${on ? 'on' : 'off'}`);
        return true;
      },
    },
    wanted,
    {
      clock,
      signal: new AbortController().signal,
      note: async text => void notes.push(text),
      onTrouble: text => void notes.push(`trouble: ${text}`),
    },
  );
  return { faults, told, notes, clock };
}

const passStarted = event({
  type: 'pass.started',
  machine: 'web1',
  pass: 1,
  kind: 'full',
  mover: 'files',
  reason: 'first',
  checksum: false,
});

test('a fault that heals is in the journal with its beginning and its end', async () => {
  const { faults, told, notes, clock } = armed({ kind: 'link-drop' });
  faults.sample({ step: 'sync/db1/pass-1', subject: 'db1', at: 1, text: 'x' });
  await systemClock.sleep(0);
  expect(notes).toEqual(['fault link-drop at db1, which ends by itself']);
  clock.advance(1500);
  expect(await faults.settled()).toEqual([]);
  expect(told).toEqual(['link-drop db1 on', 'link-drop db1 off']);
  expect(notes[1]).toBe('fault link-drop at db1 is over');
});

test('a full target says how it ends, and ends with the first retry that an engineer asks for', async () => {
  const { faults, told, notes } = armed({ kind: 'target-full', machine: 'web1' });
  faults.event(passStarted);
  await faults.settled();
  expect(notes).toEqual([
    'fault target-full at web1; it stays until a retry is asked for (r, or landfall retry), as if somebody has made room',
  ]);
  faults.event(event({ type: 'step.retry-requested', step: 'sync/db1/pass-1' }));
  await faults.settled();
  expect(told).toEqual(['target-full web1 on']);
  const again = event({ type: 'step.retry-requested', step: 'sync/web1/pass-1' });
  faults.event(again);
  faults.event(again);
  await faults.settled();
  expect(told).toEqual(['target-full web1 on', 'target-full web1 off']);
  expect(notes[1]).toBe('fault target-full at web1 is over: somebody has made room');
});

test('what a replica lacks stays until a retry; a source is restarted under a copy that is under way, once', async () => {
  const { faults, told, notes } = armed(
    { kind: 'inodes-full', machine: 'web1' },
    { kind: 'source-reboot', machine: 'db1' },
  );
  faults.event(passStarted);
  await faults.settled();
  expect(told).toEqual(['inodes-full web1 on']);
  for (let count = 0; count < 2; count += 1)
    faults.sample({ step: 'sync/db1/pass-1', subject: 'db1', at: 1, text: 'x' });
  await faults.settled();
  expect(told).toEqual(['inodes-full web1 on', 'source-reboot db1 on']);
  expect(notes[0]).toContain('as if somebody has given it inodes');
  expect(notes[1]).toBe('fault source-reboot at db1');
  faults.event(event({ type: 'step.retry-requested', step: 'sync/web1/pass-1' }));
  await faults.settled();
  expect(told.at(-1)).toBe('inodes-full web1 off');
});

test('a file that cannot be read is readable again when another pass is asked for', async () => {
  const { faults, told, notes } = armed({ kind: 'unreadable' });
  faults.event(event({ type: 'replica.created', machine: 'web1', volumes: [] }));
  await faults.settled();
  expect(notes[0]).toContain('/etc/hostname cannot be read');
  faults.event(event({ type: 'step.retry-requested', step: 'sync/web1/pass-1' }));
  faults.event(event({ type: 'pass.requested', machine: 'web1', reason: 'somebody has looked' }));
  await faults.settled();
  expect(told).toEqual(['unreadable web1 on', 'unreadable web1 off']);
});

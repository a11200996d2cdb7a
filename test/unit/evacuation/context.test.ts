import { describe, expect, test } from 'vitest';
import { type ContextParts, contextFor } from '../../../src/evacuation/context.ts';
import type { Host } from '../../../src/remote/host.ts';
import type { Action } from '../../../src/step/action.ts';
import { EMPTY_PLAN, InstantClock, MemoryJournal, step } from '../../support/conducted.ts';

type Exec = Action & { kind: 'exec' };

const make: Exec = { kind: 'exec', host: 'dal-kvm1', argv: ['virsh', 'define', '/run/x.xml'] };
const look: Exec = { kind: 'exec', host: 'dal-kvm1', argv: ['virsh', '-r', 'list'], reads: true };

/** A host at the network edge that answers `cat` with a machine-id and records what it was asked to do. */
function fakeHost(machineId: string, asked: unknown[][]): Host {
  const refuse = (): never => {
    throw new Error('not used here');
  };
  return {
    id: 'dal-kvm1',
    exec: argv => {
      asked.push([...argv]);
      const stdout = argv[0] === 'cat' ? `${machineId}\n` : '';
      return Promise.resolve({ code: 0, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0), ms: 1 });
    },
    stream: refuse,
    write: (path, _content, mode) => {
      asked.push(['write', path, mode.toString(8)]);
      return Promise.resolve();
    },
    read: refuse,
    job: refuse,
    close: () => Promise.resolve(),
  };
}

async function setUp(preview: readonly Action[], answers: string) {
  const journal = new MemoryJournal();
  await journal.append({
    type: 'hypervisor.observed',
    hypervisor: 'dal-kvm1',
    version: '9.0.0',
    cpus: 4,
    memory: 1,
    pools: {},
    networks: [],
    hostId: 'abc123',
  });
  const asked: unknown[][] = [];
  const clock = new InstantClock();
  const parts: ContextParts = {
    plan: EMPTY_PLAN,
    evacuation: 'test',
    state: () => journal.state(),
    host: () => Promise.resolve(fakeHost(answers, asked)),
    emit: body => journal.append(body),
    onSample: () => {},
    keepLog: () => Promise.resolve(),
    clock,
    random: { next: () => 0, bytes: n => new Uint8Array(n) },
  };
  return { context: contextFor(step('build/web1/x', { preview: () => preview }), parts), asked };
}

describe('preview', () => {
  test('what was not announced is refused, and nothing reaches the host', async () => {
    const { context, asked } = await setUp([], 'abc123');
    await expect(context.perform(make)).rejects.toMatchObject({ code: 'bug' });
    expect(asked).toEqual([]);
  });

  test('an announced command with one other word is another command', async () => {
    const { context, asked } = await setUp([make], 'abc123');
    await expect(context.perform({ ...make, argv: [...make.argv, '--force'] })).rejects.toMatchObject({
      code: 'bug',
    });
    await expect(context.perform({ ...make, host: 'mia-kvm1' })).rejects.toMatchObject({ code: 'bug' });
    expect(asked).toEqual([]);
  });

  test('an action that still waits for a fact is never executed', async () => {
    const waiting: Exec = { ...make, argv: ['virsh', { unknown: 'size of vda', from: 'inventory/web1' }] };
    const { context } = await setUp([waiting], 'abc123');
    await expect(context.perform(waiting)).rejects.toThrow(/inventory\/web1 had recorded the size of vda/);
  });
});

describe('identity', () => {
  test('is asked once, before the first action that changes something', async () => {
    const { context, asked } = await setUp([look, make], 'ABC123');
    await context.perform(look);
    expect(asked).toEqual([['virsh', '-r', 'list']]);
    await context.perform(make);
    await context.perform(make);
    expect(asked.slice(1)).toEqual([
      ['cat', '/etc/machine-id'],
      ['virsh', 'define', '/run/x.xml'],
      ['virsh', 'define', '/run/x.xml'],
    ]);
  });

  test('another host behind the same address is refused before anything is written', async () => {
    const { context, asked } = await setUp([make], 'another-machine');
    await expect(context.perform(make)).rejects.toMatchObject({
      code: 'identity.mismatch',
      facts: { evidence: ['recorded: abc123', 'answered: another-machine'] },
    });
    expect(asked).toEqual([['cat', '/etc/machine-id']]);
  });
});

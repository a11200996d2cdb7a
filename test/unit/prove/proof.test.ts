import { afterEach, describe, expect, test } from 'vitest';
import { cancelled, LandfallError } from '../../../src/foundation/errors.ts';
import { proveSteps } from '../../../src/prove/index.ts';
import type { Step } from '../../../src/step/step.ts';
import {
  ISLAND,
  OVERLAY,
  ProofWorld,
  REPLICA,
  SECTIONS,
  type WorldOptions,
} from '../../support/proof-world.ts';

let worlds: ProofWorld[] = [];
afterEach(() => {
  for (const world of worlds) world.dispose();
  worlds = [];
});

function worldOf(options: WorldOptions = {}): ProofWorld {
  const world = new ProofWorld(options);
  worlds.push(world);
  return world;
}

function stepOf(world: ProofWorld): Step {
  const [step] = proveSteps(world.story.view, 'web1');
  if (step === undefined) throw new Error('no proof is due');
  return step;
}

const run = (world: ProofWorld, signal = new AbortController().signal): Promise<void> => {
  const step = stepOf(world);
  return step.run(world.context(step), signal);
};

const endedOf = (world: ProofWorld) => world.story.state.machines['web1']?.proofs?.at(-1)?.ended;

describe('a proof', () => {
  test('boots an overlay on its island, judges what it says, and leaves everything as it was', async () => {
    const world = worldOf();
    const step = stepOf(world);
    expect(step.id).toBe('prove/web1/proof-1');
    await run(world);
    const ended = endedOf(world);
    expect(ended?.checks.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(ended?.verdict).toBe('proven');
    expect(world.links).toEqual(['52:54:00:00:00:01']);
    expect(world.isBack).toBe(true);
    expect(world.logs.get('web1-proof-1-console.log')?.toString()).toContain('Linux version');
    expect(await step.done(world.context(step), new AbortController().signal)).toBe(true);
    expect(proveSteps(world.story.view, 'web1')).toEqual([]);
  });

  test('of a copy that does not boot ends with its reason, and the step is done', async () => {
    const world = worldOf({
      console:
        '[    0.000000] Linux version 6.1\nALERT!  UUID=x does not exist.  Dropping to a shell!\n(initramfs)',
      sections: undefined,
    });
    await run(world);
    expect(endedOf(world)).toMatchObject({ verdict: 'failed', reason: { kind: 'missing-root' } });
    expect(world.links).toEqual([]);
    expect(world.isBack).toBe(true);
  });

  test('of a copy that says nothing ends at its deadline', async () => {
    const world = worldOf({ console: '', sections: undefined });
    await run(world);
    expect(endedOf(world)).toMatchObject({ verdict: 'failed', reason: { kind: 'no-console' } });
    expect(world.isBack).toBe(true);
  });

  test('of a copy that prints without end is over before the memory of its hypervisor is full', async () => {
    const console = '[    0.000000] Linux version 6.1\n[    1.000000] again and again';
    const world = worldOf({ console, consoleBytes: 2 ** 30, sections: undefined });
    await run(world);
    expect(endedOf(world)).toMatchObject({
      verdict: 'failed',
      reason: { words: expect.stringContaining('printed more than its hypervisor has room for') },
    });
    expect(endedOf(world)?.ms).toBeLessThan(60_000);
    expect(world.isBack).toBe(true);
  });

  test('fails when a way out answers, whatever else is well', async () => {
    const world = worldOf({
      sections: { ...SECTIONS, 'proof-egress:tcp-22:10.20.0.1': 'bash: connect: Connection refused' },
    });
    await run(world);
    expect(endedOf(world)).toMatchObject({ verdict: 'failed', reason: { kind: 'not-isolated' } });
  });

  test('without a single try to get out is no proof', async () => {
    const rest = Object.entries(SECTIONS).filter(([name]) => !name.startsWith('proof-egress'));
    const world = worldOf({ sections: Object.fromEntries(rest) });
    await run(world);
    expect(endedOf(world)).toMatchObject({ verdict: 'failed', reason: { kind: 'not-isolated' } });
  });

  test('fails when the replica is not what it was before', async () => {
    const world = worldOf();
    world.beforeChange = line => {
      if (line.includes(' destroy ')) world.replicaChanged = '2026-11-22 12:00:01.5 +0000';
    };
    await run(world);
    expect(endedOf(world)).toMatchObject({ verdict: 'failed', reason: { kind: 'replica-touched' } });
    expect(world.isBack).toBe(true);
  });

  test('a domain of that name that is not ours is not touched', async () => {
    const world = worldOf();
    world.domain = '<domain><uuid>x</uuid></domain>';
    await expect(run(world)).rejects.toMatchObject({ code: 'prove.leftover' });
    expect(world.deeds).toEqual([]);
  });

  const passBegun = {
    type: 'pass.started',
    machine: 'web1',
    pass: 9,
    kind: 'delta',
    mover: 'files',
    reason: 'x',
    checksum: false,
  } as const;

  test('waits for a pass that a killed landfall has left running: it would write into the overlay', async () => {
    const world = worldOf();
    world.story.tell(passBegun);
    world.passRuns = 3;
    await run(world);
    expect(world.passRuns).toBeLessThan(0);
    expect(endedOf(world)?.verdict).toBe('proven');
  });

  test('takes nothing apart while such a pass does not end', async () => {
    const world = worldOf();
    world.story.tell(passBegun);
    world.passRuns = 1_000_000;
    await expect(run(world)).rejects.toMatchObject({ code: 'job.conflict' });
    expect(world.deeds).toEqual([]);
  });

  test('a network of the name of its island that is not ours is not destroyed, and nothing boots on it', async () => {
    const world = worldOf();
    world.networks.set(ISLAND, '<network><uuid>4c4c4544-0000-4000-8000-000000000009</uuid></network>');
    await expect(run(world)).rejects.toMatchObject({ code: 'prove.leftover' });
    expect(world.networks.has(ISLAND)).toBe(true);
    expect(world.deeds).toEqual([]);
  });

  test('a volume of the name of an overlay that lies over something else is not deleted', async () => {
    const world = worldOf();
    world.volumes.add(OVERLAY);
    world.base = '/pool/somebody-elses.qcow2';
    await expect(run(world)).rejects.toMatchObject({ code: 'prove.leftover' });
    expect([...world.volumes]).toEqual([REPLICA, OVERLAY]);
    expect(world.plugged.map(({ volume }) => volume)).toEqual([REPLICA]);
    expect(world.mounted).toHaveLength(1);
  });

  test('a copy whose collector was cut off has not answered: a verdict, not an error', async () => {
    const { end: _, ...sections } = SECTIONS;
    const world = worldOf({ sections });
    await run(world);
    expect(endedOf(world)?.verdict).toBe('failed');
    expect(endedOf(world)?.checks.find(({ check }) => check === 'nonce')?.verdict).toBe('fail');
    expect(world.isBack).toBe(true);
  });

  test('previews every command that it gives', () => {
    const world = worldOf();
    const lines = stepOf(world)
      .preview(world.story.view)
      .map(action =>
        action.kind === 'write'
          ? action.path
          : action.kind === 'sql'
            ? ''
            : action.argv.map(String).join(' '),
      );
    for (const part of [
      'net-create',
      ' create ',
      'vol-create-as',
      'vol-delete',
      'domif-setlink',
      'attach-device',
      'qemu-monitor-command',
      'net-dumpxml',
      'vol-dumpxml',
    ])
      expect(lines.some(line => line.includes(part))).toBe(true);
  });
});

/** How many changes a whole proof makes, so that each can fail in turn. */
async function countOfChanges(): Promise<number> {
  const world = worldOf();
  await run(world);
  return world.deeds.length;
}

describe('whatever fails', () => {
  test('the replica is back in its receiver and nothing is left', async () => {
    const changes = await countOfChanges();
    expect(changes).toBeGreaterThan(20);
    for (let failing = 0; failing < changes; failing += 1) {
      const world = worldOf();
      let isFailed = false;
      world.beforeChange = (line, at) => {
        if (at !== failing || isFailed) return;
        isFailed = true;
        throw new LandfallError('ssh.connection-lost', { what: `lost at ${line}`, next: [] });
      };
      // What fails while it is put back is tried again, so that such a proof may end well.
      await run(world).catch((error: unknown) => expect(error).toBeInstanceOf(LandfallError));
      expect(isFailed, `change ${failing}`).toBe(true);
      expect(world.isBack, `change ${failing}\n${world.deeds.join('\n')}`).toBe(true);
    }
  }, 60_000);

  test('so it is when an engineer ends it at any moment', async () => {
    const changes = await countOfChanges();
    for (let ending = 0; ending < changes; ending += 5) {
      const world = worldOf();
      const abort = new AbortController();
      world.beforeChange = (_, at) => {
        if (at === ending) abort.abort(cancelled());
      };
      await run(world, abort.signal).catch(() => undefined);
      expect(world.isBack, `${ending}\n${world.deeds.join('\n')}`).toBe(true);
    }
  }, 60_000);

  test('and after a kill the next attempt clears away what is left', async () => {
    const changes = await countOfChanges();
    for (let killed = 0; killed < changes; killed += 5) {
      const world = worldOf();
      world.beforeChange = (_, at) => {
        if (at >= killed) throw new LandfallError('ssh.unreachable', { what: 'killed', next: [] });
      };
      await run(world).catch(() => undefined);
      world.beforeChange = () => {};
      await run(world);
      expect(endedOf(world)?.verdict).toBe('proven');
      expect(world.isBack, `${killed}\n${world.deeds.join('\n')}`).toBe(true);
    }
  }, 60_000);

  test('a pause gives it up and puts the replica back', async () => {
    const world = worldOf();
    world.beforeChange = line => {
      if (line.includes('domif-setlink'))
        throw new LandfallError('ssh.unreachable', { what: 'gone', next: [] });
    };
    await run(world).catch(() => undefined);
    world.volumes.add(OVERLAY);
    const step = stepOf(world);
    await step.halt?.(world.context(step));
    expect(world.isBack).toBe(true);
  });
});

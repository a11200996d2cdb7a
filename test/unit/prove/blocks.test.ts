import { afterEach, describe, expect, test } from 'vitest';
import { LandfallError } from '../../../src/foundation/errors.ts';
import { proveSteps } from '../../../src/prove/index.ts';
import type { Step } from '../../../src/step/step.ts';
import { OVERLAY, ProofWorld, REPLICA, SECTIONS, type WorldOptions } from '../../support/proof-world.ts';
import { machinePlan } from '../../support/state.ts';

let worlds: ProofWorld[] = [];
afterEach(() => {
  for (const world of worlds) world.dispose();
  worlds = [];
});

const BLOCKS = { machines: { web1: machinePlan({ mover: 'blocks' }) } };
const UNSEEN = {
  machines: {
    web1: machinePlan({
      mover: 'blocks',
      source: { hypervisor: 'mia-kvm1', address: '10.20.0.11', user: 'root', login: false },
    }),
  },
};

function worldOf(options: WorldOptions = {}): ProofWorld {
  const world = new ProofWorld({ plan: BLOCKS, ...options });
  worlds.push(world);
  return world;
}

function stepOf(world: ProofWorld): Step {
  const [step] = proveSteps(world.story.view, 'web1');
  if (step === undefined) throw new Error('no proof is due');
  return step;
}

async function run(world: ProofWorld): Promise<Step> {
  const step = stepOf(world);
  await step.run(world.context(step), new AbortController().signal);
  return step;
}

const machineOf = (world: ProofWorld) => world.story.state.machines['web1'];
const endedOf = (world: ProofWorld) => machineOf(world)?.proofs?.at(-1)?.ended;
const verdictOn = (world: ProofWorld, check: string) =>
  endedOf(world)?.checks.find(each => each.check === check)?.verdict;

const openPass = {
  type: 'pass.started',
  machine: 'web1',
  pass: 2,
  kind: 'delta',
  mover: 'blocks',
  reason: 'x',
  checksum: false,
} as const;

describe('the proof of a replica that blocks fill', () => {
  test('fits an overlay in a receiver that never had the replica, and leaves it empty', async () => {
    const world = worldOf();
    const step = stepOf(world);
    expect(step.needs).toEqual(['build/web1/access', 'build/web1/standby']);
    expect(step.disturbs).toBeUndefined();
    await run(world);
    expect(endedOf(world)?.checks.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(endedOf(world)?.verdict).toBe('proven');
    expect(verdictOn(world, 'mounts')).toBe('pass');
    expect(world.isBack).toBe(true);
    expect(world.plugged).toEqual([]);
    expect(machineOf(world)?.receiver?.devices).toEqual({});
    expect(world.deeds.filter(line => line.includes('attach-device'))).toHaveLength(1);
  });

  test('previews no way of the replica into a receiver', () => {
    const world = worldOf();
    const attached = stepOf(world)
      .preview(world.story.view)
      .flatMap(action =>
        action.kind === 'write' && String(action.content).includes(REPLICA) ? [action] : [],
      );
    // The description of the disk that goes out, where an earlier mover has left it in.
    expect(attached.every(action => !String(action.content).includes(OVERLAY))).toBe(true);
    const plugs = stepOf(world)
      .preview(world.story.view)
      .filter(action => action.kind === 'exec' && action.argv.includes('attach-device'));
    expect(plugs).toHaveLength(1);
  });

  test('of one that was just taken over from files takes it out and does not put it back', async () => {
    const world = worldOf();
    world.plugIn();
    await run(world);
    expect(endedOf(world)?.verdict).toBe('proven');
    expect(world.isBack).toBe(true);
  });

  test('whatever fails, nothing is left of it', async () => {
    const trial = worldOf();
    await run(trial);
    for (let failing = 0; failing < trial.deeds.length; failing += 3) {
      const world = worldOf();
      let isFailed = false;
      world.beforeChange = (line, at) => {
        if (at !== failing || isFailed) return;
        isFailed = true;
        throw new LandfallError('ssh.connection-lost', { what: `lost at ${line}`, next: [] });
      };
      await run(world).catch((error: unknown) => expect(error).toBeInstanceOf(LandfallError));
      expect(world.isBack, `change ${failing}\n${world.deeds.join('\n')}`).toBe(true);
    }
  });

  /** A pass that was broken off, and what had become of its piece at the target. */
  function brokenOff(state: 'arrived' | 'checked'): ProofWorld {
    const world = worldOf();
    world.story.tell(openPass);
    world.answerFirst = (host, argv) =>
      host === 'dal-kvm1' && argv[0] === 'sh' && argv.at(-1) === 'web1-p2-vda.qcow2'
        ? { code: 0, out: `web1-p2-vda.qcow2 ${state}\n` }
        : undefined;
    return world;
  }

  test('brings to its end what was half in the replica, once everything that was left is cleared away', async () => {
    const world = brokenOff('checked');
    world.story.tell({
      ...{ type: 'proof.started', machine: 'web1', proof: 1, pass: 1, domain: 'd', nonce: 'n' },
    });
    world.volumes.add(OVERLAY);
    await run(world);
    expect(world.merges).toBe(1);
    expect(machineOf(world)?.advanced?.pass).toBe(2);
    expect(endedOf(world)?.verdict).toBe('proven');
    expect(world.isBack).toBe(true);
  });

  test('boots nothing where that does not come to its end', async () => {
    const world = brokenOff('checked');
    world.mergeCode = 45;
    await expect(run(world)).rejects.toMatchObject({ code: 'remote.command-failed' });
    expect(world.isBack).toBe(true);
    expect(world.deeds.some(line => line.includes(' create '))).toBe(false);
  });

  test('leaves a pass alone of which nothing was merged', async () => {
    const world = brokenOff('arrived');
    await run(world);
    expect(world.merges).toBe(0);
    expect(endedOf(world)?.verdict).toBe('proven');
    expect(machineOf(world)?.advanced).toBeUndefined();
  });
});

describe('the proof of a machine that nobody logs in to', () => {
  const quiet = { plan: UNSEEN, sections: undefined } as const;

  test('boots it as it is, unplugged, and is content with what is seen from outside', async () => {
    const world = worldOf({ ...quiet, agent: true, console: '' });
    const step = stepOf(world);
    expect(step.needs).toEqual(['build/web1/standby']);
    await run(world);
    expect(endedOf(world)?.verdict).toBe('proven');
    expect(verdictOn(world, 'agent')).toBe('pass');
    expect(verdictOn(world, 'kernel')).toBe('pass');
    expect(verdictOn(world, 'isolation')).toBe('pass');
    // What could not be seen is named, one by one.
    for (const check of ['nonce', 'identity', 'root', 'mounts', 'units', 'sockets', 'host-key'])
      expect(verdictOn(world, check), check).toBe('unproven');
    expect(world.links).toEqual([]);
    expect(world.isBack).toBe(true);
    expect(world.deeds.filter(line => /attach-device|^mount|edit/.test(line))).toEqual([]);
  });

  test('takes the login that its console asks for', async () => {
    const world = worldOf({ ...quiet, console: '[    0.000000] Linux version 6.1\n\nappliance login: ' });
    await run(world);
    expect(endedOf(world)?.verdict).toBe('proven');
    expect(verdictOn(world, 'agent')).toBe('unproven');
  });

  test('proves nothing where nothing was seen, and says what would help', async () => {
    const world = worldOf({ ...quiet, console: '' });
    await run(world);
    expect(endedOf(world)).toMatchObject({ verdict: 'failed', reason: { kind: 'no-console' } });
    expect(endedOf(world)?.reason?.remedy.join()).toContain('guest agent');
    expect(verdictOn(world, 'kernel')).toBe('unproven');
  });

  test('cannot try checks of the plan, and does not say that they were met', async () => {
    const world = worldOf({
      ...quiet,
      agent: true,
      plan: { machines: { web1: { ...UNSEEN.machines.web1, checks: [{ tcp: 443 }] } } },
    });
    await run(world);
    expect(endedOf(world)?.verdict).toBe('failed');
    expect(verdictOn(world, 'checks')).toBe('unproven');
  });

  test('knows a console that only mentions a login', async () => {
    const world = worldOf({ ...quiet, console: '[    3.1] systemd-logind login: seat0\n' });
    await run(world);
    expect(endedOf(world)?.verdict).toBe('failed');
  });

  test('asks for its own services nowhere: sections of a script are no answer', async () => {
    const world = worldOf({ plan: UNSEEN, agent: true, sections: SECTIONS });
    await run(world);
    expect(verdictOn(world, 'nonce')).toBe('unproven');
  });
});

import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { LandfallError } from '../../../src/foundation/errors.ts';
import { syncSteps } from '../../../src/sync/index.ts';
import { verifyStep } from '../../../src/sync/verify.ts';
import { SyncWorld } from '../../support/sync-world.ts';

const worlds: SyncWorld[] = [];

function newWorld(...options: ConstructorParameters<typeof SyncWorld>): SyncWorld {
  const world = new SyncWorld(...options);
  worlds.push(world);
  return world;
}

afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

/** Runs what is due until nothing is; returns the ids of the steps that ran. */
async function runAll(world: SyncWorld, atMost = 20): Promise<string[]> {
  const ran: string[] = [];
  for (let round = 0; round < atMost; round += 1) {
    let something = false;
    for (const step of syncSteps(world.view, 'web1')) {
      if (!(await world.perform(step))) continue;
      ran.push(step.id);
      something = true;
    }
    if (!something) return ran;
  }
  throw new Error(`no end after ${atMost} rounds: ${ran.join(', ')}`);
}

async function open(world: SyncWorld): Promise<void> {
  for (const step of syncSteps(world.view, 'web1').slice(0, 2)) await world.perform(step);
}

const machineOf = (world: SyncWorld) => {
  const machine = world.story.state.machines['web1'];
  if (machine === undefined) throw new Error('no web1');
  return machine;
};

describe('passes over files', () => {
  it('copies a tree, converges, and proves it byte by byte', async () => {
    const world = newWorld();
    world.write('etc/hosts', '127.0.0.1 localhost\n');
    world.write("srv/it's a name with 'quotes' \n and a line end", 'odd');
    world.write('big', Buffer.alloc(300_000, 7));
    world.write('proc/not-excluded-here', 'the patterns of / do not reach into other file systems');

    const ran = await runAll(world);

    expect(ran).toEqual([
      'sync/web1/key',
      'sync/web1/path',
      'sync/web1/pass-1',
      'sync/web1/pass-2',
      'sync/web1/verify-2',
    ]);
    const { passes, verified } = machineOf(world);
    expect(passes.map(pass => pass.judged?.verdict)).toEqual(['first', 'converged']);
    expect(passes[0]?.ended?.runs[0]).toMatchObject({ code: 0, filesTransferred: 4 });
    expect(passes[0]?.ended?.runs[0]?.literalBytes).toBeGreaterThan(300_000);
    expect(passes[1]?.ended?.runs[0]?.literalBytes).toBe(0);
    expect(verified).toMatchObject({ pass: 2, live: 0, mismatches: [], filesCompared: 4 });
    expect(world.read("srv/it's a name with 'quotes' \n and a line end")).toBe('odd');
    expect([...world.logs.keys()]).toEqual(['web1-p1-0.log', 'web1-p2-0.log', 'web1-v2-0.log']);
    // Nothing but the path itself is left on the source.
    expect(readdirSync(world.path('run/miami-to-dallas')).sort()).toEqual(['path-web1', 'recv']);
    expect(await runAll(world)).toEqual([]);
  });

  it('brings changes and deletions, and names the paths that cost most', async () => {
    const world = newWorld();
    world.write('log/hot.log', 'a');
    world.write('gone', 'b');
    await open(world);
    const first = syncSteps(world.view, 'web1')[2];
    if (first !== undefined) await world.perform(first);
    world.write('log/hot.log', Buffer.alloc(50_000, 1));
    rmSync(path.join(world.source, 'gone'));
    const second = syncSteps(world.view, 'web1')[2];
    if (second !== undefined) await world.perform(second);

    const ended = machineOf(world).passes[1]?.ended;
    expect(ended?.runs[0]).toMatchObject({ filesDeleted: 1, filesTransferred: 1 });
    expect(ended?.hot[0]?.path).toBe(`${world.source}/log/hot.log`);
    expect(existsSync(path.join(world.replica, 'gone'))).toBe(false);
    expect(machineOf(world).passes[1]?.judged).toMatchObject({ verdict: 'converging' });
  });

  it('keeps what the plan excludes out, and what is there already in', async () => {
    const world = newWorld();
    const { plan } = world.story;
    const machine = plan.machines['web1'];
    if (machine === undefined) throw new Error('no machine');
    const odd = `${world.source}/srv/[cache] *? `;
    const story = { ...plan, machines: { web1: { ...machine, exclude: [odd, `${world.source}/swap`] } } };
    Object.assign(world.story, { plan: story });
    world.write('srv/[cache] *? /blob', 'no');
    world.write('srv/[cache] *? 2', 'yes');
    world.write('srv/cache', 'yes');
    world.write('deep/swap', 'yes');
    world.write('swap', 'no');

    await runAll(world);

    expect(readdirSync(path.join(world.replica, 'srv')).sort()).toEqual(['[cache] *? 2', 'cache']);
    expect(existsSync(path.join(world.replica, 'swap'))).toBe(false);
    expect(world.read('deep/swap')).toBe('yes');
  });

  it('adopts a run that has ended, and starts none twice', async () => {
    const world = newWorld();
    world.write('a', 'a');
    await open(world);
    const step = syncSteps(world.view, 'web1')[2];
    if (step === undefined) throw new Error('no pass');
    // The engine dies after the job was started: the pass is begun, its job runs, nobody recorded its end.
    const dead = new AbortController();
    const running = world.perform(step, dead.signal);
    const job = world.job('web1-p1-0');
    while ((await job.status()).state === 'absent') await new Promise(resolve => setImmediate(resolve));
    dead.abort();
    await expect(running).rejects.toThrow();
    expect(machineOf(world).passes).toHaveLength(1);

    const resumed = syncSteps(world.view, 'web1')[2];
    expect(resumed?.id).toBe('sync/web1/pass-1');
    if (resumed !== undefined) await world.perform(resumed);

    expect(world.started.filter(id => id === 'web1-p1-0')).toHaveLength(1);
    expect(world.story.events.filter(event => event.type === 'pass.started')).toHaveLength(1);
    expect(machineOf(world).passes[0]?.judged?.verdict).toBe('first');
  });

  it('begins a killed run again as the same pass, and keeps what had arrived', async () => {
    const world = newWorld();
    for (let index = 0; index < 50; index += 1) world.write(`f${index}`, Buffer.alloc(20_000, index));
    await open(world);
    // The link stands still after the first bytes, so that the run can be killed in the middle.
    const gate = world.path('gate');
    await execa('mkfifo', [gate]);
    const real = readFileSync(world.path('bin/ssh'), 'utf8');
    world.tool('ssh', `echo here > ${gate}\nexec sleep 60`);
    const step = syncSteps(world.view, 'web1')[2];
    if (step === undefined) throw new Error('no pass');
    const running = world.perform(step);
    running.catch(() => undefined);
    expect(await readFile(gate, 'utf8')).toBe('here\n');
    world.job('web1-p1-0').kill();
    await expect(running).rejects.toMatchObject({ code: 'job.lost' });
    expect(step.retry?.transient(await failure(running))).toBe(true);

    writeFileSync(world.path('bin/ssh'), real);
    await world.perform(step);

    expect(machineOf(world).passes).toHaveLength(1);
    expect(world.read('f49')).toHaveLength(20_000);
  });

  it('discards a job of the same name from an earlier evacuation', async () => {
    const world = newWorld();
    world.write('a', 'a');
    await open(world);
    await world.job('web1-p1-0').start(['sh', '-c', 'echo stale']);
    await world.job('web1-p1-0').follow({});
    const step = syncSteps(world.view, 'web1')[2];
    if (step !== undefined) await world.perform(step);
    expect(world.read('a')).toBe('a');
  });

  it('says that the target is full, and does not try again', async () => {
    const world = newWorld();
    world.write('a', Buffer.alloc(200_000, 1));
    // Every write past 64 KiB fails in the receiver's rsync, as on a full disk.
    const real = readFileSync(world.path('receiver/bin/rsync'), 'utf8');
    world.tool(
      '../receiver/bin/rsync',
      `trap '' XFSZ\nulimit -f 128\n${real.split('\n').slice(1).join('\n')}`,
    );
    await open(world);
    const step = syncSteps(world.view, 'web1')[2];
    if (step === undefined) throw new Error('no pass');
    const error = await failure(world.perform(step));
    expect(error.code).toBe('sync.target-full');
    expect(step.retry?.transient(error)).toBe(false);
    expect(error.facts.next.join(' ')).toContain('free space');
    // The next attempt is a new run, not the failed one again.
    expect((await world.job('web1-p1-0').status()).state).toBe('absent');
    expect(machineOf(world).passes[0]?.ended).toBeUndefined();
  });

  it('stops and asks where the source has lost more than the plan allows', async () => {
    const world = newWorld({ passes: { small: '1 B', max_delete: 2 } });
    for (const name of ['a', 'b', 'c', 'd']) world.write(name, name);
    await open(world);
    const first = syncSteps(world.view, 'web1')[2];
    if (first !== undefined) await world.perform(first);
    for (const name of ['a', 'b', 'c']) rmSync(path.join(world.source, name));
    const second = syncSteps(world.view, 'web1')[2];
    if (second === undefined) throw new Error('no pass');
    const error = await failure(world.perform(second));
    expect(error.code).toBe('sync.source-suspicious');
    expect(second.retry?.transient(error)).toBe(false);
  });

  it('refuses to write where no replica is mounted', async () => {
    const world = newWorld();
    world.write('a', 'a');
    world.tool('../receiver/bin/mountpoint', 'exit 1');
    await open(world);
    const step = syncSteps(world.view, 'web1')[2];
    if (step === undefined) throw new Error('no pass');
    expect((await failure(world.perform(step))).code).toBe('build.not-mounted');
    expect(readdirSync(world.replica)).toEqual([]);
  });
});

describe('verification', () => {
  it('finds a flipped byte behind equal size and time, and repairs it', async () => {
    const world = newWorld();
    world.write('srv/data', 'hello world');
    world.write('other', 'x');
    await runAll(world);
    const file = path.join(world.replica, 'srv/data');
    // touch keeps the nanoseconds, which a Date does not.
    await execa('touch', ['-r', file, world.path('times')]);
    const handle = openSync(file, 'r+');
    writeSync(handle, 'J', 0);
    closeSync(handle);
    await execa('touch', ['-r', world.path('times'), file]);
    expect(world.read('srv/data')).toBe('Jello world');

    world.story.tell({ type: 'pass.requested', machine: 'web1', reason: 'asked for' });
    const ran = await runAll(world);

    // The requested pass sees nothing, the comparison does, and the repair compares contents.
    expect(ran).toEqual(['sync/web1/pass-3', 'sync/web1/verify-3', 'sync/web1/pass-4', 'sync/web1/verify-4']);
    const found = world.story.events.filter(event => event.type === 'replica.verified');
    expect(found.map(event => event.mismatches.length)).toEqual([0, 1, 0]);
    expect(found[1]?.mismatches[0]).toContain(`${world.source}/srv/data`);
    expect(machineOf(world).passes.at(-1)).toMatchObject({ checksum: true });
    expect(world.read('srv/data')).toBe('hello world');
  });

  it('tells what the source changed after the pass from what nobody changed', async () => {
    const world = newWorld();
    for (const name of ['kept', 'changed', 'removed', 'dir/inner', 'name \n \\#012 é'])
      world.write(name, 'one');
    await open(world);
    for (let pass = 1; pass <= 2; pass += 1) {
      const step = syncSteps(world.view, 'web1')[2];
      if (step !== undefined) await world.perform(step);
    }
    // The source goes on: a change, a new file, a deletion.
    world.write('changed', 'two');
    world.write('name \n \\#012 é', 'two');
    world.write('new', 'three');
    rmSync(path.join(world.source, 'removed'));
    // At the target, two files that no write on the source explains.
    writeFileSync(path.join(world.replica, 'kept'), 'bad');
    writeFileSync(path.join(world.replica, 'dir/stray'), 'bad');

    await world.perform(verifyStep(world.view, 'web1', 2));

    const verified = machineOf(world).verified;
    const paths = verified?.mismatches.map(line => line.split(' ').at(-1)?.slice(world.source.length));
    expect(paths?.sort()).toEqual(['/dir', '/dir/stray', '/kept']);
    // changed, the odd name, new, removed, and the root directory itself.
    expect(verified?.live).toBe(5);
  });
});

async function failure(promise: Promise<unknown>): Promise<LandfallError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof LandfallError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

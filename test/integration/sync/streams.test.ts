import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import type { PlanInput } from '../../../src/plan/schema.ts';
import { syncSteps } from '../../../src/sync/index.ts';
import { verifyStep } from '../../../src/sync/verify.ts';
import { SyncWorld } from '../../support/sync-world.ts';

const worlds: SyncWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

/** A machine that is said to be large, on a link that no single stream fills. */
function largeWorld(plan: Partial<PlanInput> = {}): SyncWorld {
  const world = new SyncWorld(
    { link: { limit: '100 Gbit/s', streams: 3 }, ...plan },
    { used: 3 * 1024 ** 3 },
  );
  worlds.push(world);
  // Files of this test are small: what du counts is what they hold.
  const real = '/usr/bin/du';
  world.tool('du', `[ "$2" = -B1 ] || exit 1\nexec ${real} --apparent-size "$@"`);
  return world;
}

async function perform(world: SyncWorld, id: string): Promise<void> {
  for (const step of syncSteps(world.view, 'web1')) {
    await world.perform(step);
    if (step.id === id) return;
  }
  throw new Error(`no step ${id}: ${syncSteps(world.view, 'web1').map(step => step.id)}`);
}

const machineOf = (world: SyncWorld) => {
  const machine = world.story.state.machines['web1'];
  if (machine === undefined) throw new Error('no web1');
  return machine;
};

/** Names that break patterns, lists and shells. */
const HOSTILE = [
  '-rf',
  '+ plus',
  '- minus',
  '*',
  '**',
  '[a-z]',
  'a\\b',
  '\\*',
  'new\nline',
  ' ',
  '#x',
  '!',
  'é',
  '$(id)',
  "it's",
];

function fill(world: SyncWorld): void {
  for (const [at, name] of HOSTILE.entries()) {
    world.write(`${name}/deep/${name}/file`, Buffer.alloc(20_000 + at * 1000, at));
    world.write(`top ${name}`, name);
    world.write(`var/lib/${name}`, Buffer.alloc(500, at));
  }
  world.write('var/lib/big one.img', Buffer.alloc(400_000, 1));
  world.write('swap', 'never');
  mkdirSync(path.join(world.source, 'empty/dir'), { recursive: true });
  symlinkSync('/etc/passwd', path.join(world.source, 'empty/link'));
}

/** Everything below a directory: type, mode, size or link target, by path. */
async function listing(root: string): Promise<string> {
  const { stdout } = await execa('find', [root, '-mindepth', '1', '-printf', '%P|%y|%m|%U|%l|%s\\0'], {
    env: { LC_ALL: 'C' },
  });
  return stdout
    .split('\0')
    .map(line => (line.includes('|d|') ? line.replace(/\|\d+$/, '') : line))
    .sort()
    .join('\0');
}

describe('a first copy in several streams', () => {
  it('looks ahead, copies every file once, and is the whole tree', async () => {
    const world = largeWorld();
    fill(world);
    await perform(world, 'sync/web1/survey-1');
    const { survey, compression } = machineOf(world);
    expect(survey).toMatchObject({ pass: 1, streams: 3 });
    expect(survey?.rttMs).toBeGreaterThan(0);
    expect(survey?.shards[0]?.parts).toHaveLength(2);
    expect(compression?.sampledBytes).toBeGreaterThan(0);
    // Nothing of it is left on the source.
    expect(readdirSync(world.path('run/miami-to-dallas/path-web1')).sort()).toEqual([
      'key',
      'key.pub',
      'known_hosts',
      'rsh',
    ]);

    const [pass] = syncSteps(world.view, 'web1').slice(-1);
    expect(pass?.resources).toContainEqual({ key: 'link', units: 3 });
    await perform(world, 'sync/web1/pass-1');

    expect(world.started).toEqual(['web1-p1-0', 'web1-p1-0s1', 'web1-p1-0s2']);
    const run = machineOf(world).passes[0]?.ended?.runs[0];
    const files = HOSTILE.length * 3 + 2;
    expect(run).toMatchObject({ code: 0, streams: 3, filesTransferred: files, troubles: [] });
    // Only a link's own length is counted and not sent.
    expect(run?.literalBytes).toBe((run?.totalBytes ?? 0) - '/etc/passwd'.length);
    expect(await listing(world.replica)).toBe(await listing(world.source));
    expect(readdirSync(world.path('run/miami-to-dallas')).sort()).toEqual(['path-web1', 'recv']);
  });

  it('leaves out what the plan leaves out, in every stream', async () => {
    const world = largeWorld();
    const { plan } = world.story;
    const machine = plan.machines['web1'];
    if (machine === undefined) throw new Error('no machine');
    const out = ['- minus', 'var/lib/*', 'swap'].map(name => `${world.source}/${name}`);
    world.replan({ ...plan, machines: { web1: { ...machine, exclude: out } } });
    fill(world);
    await perform(world, 'sync/web1/survey-1');
    await perform(world, 'sync/web1/pass-1');
    expect(world.started).toHaveLength(3);
    for (const name of ['- minus', 'var/lib/*', 'swap']) {
      expect(existsSync(path.join(world.source, name))).toBe(true);
      rmSync(path.join(world.source, name), { recursive: true });
    }
    expect(await listing(world.replica)).toBe(await listing(world.source));
  });

  it('has hard links across streams again after the pass that follows', async () => {
    const world = largeWorld();
    fill(world);
    linkSync(path.join(world.source, 'var/lib/é'), path.join(world.source, '-rf/deep/linked'));
    linkSync(path.join(world.source, 'var/lib/é'), path.join(world.source, 'é/linked'));
    await perform(world, 'sync/web1/survey-1');
    expect(machineOf(world).survey?.shards).not.toEqual([]);
    await perform(world, 'sync/web1/pass-1');
    await perform(world, 'sync/web1/pass-2');
    const nodes = ['var/lib/é', '-rf/deep/linked', 'é/linked'].map(
      name => statSync(path.join(world.replica, name)).ino,
    );
    expect(new Set(nodes).size).toBe(1);
    await world.perform(verifyStep(world.view, 'web1', 2));
    expect(machineOf(world).verified).toMatchObject({ mismatches: [], live: 0 });
  });

  it('goes on with the streams that still run, and starts only the one that broke again', async () => {
    const world = largeWorld();
    fill(world);
    await perform(world, 'sync/web1/survey-1');
    const real = world.path('bin/rsync-real');
    world.tool('rsync-real', 'PATH=/usr/bin:/bin exec rsync "$@"');
    // The second stream loses its link once.
    world.tool(
      'rsync',
      `case "$*" in *--server*) exec ${real} "$@" ;; esac
for word do case $word in --exclude-from=*) grep -qz '^+ ' "\${word#*=}" && mkdir ${world.path('once')} 2>/dev/null && exit 12 ;; esac; done
PATH=${world.path('bin')}:$PATH exec /usr/bin/rsync "$@"`,
    );
    const step = syncSteps(world.view, 'web1').at(-1);
    if (step === undefined) throw new Error('no pass');
    await expect(world.perform(step)).rejects.toMatchObject({ code: 'sync.link-lost' });
    await world.perform(step);
    expect(world.started).toHaveLength(4);
    expect(await listing(world.replica)).toBe(await listing(world.source));
    expect(machineOf(world).passes).toHaveLength(1);
  });

  it('is one stream where the source has no du that could tell', async () => {
    const world = largeWorld();
    world.tool('du', 'echo "du: unrecognized option" >&2; exit 1');
    fill(world);
    await perform(world, 'sync/web1/survey-1');
    expect(machineOf(world).survey).toMatchObject({ streams: 1, shards: [] });
    await perform(world, 'sync/web1/pass-1');
    expect(world.started).toEqual(['web1-p1-0']);
  });
});

describe('a seeded first copy in several streams', () => {
  it('takes away what only the clone has, in whichever stream it lies', async () => {
    const world = largeWorld();
    fill(world);
    for (const name of ['var/lib/stale', 'stale/dir/x', '-rf/deep/stale']) {
      const file = path.join(world.replica, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, 'of the clone');
    }
    await perform(world, 'sync/web1/survey-1');
    await perform(world, 'sync/web1/pass-1');
    await perform(world, 'sync/web1/pass-2');
    expect(await listing(world.replica)).toBe(await listing(world.source));
    expect(lstatSync(path.join(world.replica, 'empty/link')).isSymbolicLink()).toBe(true);
  });
});

import { describe, expect, test } from 'vitest';
import { stepsOf } from '../../src/evacuation/planner.ts';
import { systemClock } from '../../src/foundation/clock.ts';
import type { Event } from '../../src/journal/events.ts';
import type { View } from '../../src/step/step.ts';
import { cleanStep } from '../../src/sync/index.ts';
import { openTestLab, type TestLab } from '../integration/lab/harness.ts';
import { LabRun } from '../support/lab-run.ts';
import { differences, walk } from '../support/walk.ts';

/**
 * What can go wrong under a pass of files, each in the middle of a first copy: it ends in recovery, or in a verdict with
 * a name for this one machine. In both cases the source stays as it was, nothing at the target changes but replicas, and
 * nothing is lost in a replica. (kill -9 of landfall: crash.test.ts; a second landfall: interrupted.test.ts; faults of a
 * machine by blocks, a killed QEMU among them: blocks.test.ts.)
 */

const STRUCK = 'app2';
const OTHER = 'web1';
/** So slow that the first copy is under way until the fault has struck. */
const SLOW = 60_000;
const HOUR = 3_600_000;

interface Trial {
  readonly site: TestLab;
  readonly run: LabRun;
}

interface Row {
  readonly fault: string;
  readonly strike: (trial: Trial) => unknown;
  /** Ends the fault: by itself while landfall goes on, or before the next run. */
  readonly heal?: (trial: Trial) => unknown;
  /** It heals by itself once landfall has waited for so long in all, ms by its own pauses. */
  readonly lasts?: number;
  /** The error that the machine is left with; without one landfall recovers by itself. */
  readonly verdict?: { readonly code: string; readonly what: RegExp };
  /** What must have been told on the way. */
  readonly told?: RegExp;
}

const lab = ({ site }: Trial) => site.lab;
const receiver = `${STRUCK}.receiver`;

const ROWS: readonly Row[] = [
  {
    fault: 'the link is cut for 30 s',
    strike: trial => lab(trial).faults.linkDrop(),
    heal: trial => lab(trial).faults.linkHeal(),
    lasts: 30_000,
    told: /sync\.link-lost/,
  },
  {
    fault: 'the link is cut for 10 min',
    strike: trial => lab(trial).faults.linkDrop(),
    heal: trial => lab(trial).faults.linkHeal(),
    lasts: 600_000,
    told: /sync\.link-lost/,
  },
  {
    fault: 'sshd of the receiver is killed and comes back',
    strike: trial => lab(trial).faults.unreachable(receiver),
    heal: trial => lab(trial).faults.reachable(receiver),
    lasts: 10_000,
    told: /sync\.link-lost|ssh\./,
  },
  {
    fault: 'rsync is killed on the source',
    strike: trial => lab(trial).faults.killRsync(STRUCK),
    told: /sync\.link-lost|job\.lost/,
  },
  {
    fault: 'rsync is killed on the receiver',
    strike: trial => lab(trial).faults.killRsync(receiver),
    told: /sync\.link-lost/,
  },
  {
    fault: 'the target is full',
    strike: trial => lab(trial).faults.targetFull(STRUCK, 1),
    heal: trial => lab(trial).faults.targetHeal(STRUCK),
    verdict: { code: 'sync.target-full', what: /is full/ },
  },
  {
    fault: 'the target has no inodes left',
    strike: trial => lab(trial).faults.refuse(STRUCK, 'inodes-full'),
    heal: trial => lab(trial).faults.refuseNoMore(STRUCK),
    verdict: { code: 'sync.target-full', what: /no inodes left, with .* free/ },
  },
  {
    fault: 'the replica turns read-only',
    strike: trial => lab(trial).faults.refuse(STRUCK, 'read-only'),
    heal: trial => lab(trial).faults.refuseNoMore(STRUCK),
    verdict: { code: 'sync.rsync-failed', what: /can only be read/ },
  },
  {
    fault: 'the disk of the replica is detached',
    strike: trial => lab(trial).faults.refuse(STRUCK, 'disk-detached'),
    heal: trial => lab(trial).faults.refuseNoMore(STRUCK),
    verdict: { code: 'sync.rsync-failed', what: /the disk failed under the replica/ },
  },
  {
    fault: 'the source is restarted',
    strike: trial => lab(trial).faults.reboot(STRUCK),
    told: /job\.lost|ssh\./,
  },
  {
    fault: 'a file system of the source is unmounted',
    strike: trial => lab(trial).faults.unmount(STRUCK),
    heal: trial => lab(trial).faults.mountAgain(STRUCK),
    verdict: { code: 'sync.source-suspicious', what: /no longer mounted/ },
  },
  {
    fault: 'the clock of the control machine jumps five hours ahead',
    strike: ({ run }) => {
      run.clock = { ...systemClock, now: () => systemClock.now() + 5 * HOUR };
    },
  },
  {
    fault: 'the clock of the control machine jumps five hours back',
    strike: ({ run }) => {
      run.clock = { ...systemClock, now: () => systemClock.now() - 5 * HOUR };
    },
  },
];

const wholeWay = (view: View) => stepsOf(view, ['inventory', 'build', 'sync']);

/** Everything at the target that is no replica, and everything on the sources. */
function outside({ lab }: TestLab): Map<string, Map<string, string>> {
  const trees = new Map<string, Map<string, string>>();
  for (const machine of lab.machines)
    for (const { mountpoint, sourceDirectory } of lab.treeOf(machine))
      trees.set(`${machine}:${mountpoint}`, walk(sourceDirectory));
  return trees;
}

/** The root of a receiver, without what landfall itself puts there. */
function ownRoot({ lab }: TestLab, host: string): Map<string, string> {
  const root = lab.mountsOf(host).find(mount => mount.path === '/')?.directory;
  if (root === undefined) throw new Error(`${host} has no root`);
  return new Map(
    [...walk(root)].filter(([name]) => !/^\/(?:root|run|tmp|mnt)(?:\/|$)/.test(name) && name !== ''),
  );
}

const unequal = ({ lab }: TestLab, machine: string): string[] =>
  lab.replicaOf(machine).flatMap(({ mountpoint, sourceDirectory, replicaDirectory }) =>
    replicaDirectory === undefined
      ? [`${machine}:${mountpoint} has no replica`]
      : differences(walk(sourceDirectory), walk(replicaDirectory))
          .filter(line => !line.includes('/.rsync-partial"'))
          .map(line => `${machine}:${mountpoint}${line}`),
  );

/** Conducts until nothing is left to do, and lets the fault strike as soon as bytes of the first copy travel. */
async function conductWith(
  trial: Trial,
  row: Row,
  machine: string,
  into: string,
): Promise<Map<string, string>> {
  const { site, run } = trial;
  let before = new Map<string, string>();
  let waited = 0;
  let isHealed = row.lasts === undefined;
  const struck = Promise.withResolvers<void>();
  // It is looked at when landfall has come to its end.
  struck.promise.catch(() => undefined);
  site.lab.link.setRate(SLOW);
  const isCopying = (): boolean =>
    site.lab.processesOf(into).filter(({ program }) => program === 'rsync').length > 1;
  const strike = async (): Promise<void> => {
    const bytes = site.lab.link.bytes;
    while (!isCopying() || site.lab.link.bytes < bytes + 20_000) {
      if (run.state.machines[machine]?.passes[0]?.ended !== undefined)
        throw new Error('the first copy was over before the fault came');
      await systemClock.sleep(10);
    }
    before = ownRoot(site, into);
    await row.strike(trial);
    site.lab.link.setRate(null);
  };
  run.onEvent = (event: Event) => {
    if (event.type === 'pass.started' && event.machine === machine && event.pass === 1)
      strike().then(struck.resolve, struck.reject);
    if (event.type !== 'step.retrying' || !event.step.startsWith(`sync/${machine}/`)) return;
    waited += event.inMs;
    if (isHealed || waited < (row.lasts ?? 0)) return;
    isHealed = true;
    row.heal?.(trial);
  };
  await run.conduct(wholeWay);
  run.onEvent = undefined;
  await struck.promise;
  expect(isHealed).toBe(true);
  return before;
}

const settledWell = ({ site, run }: Trial, machine: string): void => {
  expect(run.state.machines[machine]?.verified?.mismatches).toEqual([]);
  expect(unequal(site, machine)).toEqual([]);
};

describe.concurrent('a fault in the middle of a first copy', () => {
  test.each(ROWS.map(row => [row.fault, row] as const))('%s', { timeout: 300_000 }, async (_name, row) => {
    await using site = await openTestLab({ machines: [STRUCK, OTHER] });
    const run = await LabRun.of(site.lab);
    // Six hours of attempts pass in minutes: only the pauses between them are shorter.
    run.haste = 100;
    const trial = { site, run };
    const sources = outside(site);

    const before = await conductWith(trial, row, STRUCK, receiver);

    const failures = run.failures().filter(({ step }) => step.includes(`/${STRUCK}/`));
    if (row.told !== undefined)
      expect(run.events.flatMap(e => (e.type === 'step.retrying' ? [e.error.code] : [])).join()).toMatch(
        row.told,
      );
    if (row.verdict === undefined) expect(failures).toEqual([]);
    else {
      expect(failures).toMatchObject([
        { code: row.verdict.code, what: expect.stringMatching(row.verdict.what) },
      ]);
      expect(failures[0]?.next.length).toBeGreaterThan(0);
      // Whoever mends the cause and runs landfall again has a whole copy, and not from the beginning.
      await row.heal?.(trial);
      await run.conduct(wholeWay);
      expect(run.failures().slice(failures.length)).toEqual([]);
    }
    settledWell(trial, STRUCK);
    settledWell(trial, OTHER);
    // However often the clock was set: what a pass takes makes the forecasts.
    for (const { ended } of run.state.machines[STRUCK]?.passes ?? []) {
      expect(ended?.ms).toBeGreaterThan(0);
      expect(ended?.ms).toBeLessThan(HOUR);
    }
    expect(
      run.events.filter(e => e.type === 'pass.ended' && e.machine === STRUCK && e.kind === 'full'),
    ).toHaveLength(1);

    expect(differences(before, ownRoot(site, receiver))).toEqual([]);
    expect(site.lab.violations()).toEqual([]);
    for (const [tree, lines] of outside(site))
      expect(differences(sources.get(tree) ?? new Map(), lines)).toEqual([]);

    await run.conduct(() => [cleanStep(STRUCK)]);
    const left = await site.ssh(STRUCK, `find /run/landfall -mindepth 2`);
    expect(left.stdout).toBe('');
  });
});

test.concurrent('a file system that is unmounted after its first copy never empties the replica', {
  timeout: 300_000,
}, async () => {
  await using site = await openTestLab({ machines: [STRUCK] });
  const run = await LabRun.of(site.lab);
  await run.conduct(wholeWay);
  expect(run.failures()).toEqual([]);
  const copies = (): number[] =>
    site.lab.replicaOf(STRUCK).map(({ replicaDirectory }) => walk(replicaDirectory ?? '').size);
  const whole = copies();

  expect(site.lab.faults.unmount(STRUCK)).toBe(true);
  await run.tell({ type: 'pass.requested', machine: STRUCK, reason: 'the next round' });
  await run.conduct(wholeWay);
  expect(run.failures()).toMatchObject([{ code: 'sync.source-suspicious' }]);
  expect(copies()).toEqual(whole);

  site.lab.faults.mountAgain(STRUCK);
  await run.conduct(wholeWay);
  expect(run.failures()).toHaveLength(1);
  settledWell({ site, run }, STRUCK);
});

/** A machine that travels by blocks: pieces go from hypervisor to hypervisor. */
const BY_BLOCKS = 'mail1';
const BLOCKS_ROWS: readonly Row[] = [
  {
    fault: 'the link is cut for 30 s',
    strike: trial => lab(trial).faults.linkDrop(),
    heal: trial => lab(trial).faults.linkHeal(),
    lasts: 30_000,
    told: /sync\.link-lost/,
  },
  {
    fault: 'rsync is killed on the target hypervisor',
    strike: trial => lab(trial).faults.killRsync('dal-kvm1'),
    told: /sync\.link-lost/,
  },
  {
    fault: 'QEMU of the source is killed',
    strike: trial => lab(trial).faults.qemuKilled(BY_BLOCKS),
  },
];

describe.concurrent('a fault while the first pieces of a machine by blocks travel', () => {
  test.each(BLOCKS_ROWS.map(row => [row.fault, row] as const))(
    '%s',
    { timeout: 300_000 },
    async (_name, row) => {
      await using site = await openTestLab({ machines: [BY_BLOCKS] });
      const run = await LabRun.of(site.lab, plan => ({
        ...plan,
        machines: Object.fromEntries(
          Object.entries(plan.machines).map(([name, machine]) => [name, { ...machine, mover: 'blocks' }]),
        ),
      }));
      run.haste = 100;
      const trial = { site, run };
      const sources = outside(site);

      await conductWith(trial, row, BY_BLOCKS, 'dal-kvm1');

      if (row.told !== undefined)
        expect(run.events.flatMap(e => (e.type === 'step.retrying' ? [e.error.code] : [])).join()).toMatch(
          row.told,
        );
      expect(run.failures()).toEqual([]);
      expect(run.state.machines[BY_BLOCKS]?.passes.map(({ mover }) => mover)).not.toContain('files');
      settledWell(trial, BY_BLOCKS);
      expect(site.lab.violations()).toEqual([]);
      for (const [tree, lines] of outside(site))
        expect(differences(sources.get(tree) ?? new Map(), lines)).toEqual([]);
    },
  );
});

test.concurrent('a file that cannot be read is named, keeps its verdict red, and costs nothing else', {
  timeout: 300_000,
}, async () => {
  await using site = await openTestLab({ machines: [OTHER] });
  const run = await LabRun.of(site.lab);
  site.lab.faults.unreadable(OTHER, 'etc/hostname');
  await run.conduct(wholeWay);

  expect(run.failures()).toEqual([]);
  const known = run.state.machines[OTHER];
  expect(known?.verified?.mismatches.join('\n')).toMatch(/not compared: .*hostname.*Permission denied/);
  for (const { ended } of known?.passes ?? [])
    expect(ended?.runs.flatMap(({ troubles }) => troubles).join('\n')).toMatch(/etc\/hostname/);
  const judged = known?.passes.at(-1)?.judged;
  expect(judged?.verdict).toBe('not-converging');
  expect(judged?.help.join('\n')).toContain('etc/hostname');
  expect(unequal(site, OTHER).filter(line => !line.includes('hostname'))).toEqual([]);
});

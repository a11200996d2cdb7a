import { expect, it } from 'vitest';
import type { EventOf } from '../../../src/journal/events.ts';
import { linkKey } from '../../../src/journal/fold-inventory.ts';
import { linkPairs } from '../../../src/sync/link/pairs.ts';
import { linkStep } from '../../../src/sync/link/step.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab, type TestLab, words } from '../lab/harness.ts';

/** The line of the pocket lab, measured through real ssh, with its limit and its distance. Only ratios of one run are judged. */

const MB = 1e6;
type Measured = EventOf<'link.measured'>;

async function measure(test: TestLab, limit?: number): Promise<{ run: LabRun; seen: Measured | undefined }> {
  const run = await LabRun.of(test.lab);
  const [pair] = linkPairs(run.plan);
  if (pair === undefined) throw new Error('the plan of the lab moves machines');
  const step = linkStep(pair, { limit, seconds: 2 });
  await run.conduct(({ state }) => (state.links === undefined ? [step] : []));
  expect(run.failures()).toEqual([]);
  return { run, seen: run.events.find(event => event.type === 'link.measured') };
}

const rateOf = (seen: Measured | undefined, streams: number): number =>
  seen?.forth.find(each => each.streams === streams)?.bytesPerSecond ?? 0;

const traces = async (test: TestLab): Promise<string> => {
  const look =
    'ls /run/landfall/*/ /var/lib/libvirt/images; cat ~/.ssh/authorized_keys; ls -a /var/lib/libvirt/images';
  const said = await Promise.all(
    ['mia-kvm1', 'dal-kvm1'].map(host =>
      test.ssh(host, words('sh', '-c', look)).then(({ stdout }) => stdout),
    ),
  );
  return said.join('\n');
};

it('sees the limit and the distance of the line, and leaves nothing', async () => {
  await using test = await openTestLab({ machines: ['web1'] });
  test.lab.link.setRate(6 * MB);
  const { run, seen: narrow } = await measure(test);
  expect(narrow).toMatchObject({ from: 'mia-kvm1', to: 'dal-kvm1', bottleneck: 'link' });
  expect(run.state.links?.[linkKey('mia-kvm1', 'dal-kvm1')]?.forth).toEqual(narrow?.forth);
  expect(narrow?.forth.map(({ streams }) => streams)).toEqual([1, 4]);
  expect(narrow?.back.map(({ streams }) => streams)).toEqual([1, 4]);
  for (const { ms, bytes } of [...(narrow?.forth ?? []), ...(narrow?.back ?? [])]) {
    expect(ms).toBeLessThan(10_000);
    expect(bytes).toBeLessThanOrEqual(128 * 1024 ** 2);
  }

  test.lab.link.setRate(0.75 * MB);
  test.lab.link.roundTripMs = 80;
  const { seen: narrower } = await measure(test);
  expect(rateOf(narrow, 4) / rateOf(narrower, 4)).toBeGreaterThan(2.5);
  expect(rateOf(narrow, 4) / rateOf(narrower, 4)).toBeLessThan(30);
  expect(narrower?.roundTripMs).toBeGreaterThanOrEqual(80);
  expect(narrower?.roundTripMs ?? 0).toBeGreaterThan((narrow?.roundTripMs ?? 0) + 40);

  expect(await traces(test)).not.toMatch(/link/);
  expect(test.lab.violations()).toEqual([]);
}, 120_000);

it('never goes above the limit of the plan, and says that it did not try', async () => {
  await using test = await openTestLab({ machines: ['web1'] });
  const limit = 2 * MB;
  const { seen } = await measure(test, limit);
  expect(seen).toMatchObject({ heldTo: limit, bottleneck: 'unknown' });
  expect(seen?.why).toMatch(/at least .*limit is/);
  // The first burst counts as if it had taken no time.
  for (const { bytesPerSecond } of [...(seen?.forth ?? []), ...(seen?.back ?? [])])
    expect(bytesPerSecond).toBeLessThanOrEqual(limit * 1.2);
}, 120_000);

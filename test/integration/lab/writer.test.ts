import { expect, test } from 'vitest';
import { differences, walk } from '../../support/walk.ts';
import { openTestLab } from './harness.ts';

test('the writer changes files, and after pause has answered nothing changes any more', async () => {
  await using site = await openTestLab({ machines: ['db1', 'mail1'], mailConverges: false });
  const { lab } = site;
  const trees = () =>
    ['db1', 'mail1'].flatMap(name => lab.treeOf(name)).map(({ sourceDirectory }) => sourceDirectory);
  const look = () =>
    new Map(
      trees().flatMap(tree => [...walk(tree)].map(([name, facts]) => [`${tree}${name}`, facts] as const)),
    );
  expect(lab.writer.status()).toEqual({ state: 'paused', operations: 0, bytes: 0 });
  const before = look();
  lab.writer.resume();
  await site.until('some writes', () => lab.writer.status().operations > 20);
  await lab.writer.pause();
  const paused = look();
  const changed = differences(before, paused).join('\n');
  expect(changed).toContain('ibdata1');
  expect(changed).toContain('queue/');

  const operations = lab.writer.status().operations;
  lab.writer.resume();
  await site.until('more writes', () => lab.writer.status().operations > operations);
  await lab.writer.stop();
  const stopped = look();
  lab.writer.resume();
  expect(lab.writer.status().state).toBe('stopped');
  expect(differences(stopped, look())).toEqual([]);
});

test('the same seed makes the same trees, another seed does not', async () => {
  const facts = async (seed: number): Promise<string[]> => {
    await using site = await openTestLab({ machines: ['files1'], seed });
    return (
      site.lab
        .treeOf('files1')
        .flatMap(({ sourceDirectory }) => [...walk(sourceDirectory)])
        // Host keys are made anew for each lab; what the walk says of their directory stays.
        .filter(([name]) => !/ssh_host|root|^$|^\/(?:run|tmp|proc|sys|dev|mnt)/.test(name))
        .map(([name, text]) => `${name} ${text}`)
    );
  };
  const [one, again, other] = [await facts(3), await facts(3), await facts(4)];
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
});

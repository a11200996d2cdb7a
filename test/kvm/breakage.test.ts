import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProofReason } from '../../src/journal/proof-facts.ts';
import { KvmLab } from '../support/kvm-lab.ts';

const MACHINES = ['db1', 'files1', 'web1'];

/**
 * What is broken on a source and would show at its next restart, and what goes wrong with a receiver: each is told
 * before cutover, in its own words.
 */
describe('breakage on two real sites', () => {
  let lab: KvmLab;

  beforeAll(async () => {
    lab = await KvmLab.up();
    const { code, out, err } = await lab.landfall('run', lab.plan, '--headless');
    expect({ code, err: code === 0 ? '' : out + err }).toEqual({ code: 0, err: '' });
  });
  afterAll(async () => lab[Symbol.asyncDispose]());

  const reasonOf = async (name: string): Promise<ProofReason | undefined> =>
    (await lab.state()).machines[name]?.proofs?.at(-1)?.ended?.reason;

  test('a wrong UUID in fstab, a renamed interface, a missing boot loader', async () => {
    await lab.script('fault', 'fstab-uuid', 'web1');
    await lab.script('fault', 'nic-renamed', 'files1');
    await lab.script('fault', 'no-grub', 'db1');
    await lab.landfall('run', lab.plan, '--headless', '--another-pass');
    expect((await lab.landfall('prove', lab.plan)).code).toBe(3);
    expect((await reasonOf('web1'))?.kind).toBe('emergency-shell');
    expect((await reasonOf('files1'))?.kind).toBe('no-network');
    expect((await reasonOf('db1'))?.kind).toBe('no-boot-loader');
    for (const name of MACHINES) expect((await reasonOf(name))?.remedy).not.toEqual([]);
    await lab.script('fault', 'clear');
  });

  test('an initramfs without virtio is made anew in the copy, which then boots', async () => {
    await lab.script('fault', 'initramfs-no-virtio', 'web1');
    await lab.landfall('run', lab.plan, '--headless', '--another-pass');
    expect((await lab.landfall('prove', lab.plan, 'web1')).code).toBe(0);
    const fixups = (await lab.state()).machines.web1?.fixups?.fixups.map(({ id }) => id);
    expect(fixups).toContain('initramfs');
    await lab.script('fault', 'clear');
  });

  test('a receiver whose host key has changed, and one that nobody can reach', async () => {
    await lab.script('fault', 'receiver-host-key', 'web1');
    const changed = await lab.landfall('run', lab.plan, '--headless', '--another-pass');
    expect(changed.code).not.toBe(0);
    expect(changed.out + changed.err).toMatch(/host key/i);
    await lab.script('fault', 'clear');
    await lab.script('fault', 'receiver-unreachable', 'web1');
    const unreachable = await lab.landfall('run', lab.plan, '--headless', '--another-pass');
    expect(unreachable.code).not.toBe(0);
    expect(unreachable.out + unreachable.err).toMatch(/receiver of web1/);
    await lab.script('fault', 'clear');
  });

  test('once it is mended, the copy is proven again', async () => {
    expect((await lab.landfall('run', lab.plan, '--headless', '--another-pass')).code).toBe(0);
    expect((await lab.landfall('prove', lab.plan, 'web1')).code).toBe(0);
  });
});

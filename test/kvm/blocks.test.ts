import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { removeTree } from '../../src/foundation/remove-tree.ts';
import { KEPT, KvmLab } from '../support/kvm-lab.ts';

const MACHINE = 'web1';
const IMAGES = '/var/lib/libvirt/images';

/** One machine by blocks on real libvirt, in the order in which an engineer lives it. */
describe('by blocks between two real sites', () => {
  let lab: KvmLab;
  let home: string;
  let plan: string;

  beforeAll(async () => {
    lab = await KvmLab.up();
    home = await mkdtemp(join(tmpdir(), 'landfall-blocks-'));
    plan = join(home, 'plan.yaml');
    const text: { machines: Record<string, object>; ssh?: { config?: string } } = parse(
      await readFile(lab.plan, 'utf8'),
    );
    const { [MACHINE]: machine } = text.machines;
    const config = text.ssh?.config;
    const ssh = config === undefined ? {} : { ssh: { ...text.ssh, config: join(lab.plan, '..', config) } };
    await writeFile(
      plan,
      stringify({ ...text, ...ssh, machines: { [MACHINE]: { ...machine, after: [], mover: 'blocks' } } }),
    );
  });
  afterAll(async () => {
    await removeTree(home, tmpdir());
    await lab[Symbol.asyncDispose]();
  });

  const known = async () => (await lab.state()).machines[MACHINE];
  const onSite = (site: 'miami-kvm' | 'dallas-kvm', script: string) => lab.script('ssh', site, script);

  /** The bytes of a disk as a guest sees them; what is not allocated counts as zeros. */
  const content = async (site: 'miami-kvm' | 'dallas-kvm', image: string): Promise<string> => {
    const script = `qemu-img convert -U -O raw '${image}' /var/tmp/landfall-compare.raw && sha256sum < /var/tmp/landfall-compare.raw; rm -f /var/tmp/landfall-compare.raw`;
    const sum = /^[0-9a-f]{64}/.exec(await onSite(site, script))?.[0];
    if (sum === undefined) throw new Error(`${image} at ${site} could not be read`);
    return sum;
  };

  test('a full copy and deltas, with the guest at rest for an instant, compared range by range', async () => {
    const { code, out, err } = await lab.landfall('run', plan, '--headless');
    expect({ code, err: code === 0 ? '' : out + err }).toEqual({ code: 0, err: '' });
    const machine = await known();
    expect(machine?.mover?.mover).toBe('blocks');
    expect(machine?.verified?.mismatches).toEqual([]);
    expect(machine?.passes.every(({ mover }) => mover === 'blocks')).toBe(true);
    expect(machine?.passes.at(-1)).toMatchObject({ kind: 'delta', consistency: 'filesystem' });
    expect(await onSite('miami-kvm', `virsh domfsthaw ${MACHINE}`)).toContain('Thawed 0');
  });

  test('what lies at the target is byte for byte what the source holds', async () => {
    await lab.script('ssh', MACHINE, 'dd if=/dev/urandom of=/root/marked bs=1M count=8 conv=fsync && sync');
    await onSite('miami-kvm', `virsh suspend ${MACHINE}`);
    try {
      const { code, out, err } = await lab.landfall('run', plan, '--headless', '--another-pass');
      expect({ code, err: code === 0 ? '' : out + err }).toEqual({ code: 0, err: '' });
      const [volume] = (await known())?.replica?.volumes ?? [];
      expect(await content('dallas-kvm', volume?.path ?? '')).toBe(
        await content('miami-kvm', `${IMAGES}/${MACHINE}.qcow2`),
      );
    } finally {
      await onSite('miami-kvm', `virsh resume ${MACHINE}`);
    }
  });

  test('a QEMU that was killed costs a full copy, with the reason', async () => {
    await onSite(
      'miami-kvm',
      `kill -9 "$(cat /run/libvirt/qemu/${MACHINE}.pid)"; sleep 2; virsh start ${MACHINE}`,
    );
    const { code, out, err } = await lab.landfall('run', plan, '--headless', '--another-pass');
    expect({ code, err: code === 0 ? '' : out + err }).toEqual({ code: 0, err: '' });
    const last = (await known())?.passes.at(-1);
    expect(last).toMatchObject({ mover: 'blocks', kind: 'full' });
  });

  test('an overlay of the copy boots, and nothing of landfall stays on the source', async () => {
    const proved = await lab.landfall('prove', plan);
    expect({ code: proved.code, err: proved.code === 0 ? '' : proved.out + proved.err }).toEqual({
      code: 0,
      err: '',
    });
    const cleaned = await lab.landfall('clean', plan);
    expect({ code: cleaned.code, err: cleaned.code === 0 ? '' : cleaned.err }).toEqual({ code: 0, err: '' });
    expect(await onSite('miami-kvm', `virsh checkpoint-list ${MACHINE} --name`)).not.toContain('landfall-');
    expect(await onSite('miami-kvm', 'ls /var/lib/libvirt/landfall 2>&1 || true')).not.toContain('.qcow2');
  });

  test.skipIf(KEPT)('the lab goes without a trace', async () => {
    await lab.script('down');
    expect(await lab.traces()).toEqual([]);
  });
});

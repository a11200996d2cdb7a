import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPlan, savePlan } from '../../../src/cli/save-plan.ts';
import { type Clock, systemClock } from '../../../src/foundation/clock.ts';
import { removeTreeSync } from '../../../src/foundation/remove-tree.ts';
import { RATE_MS } from '../../../src/inventory/hypervisor/rates.ts';
import { inventorySteps } from '../../../src/inventory/index.ts';
import { editPlan } from '../../../src/plan/edit.ts';
import { readPlan } from '../../../src/plan/read.ts';
import { landfall } from '../../support/cli.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab, type TestLab } from '../lab/harness.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'landfall-init-'));
});
afterEach(() => removeTreeSync(cwd, tmpdir()));

/** Nobody here waits five seconds to hear how much was written; the patience with a command is longer, and stays. */
const clock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms <= RATE_MS ? Math.min(ms, 50) : ms, signal),
};

const init = (test: TestLab, ...more: string[]) =>
  landfall(
    [
      'init',
      'plans/storm.yaml',
      ...['--source', 'mia-kvm1,mia-kvm2', '--target', 'dal-kvm1'],
      ...['--ssh-config', test.lab.paths.sshConfig, '--earliest', 'in 3d4h', '--expected', 'in 4d6h'],
      ...more,
    ],
    { cwd, clock },
  );

describe('landfall init on the pocket lab', () => {
  test('writes a plan whose only problems are the addresses, and which then passes check and inventory', async () => {
    await using lab = await openTestLab();
    const first = await init(lab);
    expect(first.code, first.err).toBe(0);
    expect(first.err).toMatch(/mia-kvm1: 3 domains \(3 running\), 1 network, 1 pool/);
    expect(first.out).toContain('landfall check plans/storm.yaml');
    const file = join(cwd, 'plans/storm.yaml');
    const text = readFileSync(file, 'utf8');
    // A lab's machines say what they were made as; whether they write is theirs.
    const habits =
      /^ {4}source: +# made as debian 12, (?:starts|does not start) with its host, wrote .+ \d+ s$/gm;
    expect(text.match(habits), text).toHaveLength(6);

    const check = await landfall(['check', 'plans/storm.yaml', '--json'], { cwd });
    const { problems } = JSON.parse(check.out);
    const names = ['app1', 'app2', 'db1', 'files1', 'mail1', 'web1'];
    expect(problems.map((p: { path: string }) => p.path)).toEqual(
      names.map(name => `machines.${name}.target.address`),
    );
    for (const { line } of problems) expect(text.split('\n')[line - 1]).toContain('FILL IN');

    const { plan: answers } = await readPlan(lab.lab.paths.plan, systemClock.now());
    await savePlan(
      file,
      editPlan(
        text,
        names.flatMap(name => {
          const target = answers.machines[name]?.target;
          if (target === undefined) throw new Error(`the lab's plan has ${name}`);
          const { address, port } = target;
          return [
            { kind: 'address' as const, machine: name, address },
            { kind: 'set' as const, path: ['machines', name, 'target', 'port'], value: port },
          ];
        }),
      ),
      text,
    );
    expect((await landfall(['check', 'plans/storm.yaml'], { cwd })).out).toContain('is sound');

    const { plan } = await readPlan(file, systemClock.now());
    const run = await LabRun.of(lab.lab, () => plan);
    const outcome = await run.conduct(inventorySteps);
    expect(run.failures()).toEqual([]);
    expect(outcome.done).toHaveLength(9);
    expect(lab.lab.violations()).toEqual([]);
  });

  test('without a target the plan holds what leaves, and check names what is open', async () => {
    await using lab = await openTestLab({ machines: ['web1'] });
    const { code, err, out } = await landfall(
      ['init', 'plans/storm.yaml', '--hypervisor', 'mia-kvm1', '--ssh-config', lab.lab.paths.sshConfig],
      { cwd, clock },
    );
    expect(code, err).toBe(0);
    expect(out).toContain('wrote plans/storm.yaml');
    const text = readFileSync(join(cwd, 'plans/storm.yaml'), 'utf8');
    expect(text).toContain('# FILL IN: the hypervisors of target, each like this:');
    const { problems } = JSON.parse((await landfall(['check', 'plans/storm.yaml', '--json'], { cwd })).out);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every(({ line }: { line: number }) => line > 0)).toBe(true);
  });

  test('overwrites nothing, and asks nobody before it says so', async () => {
    await using lab = await openTestLab({ machines: ['web1'] });
    await init(lab);
    const before = readFileSync(join(cwd, 'plans/storm.yaml'), 'utf8');
    const again = await init(lab);
    expect(again.code).toBe(2);
    expect(again.err).toContain('[plan.exists]');
    expect(again.err).not.toContain('mia-kvm1:');
    expect(readFileSync(join(cwd, 'plans/storm.yaml'), 'utf8')).toBe(before);
  });

  test('a hypervisor that cannot be reached is told and does not hide the others', async () => {
    await using lab = await openTestLab({ machines: ['web1'] });
    const config = readFileSync(lab.lab.paths.sshConfig, 'utf8');
    const broken = join(cwd, 'ssh_config');
    // The first value of a key counts: this host is looked for at a port where nobody listens.
    writeFileSync(broken, `Host mia-kvm2\n  HostName 127.77.1.99\n${config}`);
    const { code, err, out } = await init(lab, '--ssh-config', broken);
    expect(code, err).toBe(5);
    expect(err).toContain('mia-kvm2: could not be looked at');
    expect(err).toMatch(/ssh\.|refused|host key/i);
    expect(out).toContain('wrote plans/storm.yaml: 1 machine');
    expect(readFileSync(join(cwd, 'plans/storm.yaml'), 'utf8')).toContain('NOT REACHED');
  });

  test('a site of which nothing answers gives no plan', async () => {
    await using lab = await openTestLab({ machines: ['web1'] });
    writeFileSync(lab.lab.paths.knownHosts, '');
    const { code, err } = await init(lab);
    expect(code).toBe(4);
    expect(err).toContain('no hypervisor of the source can be looked at');
    expect(existsSync(join(cwd, 'plans'))).toBe(false);
  });

  test('both sites on one host are refused', async () => {
    await using lab = await openTestLab({ machines: ['web1'] });
    const { code, err } = await init(lab, '--target', '127.77.1.1');
    expect(code).toBe(1);
    expect(err).toContain('[identity.mismatch]');
    expect(existsSync(join(cwd, 'plans/storm.yaml'))).toBe(false);
  });

  test('a program gets the findings and the problems as JSON, and nothing else', async () => {
    await using lab = await openTestLab({ machines: ['web1'] });
    const { out, err } = await init(lab, '--json', '--machines', 'web1');
    expect(err).toBe('');
    const { type, source, target, check, next } = JSON.parse(out);
    expect(type).toBe('init');
    expect(source.hypervisors[0].domains[0]).toMatchObject({ name: 'web1', addresses: ['127.77.1.16'] });
    expect(target.hypervisors[0].pools[0].volumes[0].name).toBe('golden-debian12.qcow2');
    expect(check).toMatchObject({ ok: false, errors: 1 });
    expect(next.at(-1)).toBe('landfall check plans/storm.yaml');
  });
});

describe('the words of init', () => {
  test('a dry run shows reading commands, contacts nobody and writes nothing', async () => {
    const { code, out } = await landfall(
      ['init', 'storm.yaml', '--source', 'a.invalid', '--target', 'b.invalid', '--dry-run'],
      { cwd },
    );
    expect(code).toBe(0);
    expect(out).toContain('virsh -r -c qemu:///system list --all --name');
    expect(out).toContain('Then it would write storm.yaml');
    expect(existsSync(join(cwd, 'storm.yaml'))).toBe(false);
  });

  test.each([
    [['storm.txt', '--source', 'a', '--target', 'b'], 'is no YAML file'],
    [['The_Storm.yaml', '--source', 'a', '--target', 'b'], 'cannot be the name of a plan'],
    [['storm.yaml', '--target', 'b'], '--source: name at least one hypervisor'],
    [['storm.yaml', '--source', 'a', '--target', 'root@b:22'], '--target: "root@b:22"'],
    [['storm.yaml', '--source', 'a', '--target', 'b', '--earliest', 'soon'], '--earliest: "soon"'],
    [['storm.yaml', '--source', 'a', '--target', 'b', '--expected', 'in 4 years'], '--expected'],
  ])('%j is refused before anything is touched', async (words, text) => {
    const { code, err } = await landfall(['init', ...words], { cwd });
    expect(code).toBe(2);
    expect(err).toContain(text);
  });
});

describe('saving a plan', () => {
  test('keeps the mode and the symbolic link, and writes the file whole', async () => {
    const file = join(cwd, 'plan.yaml');
    writeFileSync(file, 'a: 1\n');
    chmodSync(file, 0o664);
    symlinkSync('plan.yaml', join(cwd, 'link.yaml'));
    await savePlan(join(cwd, 'link.yaml'), 'a: 2\n', 'a: 1\n');
    expect(readFileSync(file, 'utf8')).toBe('a: 2\n');
    expect(statSync(file).mode & 0o777).toBe(0o664);
    expect(statSync(join(cwd, 'link.yaml')).ino).toBe(statSync(file).ino);
  });

  test('refuses where the file holds another text than was read, and shows the difference', async () => {
    const file = join(cwd, 'plan.yaml');
    writeFileSync(file, 'a: 1\nb: theirs\n');
    await expect(savePlan(file, 'a: 2\n', 'a: 1\n')).rejects.toMatchObject({
      code: 'plan.conflict',
      facts: { evidence: expect.arrayContaining(['+ b: theirs']) },
    });
    expect(readFileSync(file, 'utf8')).toBe('a: 1\nb: theirs\n');
  });

  test('creates one only where there is none', async () => {
    const file = join(cwd, 'new/plan.yaml');
    await createPlan(file, 'a: 1\n');
    await expect(createPlan(file, 'a: 2\n')).rejects.toMatchObject({ code: 'plan.exists' });
    expect(readFileSync(file, 'utf8')).toBe('a: 1\n');
    expect(statSync(file).mode & 0o600).toBe(0o600);
    await expect(createPlan(join(file, 'below.yaml'), '')).rejects.toMatchObject({ code: 'plan.unwritable' });
  });
});

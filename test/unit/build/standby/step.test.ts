import { expect, it } from 'vitest';
import { standbyStep } from '../../../../src/build/standby/step.ts';
import { elements, find, textOf } from '../../../../src/build/standby/xml-tree.ts';
import { contextFor } from '../../../../src/evacuation/context.ts';
import type { VirtualizationFacts } from '../../../../src/journal/facts.ts';
import type { ExecOptions, Host, HostArgv } from '../../../../src/remote/host.ts';
import { previewOf } from '../../../../src/reports/preview.ts';
import { describe as line } from '../../../../src/step/action.ts';
import { InstantClock } from '../../../support/conducted.ts';
import { domainFacts, planOf, Story } from '../../../support/state.ts';
import { DEBIAN, domainXml, tree } from './domains.ts';

const FILE = '/run/landfall/miami-to-dallas/web1-standby.xml';
const signal = new AbortController().signal;
const SOURCE = 'a'.repeat(32);
const TARGET = 'b'.repeat(32);

/** Both hypervisors, as far as a standby asks them: what is defined in Dallas, and every change in order. */
class Hypervisors {
  readonly files = new Map<string, string>();
  readonly defined = new Map<string, string>();
  readonly changes: string[] = [];
  readonly story: Story;
  state = 'shut off';
  /** What libvirt answers to the next definition instead of taking it. */
  refusal: string | undefined;

  constructor(source: string, over: Partial<VirtualizationFacts> = {}) {
    const hypervisor = (name: string, hostId: string) => ({
      type: 'hypervisor.observed' as const,
      ...{ hypervisor: name, version: 'libvirt 9.0.0', cpus: 8, memory: 1e12, networks: ['servers'], hostId },
      pools: { default: { capacity: 1e12, available: 1e12, path: '/pool' } },
      virtualization: { ...DEBIAN, ...over },
    });
    this.story = new Story(planOf())
      .begin()
      .tell(hypervisor('mia-kvm1', SOURCE), hypervisor('dal-kvm1', TARGET));
    this.observe(source);
  }

  observe(domainXml: string): this {
    this.story.observe('web1');
    const observed = this.story.state.machines['web1']?.observed;
    if (observed === undefined) throw new Error('the story has no inventory');
    const devices = elements(find(tree(domainXml), 'devices'), 'disk');
    const domain = domainFacts({
      name: textOf(find(tree(domainXml), 'name')),
      disks: observed.domain.disks.slice(0, devices.length),
    });
    this.story.tell({
      type: 'machine.observed',
      machine: 'web1',
      domain,
      guest: observed.guest,
      digest: 'd',
      domainXml,
    });
    return this;
  }

  get step() {
    return standbyStep(this.story.plan, 'web1');
  }

  get standby() {
    return this.story.state.machines['web1']?.standby;
  }

  context() {
    return contextFor(this.step, {
      plan: this.story.plan,
      evacuation: this.story.plan.name,
      state: () => this.story.state,
      host: id => Promise.resolve(this.#host(id)),
      emit: event => Promise.resolve(void this.story.tell(event)),
      onSample: () => undefined,
      keepLog: () => Promise.resolve(),
      clock: new InstantClock(),
      random: { next: () => 0, bytes: count => new Uint8Array(count) },
    });
  }

  run = (): Promise<void> => this.step.run(this.context(), signal);
  done = (): Promise<boolean> => this.step.done(this.context(), signal);

  #host(id: string): Host {
    const unused = (): never => {
      throw new Error(`${id}: no standby needs this`);
    };
    return {
      id,
      exec: (argv: HostArgv, options: ExecOptions = {}) => {
        const { code, out, err } = this.#answer(id, argv.map(String), options);
        expect(options.codes ?? [0]).toContain(code);
        return Promise.resolve({ code, stdout: Buffer.from(out), stderr: Buffer.from(err), ms: 1 });
      },
      write: (path, content) => {
        this.changes.push(`write ${path}`);
        return Promise.resolve(void this.files.set(path, String(content)));
      },
      ...{ stream: unused, read: unused, job: unused, close: () => Promise.resolve() },
    };
  }

  #answer(
    id: string,
    argv: readonly string[],
    options: ExecOptions,
  ): { code: number; out: string; err: string } {
    const [program, ...rest] = argv;
    if (program === 'cat') {
      if (rest[0] === '/etc/machine-id') return ok(id === 'dal-kvm1' ? TARGET : SOURCE);
      const variables = this.files.get(`${id}:${rest[0]}`);
      return variables === undefined ? refused(`cat: ${rest[0]}: Permission denied`) : ok(variables);
    }
    if (program === 'dd') {
      this.changes.push(argv.join(' '));
      this.files.set(`${id}:${rest[0]?.replace('of=', '')}`, String(options.stdin));
      return ok('');
    }
    const name = argv.at(-1) ?? '';
    const isRead = argv[1] === '-r';
    const verb = argv[isRead ? 4 : 3];
    if (isRead) {
      const byUuid = [...this.defined.values()].find(each => textOf(find(tree(each), 'uuid')) === name);
      const xml = this.defined.get(name) ?? byUuid;
      if (xml === undefined) return refused(`error: failed to get domain '${name}'\nerror: Domain not found`);
      return ok(verb === 'domstate' ? `${this.state}\n\n` : xml);
    }
    this.changes.push(argv.slice(3).join(' '));
    if (verb !== 'define') return ok('');
    if (this.refusal !== undefined) return refused(`error: ${this.refusal}`);
    const xml = this.files.get(name) ?? '';
    this.defined.set(textOf(find(tree(xml), 'name')), xml);
    return ok('');
  }
}

const ok = (out: string) => ({ code: 0, out, err: '' });
const refused = (err: string) => ({ code: 1, out: '', err });

it('defines the standby once, held and without autostart, and finds it done the second time', async () => {
  const world = new Hypervisors(domainXml('debian-q35'));
  expect(await world.done()).toBe(false);
  await world.run();
  expect(world.changes).toEqual([`write ${FILE}`, `define --validate ${FILE}`, 'autostart --disable web1']);
  expect(world.standby).toMatchObject({ domain: 'web1', hypervisor: 'dal-kvm1' });
  expect(world.standby?.changes.at(-1)).toContain('held against an accidental start');
  expect(await world.done()).toBe(true);
  await world.run();
  expect(world.changes).toHaveLength(3);
});

it('defines it anew where the source has changed, and says so', async () => {
  const world = new Hypervisors(domainXml('debian-q35'));
  await world.run();
  world.observe(domainXml('debian-q35').replaceAll('4194304', '8388608'));
  expect(await world.done()).toBe(false);
  await world.run();
  expect(world.standby?.changes[0]).toMatch(/^defined anew: /);
  expect(world.defined.get('web1')).toContain('8388608');
  expect(await world.done()).toBe(true);
});

it('touches no domain of that name that is not its own', async () => {
  const world = new Hypervisors(domainXml('debian-q35'));
  world.defined.set('web1', domainXml('debian-q35'));
  await expect(world.run()).rejects.toMatchObject({
    code: 'build.foreign-object',
    message: 'a domain named web1 exists on dal-kvm1, and landfall did not make it',
  });
  const other = new Hypervisors(domainXml('debian-q35'));
  await other.run();
  world.defined.set('web1', (other.defined.get('web1') ?? '').replace(/begun='[^']*'/, "begun='2025-01-01'"));
  await expect(world.run()).rejects.toMatchObject({ code: 'build.foreign-object' });
  expect(world.changes).toEqual([]);
});

it('names a domain by its UUID where virsh would take the name for the number of a running one', async () => {
  const xml = domainXml('debian-q35').replace(/<name>[^<]*/, '<name>101');
  const uuid = textOf(find(tree(xml), 'uuid'));
  const world = new Hypervisors(xml);
  await world.run();
  expect(world.changes.at(-1)).toBe(`autostart --disable ${uuid}`);
  expect(world.standby).toMatchObject({ domain: '101', uuid });
  expect(await world.done()).toBe(true);
});

it('is not done while somebody runs it, and refuses to change it', async () => {
  const world = new Hypervisors(domainXml('debian-q35'));
  await world.run();
  world.state = 'running';
  expect(await world.done()).toBe(false);
  await expect(world.run()).rejects.toMatchObject({ code: 'build.foreign-object' });
});

it('refuses before the first write what the target cannot run', async () => {
  const world = new Hypervisors(domainXml('debian-q35'), { memoryFree: 1 });
  await expect(world.run()).rejects.toMatchObject({ code: 'build.unfit' });
  expect(world.changes).toEqual([]);
});

it('tells what libvirt refused, with its words and what they mean', async () => {
  const world = new Hypervisors(domainXml('el9-secboot'));
  world.refusal = "unsupported configuration: TPM version '2.0' is not supported";
  await expect(world.run()).rejects.toMatchObject({
    code: 'build.xml-refused',
    facts: {
      evidence: ["error: unsupported configuration: TPM version '2.0' is not supported"],
      next: expect.arrayContaining([
        'install a TPM emulator on dal-kvm1: the package swtpm (and swtpm-tools)',
      ]),
    },
  });
  expect(world.standby).toBeUndefined();
});

it('carries the UEFI variables over, or says why it cannot', async () => {
  const world = new Hypervisors(domainXml('uefi-secboot'));
  await expect(world.run()).rejects.toMatchObject({
    code: 'build.unfit',
    message: expect.stringContaining('cannot be read on mia-kvm1'),
  });
  world.files.set('mia-kvm1:/var/lib/libvirt/qemu/nvram/app3_VARS.fd', 'VARIABLES');
  await world.run();
  const copy = '/var/lib/libvirt/qemu/nvram/landfall-miami-to-dallas-web1_VARS.fd';
  expect(world.files.get(`dal-kvm1:${copy}`)).toBe('VARIABLES');
  expect(world.changes[0]).toBe(`dd of=${copy} status=none`);
});

it('previews the definition as a diff with its changes, and what it waits for before the inventory', () => {
  const world = new Hypervisors(domainXml('debian-q35'));
  const [shown] = previewOf([world.step], world.story.view);
  const write = shown?.actions.find(action => action.kind === 'write');
  expect(write?.diff).toContain("-       <source file='/var/lib/libvirt/images/web1.qcow2'/>");
  expect(write?.diff).toContain("+       <source file='/pool/landfall-miami-to-dallas-web1-vda.qcow2'/>");
  const define = shown?.actions.find(action => action.line.includes('define --validate'));
  expect(define?.note?.split('\n').at(-1)).toContain('held against an accidental start');

  const early = new Story(planOf()).begin();
  const lines = standbyStep(early.plan, 'web1').preview(early.view).map(line);
  expect(lines).toContain('virsh -c qemu:///system autostart --disable ‹name of the domain of web1›');
  expect(lines).toContain(`virsh -c qemu:///system define --validate ${FILE}`);
});

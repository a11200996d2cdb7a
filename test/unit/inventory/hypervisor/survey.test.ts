import { describe, expect, it } from 'vitest';
import { cpuFit } from '../../../../src/inventory/hypervisor/cpu-fit.ts';
import { surveyHypervisor } from '../../../../src/inventory/hypervisor/survey.ts';
import { recordedHost } from '../../../support/recorded-host.ts';
import { type Reply, scriptedHost } from '../../../support/scripted-host.ts';
import { machinePlan, planOf } from '../../../support/state.ts';

const plan = planOf({ machines: { web1: machinePlan({}) } });
const signal = new AbortController().signal;
const debian = recordedHost('debian-12');
const UUID = /<uuid>(.*)<\/uuid>/.exec(debian.dumpxml)?.[1]?.toLowerCase() ?? '';
const NAME = /<name>(.*)<\/name>/.exec(debian.dumpxml)?.[1] ?? '';

/** A clock on which waiting takes no time, and which remembers for how long it was asked to. */
function hastyClock() {
  const slept: number[] = [];
  let now = 0;
  return {
    slept,
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: (ms: number) => {
        slept.push(ms);
        now += ms;
        return Promise.resolve();
      },
    },
  };
}

const stats = (written: number): string =>
  `Domain: '${NAME}'\n  state.state=1\n  block.count=1\n  block.0.name=vda\n  block.0.rd.bytes=0\n  block.0.wr.bytes=${written}\n`;

function hypervisor(answers: Record<string, Reply>) {
  let read = 0;
  return scriptedHost('mia-kvm1', line => {
    const verb = line.replace(/^virsh (?:-r )?-c qemu:\/\/\/system /, '');
    if (verb.startsWith('domstats')) return stats(read++ * 10_000);
    return answers[verb];
  });
}

const look = async (answers: Record<string, Reply>) => {
  const { clock, slept } = hastyClock();
  const host = hypervisor(answers);
  const survey = await surveyHypervisor({ plan, host, hostOf: () => Promise.resolve(host), clock, signal });
  return { survey, slept, asked: host.asked };
};

const DOMAINS: Record<string, Reply> = {
  'list --all --uuid': `${UUID}\n11111111-0000-4000-8000-000000000000\n`,
  'list --all --uuid --autostart': `${UUID}\n`,
  'list --all --uuid --with-snapshot': `${UUID}\n`,
  'list --all --uuid --with-checkpoint': '',
  [`dumpxml ${UUID}`]: debian.dumpxml,
  [`domblkinfo ${UUID} --all`]: debian.domblkinfo,
  [`snapshot-list ${UUID} --name`]: 'before-upgrade\n',
  [`domjobinfo ${UUID} --rawstats`]: 'Job type: 2\noperation: 9\n',
  [`domifaddr ${UUID} --source lease`]: ' vnet0 52:54:00:aa:00:01 ipv4 10.1.0.11/24\n',
  'dumpxml 11111111-0000-4000-8000-000000000000': '<odd>',
};

describe('the survey of a hypervisor', () => {
  it('one domain that cannot be read costs the others nothing, and everything that fails is a gap', async () => {
    const { survey, slept } = await look(DOMAINS);
    expect(survey.domains.map(each => each.uuid)).toEqual([UUID]);
    expect(survey.domains[0]).toMatchObject({
      ...{ state: 'running', autostart: true, snapshots: 1, checkpoints: 0, job: 'a backup' },
      addresses: ['10.1.0.11'],
    });
    expect(slept, 'write rates need five seconds').toEqual([5000]);
    expect(survey.domains[0]?.rates).toEqual([{ device: 'vda', written: 2000, read: 0, seconds: 5 }]);
    const gaps = survey.gaps.map(({ what, why }) => `${what}: ${why}`);
    expect(gaps).toContain('the domain 11111111-0000-4000-8000-000000000000: unreadable');
    expect(gaps).toContain('its bridges: no-tool');
  });

  it('asks by UUID, and everything but the processor through the read-only socket', async () => {
    const { asked } = await look(DOMAINS);
    const writing = asked.filter(line => line.startsWith('virsh') && !line.startsWith('virsh -r'));
    expect(writing.filter(line => !line.includes('domcapabilities'))).toEqual([]);
    expect(asked.filter(line => line.includes(` ${NAME}`))).toEqual([]);
  });

  it('more domains than are looked at are told', async () => {
    const uuids = Array.from({ length: 501 }, (_, at) => `0000${at}-x`);
    const { survey } = await look({ 'list --all --uuid': uuids.join('\n') });
    expect(survey.gaps).toContainEqual({ what: 'domains beyond the first 500', why: 'cut-short' });
    expect(survey.gaps.length, 'and the journal is not filled with them').toBe(101);
  });
});

describe('whether processors fit', () => {
  const capabilities = `<domainCapabilities><arch>x86_64</arch><cpu><mode name='host-model' supported='yes'>
    <model>EPYC</model><vendor>AMD</vendor></mode></cpu></domainCapabilities>`;
  const asks = (answers: (line: string) => Reply | undefined) => scriptedHost('dal-kvm1', answers);
  const source = scriptedHost('mia-kvm1', line =>
    line.includes('--virttype kvm') ? capabilities : undefined,
  );

  it("is what the target's libvirt says", async () => {
    const target = asks(line =>
      line.includes('hypervisor-cpu-compare')
        ? {
            code: 1,
            stdout: 'The CPU described in /dev/stdin is incompatible with the CPU provided by hypervisor\n',
          }
        : capabilities,
    );
    expect(await cpuFit({ plan, source, target, signal })).toMatchObject({
      source: 'mia-kvm1',
      fit: 'incompatible',
    });
  });

  it('is computed where libvirt cannot compare, and unknown where the source does not tell', async () => {
    const old = asks(line => (line.includes('cpu-compare') ? undefined : capabilities));
    expect(await cpuFit({ plan, source, target: old, signal })).toMatchObject({ fit: 'identical' });
    const silent = scriptedHost('mia-kvm1', () => ({ code: 1, stderr: 'error: this command is unknown\n' }));
    expect(await cpuFit({ plan, source: silent, target: old, signal })).toEqual({
      ...{ source: 'mia-kvm1', fit: 'unknown', detail: 'mia-kvm1 does not tell its processor' },
    });
  });
});

import type { EventBody, EventOf } from '../../../../src/journal/events.ts';
import type { PlanInput } from '../../../../src/plan/schema.ts';
import { domainFacts, machinePlan, planOf, Story } from '../../../support/state.ts';

/** Evacuations of one machine, of which more or less is known. */

export const GB = 1e9;
export const MB = 1e6;

export interface Known {
  readonly used?: number;
  readonly allocated?: number;
  readonly files?: number;
  /** Bytes per second, as its hypervisor sampled them. */
  readonly written?: number;
  readonly link?: PlanInput['link'];
  readonly machine?: Partial<PlanInput['machines'][string]>;
}

export function storyOf({
  used = 10 * GB,
  allocated = 12 * GB,
  files = 100_000,
  written,
  link,
  machine,
}: Known) {
  const story = new Story(
    planOf({ link: link ?? {}, machines: { web1: machinePlan(machine ?? {}) } }),
  ).begin();
  const [disk] = domainFacts().disks;
  if (disk === undefined) throw new Error('the machine of the tests has a disk');
  story.observe(
    'web1',
    {
      fileSystems: [
        {
          mountpoint: '/',
          device: '/dev/vda1',
          type: 'ext4',
          uuid: 'A',
          size: 2 * used,
          used,
          inodesUsed: files,
        },
      ],
    },
    { disks: [{ ...disk, allocation: allocated }] },
  );
  if (written !== undefined) story.tell(surveyed(written));
  return story;
}

export const surveyed = (written: number): EventBody => ({
  type: 'hypervisor.surveyed',
  hypervisor: 'mia-kvm1',
  survey: {
    ...{ gaps: [], networks: [], pools: [], bridges: [], cpuFit: [], versions: {} },
    domains: [
      {
        ...{ name: 'web1', uuid: 'u', state: 'running', autostart: true, memory: 1, vcpus: 1 },
        ...{ disks: [], interfaces: [], addresses: [], snapshots: 0, checkpoints: 0, passthrough: [] },
        rates: [{ device: 'vda', written, read: 0, seconds: 5 }],
      },
    ],
  },
});

type Measured = EventOf<'link.measured'>;

export const run = (streams: number, bytesPerSecond: number): Measured['forth'][number] => ({
  ...{ streams, bytesPerSecond, ms: 1000, bytes: bytesPerSecond },
});

export const measured = (rate: number, more: Partial<Measured> = {}): Measured => ({
  ...{ type: 'link.measured', from: 'mia-kvm1', to: 'dal-kvm1', bottleneck: 'link', why: 'it is' },
  forth: [run(1, rate / 2), run(4, rate)],
  back: [],
  ...more,
});

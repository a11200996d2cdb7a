import type { PlanInput } from '../../../../src/plan/schema.ts';
import { machinePlan, planOf, Story } from '../../../support/state.ts';

/** Evacuations that have not copied anything yet, with what each machine holds, and a link of so many bytes a second. */
export interface FleetMachine {
  readonly name: string;
  /** GB on its disks. */
  readonly size: number;
  readonly tier?: 'critical' | 'normal';
  readonly after?: readonly string[];
}

export function fleetStory(
  machines: readonly FleetMachine[],
  link: PlanInput['link'] = { limit: '80 Mbit/s', streams: 1 },
  more: Partial<PlanInput> = {},
): Story {
  const story = new Story(
    planOf({
      link,
      machines: Object.fromEntries(
        machines.map(({ name, tier, after }) => [
          name,
          machinePlan({ tier: tier ?? 'normal', after: [...(after ?? [])] }),
        ]),
      ),
      ...more,
    }),
  ).begin();
  for (const { name, size } of machines) story.observe(name, { fileSystems: [diskOf(size)] });
  return story;
}

export const diskOf = (gigabytes: number) => ({
  mountpoint: '/',
  device: '/dev/vda1',
  type: 'ext4',
  uuid: 'AAAA-1',
  size: gigabytes * 2e9,
  used: gigabytes * 1e9,
  inodesUsed: 120_000,
});

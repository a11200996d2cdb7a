import type { Deed } from './deed.ts';

/** The way home lies in the directory of the evacuation: written by the record as soon as there is a plan (evacuation). */
export const failbackDeed = (): Deed => ({
  preview: () => [],
  done: async () => false,
  run: async ({ evacuation }) => [
    `the plan of the way home is written from the journal at any time: landfall failback ${evacuation}`,
  ],
});

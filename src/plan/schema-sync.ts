import { z } from 'zod';
import { duration, rate, size } from './values.ts';

/** What the plan says of copying: the link, passes, comparisons, and what production keeps for itself. */

export const TIME_OF_DAY_PATTERN = /^([01]\d|2[0-3]):[0-5]\d$/;
const timeOfDay = (example: string) =>
  z.string().regex(TIME_OF_DAY_PATTERN, `not a time of day: write it like "${example}"`);

export const linkPlan = z
  .strictObject({
    limit: rate.optional().describe('What landfall may use of the link between the sites.'),
    streams: z.int().min(1).max(64).default(4).describe('Streams that may run at the same time.'),
    path: z
      .enum(['direct', 'relay'])
      .default('direct')
      .describe(
        'relay: the sites cannot see each other, and the bytes go through the machine that runs landfall.',
      ),
    compress: z
      .enum(['auto', 'on', 'off'])
      .default('auto')
      .describe('auto: a sample of each machine decides.'),
    windows: z
      .array(
        z.strictObject({
          days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).min(1),
          from: timeOfDay('08:00'),
          to: timeOfDay('18:00'),
          limit: rate,
        }),
      )
      .default([])
      .describe('Other limits at certain hours, in the zone below.'),
    timezone: z.string().default('UTC').describe('The time zone of the windows, like America/New_York.'),
  })
  .prefault({})
  .describe('The link between the sites and how much of it landfall may use.');

export const passesPlan = z
  .strictObject({
    at_most: z.int().min(2).max(100).default(10).describe('Stop after so many passes and say why.'),
    small: size.prefault('64 MiB').describe('A pass with fewer literal bytes counts as converged.'),
    max_delete: z
      .int()
      .min(1)
      .default(20_000)
      .describe('A pass that would delete more files than this stops and asks.'),
    every: duration
      .optional()
      .describe('A pass at least so often once a machine has converged; otherwise as its RPO asks.'),
  })
  .prefault({});

export const verifyPlan = z
  .strictObject({
    share: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe('The part of a copy that is compared by contents: 1 is all of it; less is a sample.'),
    limit: rate.optional().describe('What comparing may read of a source per second.'),
    every: duration.optional().describe('A comparison at least so often while a machine is kept fresh.'),
  })
  .prefault({})
  .describe('How copies are compared with their sources.');

export const carePlan = z
  .strictObject({
    load: z
      .number()
      .gt(0)
      .max(100)
      .default(4)
      .describe('Load of a source per processor above which landfall slows down there.'),
    iowait: z
      .number()
      .gt(0)
      .max(1)
      .default(0.4)
      .describe('Share of time that a source waits for its disks above which landfall slows down there.'),
    memory: size.prefault('64 MiB').describe('Memory that a source must keep available.'),
    space: size
      .prefault('512 MiB')
      .describe('Free space that snapshots and pieces must leave at the source.'),
  })
  .prefault({})
  .describe('What production keeps for itself: landfall slows down, then stops its own work.');

const argv = z.array(z.string().min(1).max(1000)).min(1);

/** Keys of a machine: by whom it is copied, and how one instant is caught. */
export const moverKeys = {
  mover: z
    .enum(['auto', 'files', 'blocks'])
    .default('auto')
    .describe(
      'files: rsync inside the guest; blocks: what the hypervisor saw change; auto: what the inventory says.',
    ),
  freeze: z
    .boolean()
    .default(true)
    .describe('blocks: file systems stand still through the guest agent for the instant of a pass.'),
  snapshot: z
    .enum(['none', 'auto', 'lvm', 'btrfs', 'zfs'])
    .default('none')
    .describe('files: each pass reads from a snapshot inside the guest, where there is room for it.'),
  hooks: z
    .strictObject({
      before: argv.optional().describe('Command on the source before each pass.'),
      after: argv.optional().describe('Command on the source after it; runs whatever happened in between.'),
      timeout: duration.prefault('1m'),
    })
    .optional()
    .describe('Commands on the source around each pass, such as to bring a database to rest.'),
};

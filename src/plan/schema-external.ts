import { z } from 'zod';
import { name, port } from './values.ts';

/** An address, a network, or a host name; `*.example.net` is every host below it. */
const place = z
  .string()
  .min(1)
  .max(253)
  .regex(
    /^(?:[0-9a-fA-F:.]+(?:\/\d{1,3})?|(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)$/,
    'neither an address, nor a network like 10.9.0.0/16, nor a host name',
  );

/**
 * What machines need and landfall does not move. What the inventory sees and finds neither among the machines nor here
 * is unknown, and a finding.
 */
export const externalPlan = z
  .record(
    name,
    z.strictObject({
      at: z.array(place).min(1).describe('Addresses, networks and host names under which it is seen.'),
      ports: z.array(port).optional().describe('Only these ports; otherwise all.'),
      description: z.string().max(200).optional(),
      owner: z.string().max(100).optional(),
      after_loss: z
        .enum(['stays', 'replaced', 'not-needed', 'lost'])
        .default('stays')
        .describe(
          'What becomes of it when the source site is lost: it stays reachable from the target, something at the target replaces it, nobody needs it there, or it is lost and missed.',
        ),
      replaced_by: z
        .string()
        .max(253)
        .optional()
        .describe('What takes its place at the target: an address or a name.'),
    }),
  )
  .default({})
  .describe('What machines depend on and landfall does not move.');

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { writeWhole } from '../hosts/shims.ts';

/** `<lab>/lab.json`: what a lab directory is, and which process serves it now. */

const labFileSchema = z.object({
  format: z.literal(1),
  labId: z.string(),
  seed: z.number(),
  scale: z.number(),
  machines: z.array(z.string()),
  port: z.int(),
  process: z
    .object({
      pid: z.int(),
      /** Start time in clock ticks since boot: another process with this pid is not ours. */
      startTicks: z.number(),
      control: z.string().describe('Path of the control socket.'),
    })
    .nullable(),
});

export type LabFile = z.output<typeof labFileSchema>;

const fileOf = (directory: string): string => path.join(directory, 'lab.json');

export function readLabFile(directory: string): LabFile | undefined {
  if (!existsSync(fileOf(directory))) return undefined;
  const text = readFileSync(fileOf(directory), 'utf8');
  try {
    return labFileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LandfallError('lab.unavailable', {
      what: 'lab.json of the pocket lab cannot be read',
      where: { file: fileOf(directory) },
      next: ['remove the lab directory and start the rehearsal again'],
      cause,
    });
  }
}

export function writeLabFile(directory: string, file: LabFile): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeWhole(fileOf(directory), `${JSON.stringify(file, null, 2)}\n`, 0o600);
}

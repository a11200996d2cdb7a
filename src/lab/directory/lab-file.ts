import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { writeWhole } from './write-whole.ts';

/** `<lab>/lab.json`: what a lab directory is, and which process serves it now. */

const labFileSchema = z.object({
  format: z.literal(1),
  labId: z.string(),
  /** Name of the evacuation that its plan is for. */
  name: z.string(),
  seed: z.number(),
  scale: z.number(),
  machines: z.array(z.string()),
  port: z.int(),
  /** The SQL Servers of the lab; null where it has none. */
  database: z
    .object({ rows: z.int(), ports: z.tuple([z.int(), z.int()]) })
    .nullable()
    .default(null),
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

/** What a lab is made with, once and for all. */
export type LabMaking = Pick<LabFile, 'name' | 'seed' | 'scale' | 'machines'>;

const MAKING = ['name', 'seed', 'scale', 'machines'] as const;

/** The lab that is in the directory, or a new one; one that was made otherwise is a `lab.unavailable`. */
export function labFileFor(
  directory: string,
  wanted: LabMaking,
  database: LabFile['database'] = null,
): LabFile {
  const present = readLabFile(directory);
  if (present === undefined) {
    return { format: 1, labId: randomBytes(8).toString('hex'), port: 0, database, process: null, ...wanted };
  }
  requireMadeWith(directory, present, wanted);
  return present;
}

/** Refuses with `lab.unavailable` where what is there differs from what is wanted. */
export function requireMadeWith(directory: string, present: LabFile, wanted: Partial<LabMaking>): void {
  const inWords = (making: Partial<LabMaking>, key: (typeof MAKING)[number]): string =>
    `${key} ${String(making[key])}`;
  const differing = MAKING.filter(
    key => wanted[key] !== undefined && inWords(present, key) !== inWords(wanted, key),
  );
  if (differing.length === 0) return;
  throw new LandfallError('lab.unavailable', {
    what: `the lab at ${directory} was made with another ${differing.join(' and ')}`,
    evidence: differing.map(key => `there: ${inWords(present, key)}; asked: ${inWords(wanted, key)}`),
    next: ['open it with what it was made with', 'or use another directory'],
  });
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { SqlError, unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import { guidText } from '../server/guid.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import { optionText } from '../system/statement-values.ts';
import type { BackupWork } from './backup.ts';
import type { BackupHeader } from './header.ts';
import { type BackupSet, readPayload, readSets, setsThere, type WrittenSet, writeSet } from './media.ts';
import { type DeviceFile, deviceFiles, hasOption, numberOption } from './options.ts';

/** The files that a backup set is striped over. */

const isAnew = ({ statement: { options } }: BackupWork): boolean =>
  hasOption(options, 'INIT') || hasOption(options, 'FORMAT');

/**
 * The media set that a backup goes to: the one that is there unless FORMAT makes another.
 *
 * @throws SqlError 3231 where it has another number of files, 3241 where a file is no backup
 */
export async function mediaOf(
  work: BackupWork,
): Promise<Pick<BackupHeader, 'mediaSet' | 'mediaName' | 'mediaDescription'>> {
  const { devices, execution, statement } = work;
  if (!hasOption(statement.options, 'FORMAT'))
    for (const { file, device } of devices) {
      const [there] = (await setsThere(file, device)) ?? [];
      if (there === undefined) continue;
      const { stripes, mediaSet, mediaName, mediaDescription } = there.header;
      if (stripes !== devices.length)
        throw new SqlError(
          3231,
          `The media loaded on "${device}" is formatted to support ${stripes} media families, but ${devices.length} media families are expected according to the backup device specification.`,
        );
      return { mediaSet, mediaName, mediaDescription };
    }
  return {
    mediaSet: guidText(execution.instance.random.bytes(16)),
    mediaName: optionText(execution, statement.options, 'MEDIANAME') ?? null,
    mediaDescription: optionText(execution, statement.options, 'MEDIADESCRIPTION') ?? null,
  };
}

/** Each device gets its part of the payload, one after the other; all of them or none has it then. */
export async function writeStripes(
  work: BackupWork,
  header: BackupHeader,
  payload: string,
  progress: (part: number) => void,
): Promise<{ readonly position: number; readonly stored: number }> {
  const { devices, execution } = work;
  const { signal } = execution;
  const anew = isAnew(work);
  const { size } = await stat(payload);
  const part = Math.ceil(size / devices.length);
  const written: WrittenSet[] = [];
  let position = 1;
  let done = 0;
  const counted = async function* (pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const piece of pieces) {
      yield piece;
      done += piece.length;
      progress(done / size);
    }
  };
  try {
    for (const [at, { file, device }] of devices.entries()) {
      if (!anew) position = ((await setsThere(file, device))?.length ?? 0) + 1;
      const [start, end] = [Math.min(size, at * part), Math.min(size, (at + 1) * part)];
      const own: AsyncIterable<Uint8Array> =
        end > start ? createReadStream(payload, { start, end: end - 1 }) : Readable.from([]);
      const set = { header: { ...header, stripe: at }, payload: counted(own), length: end - start, signal };
      written.push(await writeSet(file, set, anew));
    }
    signal.throwIfAborted();
  } catch (error) {
    for (const each of written) await each.undo();
    throw error;
  }
  for (const each of written) await each.keep();
  progress(1);
  return { position, stored: size };
}

/** A backup set with all of its files. */
export interface Source {
  readonly header: BackupHeader;
  readonly position: number;
  /** Bytes as they lie in the files. */
  readonly length: number;
  readonly devices: readonly string[];
  payload(): AsyncIterable<Uint8Array>;
  /** Reads all of it. @throws SqlError 3189 */
  verify(signal: AbortSignal): Promise<void>;
}

type RestoreStatement = Extract<AdministrativeStatement, { readonly statement: 'restore' }>;

/**
 * The set that FILE = n chooses.
 *
 * @throws SqlError 3201, 3203, 3241, 4038, 3132, 3227, 3258, 3187
 */
export async function sourceOf(statement: RestoreStatement, execution: Execution): Promise<Source> {
  const position = numberOption(execution, statement.options, 'FILE', 1) ?? 1;
  const devices = deviceFiles(execution, statement.from, statement.line);
  const parts: { readonly at: DeviceFile; readonly set: BackupSet }[] = [];
  for (const at of devices)
    parts.push({ at, set: chosenSet(await readSets(at.file, at.device), position, at.device) });
  parts.sort((left, right) => left.set.header.stripe - right.set.header.stripe);
  const [first] = parts;
  if (first === undefined) throw unsupported('RESTORE without a device', statement.line);
  const { header } = first.set;
  requireWhole(header, parts);
  if (hasOption(statement.options, 'CHECKSUM') && !header.checksums)
    throw new SqlError(
      3187,
      'RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.',
    );
  async function* payload(): AsyncGenerator<Uint8Array, void, undefined> {
    for (const { at, set } of parts) yield* readPayload(at.file, set, at.device);
  }
  return {
    header,
    position,
    length: parts.reduce((sum, { set }) => sum + set.length, 0),
    devices: parts.map(({ at }) => at.device),
    payload,
    async verify(signal) {
      for await (const _piece of payload()) signal.throwIfAborted();
    },
  };
}

function requireWhole(
  header: BackupHeader,
  parts: readonly { readonly at: DeviceFile; readonly set: BackupSet }[],
): void {
  const byStripe = new Map<number, string>();
  for (const { at, set } of parts) {
    if (set.header.mediaSet !== header.mediaSet || set.header.setId !== header.setId)
      throw new SqlError(
        3258,
        `The volume on the device "${at.device}" is not part of the media set that is currently being processed. Ensure that the backup devices are loaded with the correct media.`,
      );
    const { stripe } = set.header;
    const other = byStripe.get(stripe);
    if (other !== undefined)
      throw new SqlError(
        3227,
        `The backup media on "${at.device}" is part of media family ${stripe + 1} which has already been processed on "${other}". Ensure that backup devices are correctly specified. For tape devices, ensure that the correct volumes are loaded.`,
      );
    byStripe.set(stripe, at.device);
  }
  if (byStripe.size !== header.stripes)
    throw new SqlError(
      3132,
      `The media set has ${header.stripes} media families but only ${byStripe.size} are provided. All members must be provided.`,
    );
}

/** @throws SqlError 4038 where the file has no such set */
export function chosenSet(sets: readonly BackupSet[], position: number, device: string): BackupSet {
  const set = sets[position - 1];
  if (set === undefined) throw new SqlError(4038, `Cannot find file ID ${position} on device '${device}'.`);
  return set;
}

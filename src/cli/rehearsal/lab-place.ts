import { dirname, join } from 'node:path';
import { planInForce } from '../../evacuation/engine/plan-in-force.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { openEvacuationDirectory } from '../../journal/directory.ts';
import type { State } from '../../journal/state.ts';

export interface LabPlace {
  readonly directory: string;
  /** What the lab that is there was made with. */
  readonly made?: { readonly seed: number; readonly scale: number; readonly machines: readonly string[] };
}

export interface WantedLab {
  /** The directory of all evacuations. */
  readonly root: string;
  /** Of the rehearsal. */
  readonly name: string;
  /** What is recorded of it, where it is taken up again. */
  readonly state: State | undefined;
  /** Where the engineer says that the lab is. */
  readonly directory: string | undefined;
  readonly now: number;
  /** Refuse to make another lab in place of one that is gone. */
  readonly mustExist: boolean;
}

/**
 * Where the lab of a rehearsal is: where its plan says, so that it is found again without the words with which it was
 * made. Throws `lab.unavailable` where it is gone and has to be there.
 */
export async function labPlaceOf({
  root,
  name,
  state,
  directory: wanted,
  now,
  mustExist,
}: WantedLab): Promise<LabPlace> {
  const home = join(dirname(root), 'labs', name);
  const directory =
    wanted ?? (state === undefined ? undefined : await recordedPlace(root, name, state, now)) ?? home;
  const { readLabFile } = await import('../../lab/directory/lab-file.ts');
  const made = readLabFile(directory);
  if (made !== undefined) return { directory, made };
  if (!mustExist) return { directory };
  throw new LandfallError('lab.unavailable', {
    what: `the simulated sites of ${name} are gone: it cannot go on`,
    where: { file: directory },
    next: [`read what it came to: landfall report ${name}`, 'begin a new one: landfall rehearse'],
  });
}

async function recordedPlace(
  root: string,
  name: string,
  state: State,
  now: number,
): Promise<string | undefined> {
  const directory = await openEvacuationDirectory(root, name);
  const { ssh } = await planInForce(directory, state.evacuation?.planHash, now);
  return ssh?.config === undefined ? undefined : dirname(ssh.config);
}

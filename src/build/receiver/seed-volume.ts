import type { Host } from '../../remote/host.ts';
import { type Action, fact, type Word } from '../../step/action.ts';
import type { StepContext, View } from '../../step/step.ts';
import { beginningOf, evacuationOf, receiverMac, runtimeDirectory, seedVolume } from '../names.ts';
import { findVolume } from '../replica/volumes.ts';
import type { Target } from '../site.ts';
import { staticAddress } from './address.ts';
import { isoImage } from './iso9660.ts';
import { SEED_LABEL, seedFiles } from './nocloud.ts';

/** The disk with instructions for cloud-init, where the plan says that the image has it (`seed: nocloud`). */

type ExecAction = Action & { kind: 'exec' };

/** More than any set of keys takes; a fixed size needs no second volume when keys change. */
const CAPACITY = 1024 * 1024;

/** Base64 through the shell, because the image is no text. */
const STORE_SCRIPT = 'umask 077; mkdir -p "$(dirname "$1")" && base64 -d > "$1"';

interface SeedDeeds {
  readonly store: ExecAction;
  readonly create: ExecAction;
  readonly upload: ExecAction;
}

function deeds(view: View, site: Target): SeedDeeds {
  const evacuation = evacuationOf(view);
  const volume = seedVolume(evacuation, site.machine);
  const file = `${runtimeDirectory(evacuation)}/${volume}`;
  const { pool } = site.image;
  const exec = (argv: readonly Word[]): ExecAction => ({ kind: 'exec', host: site.hypervisor, argv });
  return {
    store: {
      ...exec(['sh', '-c', STORE_SCRIPT, 'sh', file]),
      stdin: imageOf(view, site),
      note: 'a disk of a few KiB for cloud-init: public keys, address, host name',
    },
    create: exec([...site.write('vol-create-as', pool, volume, String(CAPACITY), '--format', 'raw')]),
    upload: exec(site.write('vol-upload', volume, file, '--pool', pool)),
  };
}

/** Base64 of the image; unknown before the evacuation has begun, because then there are no control keys yet. */
function imageOf(view: View, site: Target): Word {
  const { machine } = site;
  const evacuation = evacuationOf(view);
  const keys = view.state.evacuation?.controlKeys;
  if (keys === undefined || keys.length === 0) {
    return fact(
      undefined,
      'seed disk with the public keys of this control machine',
      'the start of the evacuation',
    );
  }
  const files = seedFiles({
    instance: `landfall-${evacuation}-${machine}-${beginningOf(view)}`,
    hostname: `${machine}-receiver`.slice(-63),
    user: site.target.user,
    keys,
    mac: receiverMac(evacuation, machine),
    address: staticAddress(view.plan, machine),
  });
  return Buffer.from(isoImage(SEED_LABEL, files)).toString('base64');
}

const isSeeded = (site: Target): boolean => site.image.seed === 'nocloud';

export function seedActions(view: View, site: Target): Action[] {
  if (!isSeeded(site)) return [];
  const { store, create, upload } = deeds(view, site);
  return [store, create, upload];
}

/** Makes the volume where there is none, and writes it: only before the receiver is defined. */
export async function ensureSeed(
  context: StepContext,
  host: Host,
  site: Target,
  signal: AbortSignal,
): Promise<void> {
  if (!isSeeded(site)) return;
  const { store, create, upload } = deeds(context, site);
  const volume = seedVolume(evacuationOf(context), site.machine);
  await context.perform(store, { signal });
  const found = await findVolume(host, site, site.image.pool, volume, signal);
  if (found === undefined) await context.perform(create, { signal });
  await context.perform(upload, { signal });
}

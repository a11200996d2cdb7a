import { createHash } from 'node:crypto';
import { LandfallError } from '../foundation/errors.ts';
import {
  MANIFEST_NAME,
  type MirrorManifest,
  mirrorDirectory,
  readManifest,
} from '../journal/mirror-manifest.ts';
import type { Host } from '../remote/host.ts';
import { quote } from '../remote/quote.ts';
import type { MirrorSnapshot, MirrorSource } from './mirror-source.ts';

/** Brings one hypervisor's copy of an evacuation up to a snapshot; what lies there of another run is never overwritten. */

const PIECE_BYTES = 4 * 1024 * 1024;
const FILE_MODE = 0o600;

/** $1 the directory of mirrors, $2 the one of this evacuation. */
const PREPARE = `umask 077
mkdir -p -- "$2" && chmod 0700 -- "$2"`;

/** $1 the journal: its size and hash; `0 -` where there is none. */
const LOOK = `[ -e "$1" ] || { echo 0 -; exit 0; }
size=$(wc -c < "$1") && sum=$(sha256sum < "$1") && echo "$size" "\${sum%% *}"`;

/** $1 the journal, $2 its size afterwards; the new bytes on standard input. */
const APPEND = `umask 077
cat >> "$1" && size=$(wc -c < "$1") && [ "$size" -eq "$2" ]`;

/** $1 the directory, $2 its new name. */
const SET_ASIDE = `[ ! -e "$2" ] && mv -- "$1" "$2"`;

export interface MirrorTo {
  readonly evacuation: string;
  readonly source: MirrorSource;
  readonly snapshot: MirrorSnapshot;
  readonly facts: Pick<MirrorManifest, 'at' | 'by' | 'landfall'>;
}

/** Returns the directory. Throws `state.exists` where another control machine has gone on with this evacuation. */
export async function mirrorTo(
  host: Host,
  { evacuation, source, snapshot, facts }: MirrorTo,
): Promise<string> {
  const directory = mirrorDirectory(evacuation);
  const journalPath = `${directory}/journal.jsonl`;
  const { journal, files, leftOut } = snapshot;
  let before = await manifestAt(host, directory);
  if (before !== undefined && before.journal.born !== journal.born) {
    await host.exec([
      'sh',
      '-c',
      SET_ASIDE,
      'sh',
      directory,
      `${directory}.${before.journal.born.slice(0, 12)}`,
    ]);
    before = undefined;
  }
  await host.exec(['sh', '-c', PREPARE, 'sh', directory, directory]);

  const there = await journalAt(host, journalPath);
  const ours = there.bytes <= journal.bytes ? await source.hashOf(there.bytes) : undefined;
  if (there.bytes > 0 && ours !== there.sha256) throw goneOnElsewhere(host.id, directory, before);
  for (let at = there.bytes; at < journal.bytes; ) {
    const bytes = await source.piece(at, Math.min(PIECE_BYTES, journal.bytes - at));
    at += bytes.length;
    await host.exec(['sh', '-c', APPEND, 'sh', journalPath, String(at)], { stdin: bytes });
  }

  const known = new Map(before?.files.map(each => [each.path, each.sha256]));
  const written: MirrorManifest['files'] = [];
  for (const file of files) {
    if (known.get(file.path) === file.sha256) {
      written.push(file);
      continue;
    }
    // A file may have changed since the snapshot: what is said of it is what was sent.
    const bytes = await source.read(file.path);
    await host.write(`${directory}/${file.path}`, bytes, FILE_MODE);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    written.push({ path: file.path, size: bytes.length, sha256 });
  }
  const manifest: MirrorManifest = {
    v: 1,
    evacuation,
    ...facts,
    journal,
    files: written,
    leftOut: [...leftOut],
  };
  await host.write(`${directory}/${MANIFEST_NAME}`, `${JSON.stringify(manifest, null, 1)}\n`, FILE_MODE);
  return directory;
}

/** The manifest that lies there; undefined where there is none, or none that can be read. */
export async function manifestAt(host: Host, directory: string): Promise<MirrorManifest | undefined> {
  try {
    return readManifest((await host.read(`${directory}/${MANIFEST_NAME}`)).toString('utf8'));
  } catch (error) {
    if (error instanceof LandfallError && error.code === 'remote.file-absent') return undefined;
    throw error;
  }
}

async function journalAt(
  host: Host,
  path: string,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const { stdout } = await host.exec(['sh', '-c', LOOK, 'sh', path]);
  const [, bytes, sha256] =
    /^(\d+) ([0-9a-f]{64}|-)\s*$/.exec(stdout.toString('utf8').replace(/^\s+/, '')) ?? [];
  if (bytes === undefined || sha256 === undefined)
    throw new LandfallError('remote.answer-unreadable', {
      what: `${host.id} does not tell what it has of the mirrored journal`,
      where: { host: host.id, file: path },
      next: [`look on ${host.id}: ls -l ${quote(path)}`],
    });
  return { bytes: Number(bytes), sha256 };
}

function goneOnElsewhere(host: string, directory: string, there: MirrorManifest | undefined): LandfallError {
  return new LandfallError('state.exists', {
    what: `another journal of this evacuation lies in ${directory} on ${host}${there === undefined ? '' : `, written by ${there.by}`}`,
    why: 'another control machine may have taken the evacuation up; it is not overwritten',
    where: { host, file: directory },
    next: [
      'find out who steers this evacuation: only one control machine may',
      `if it is this one: move ${directory} on ${host} aside`,
    ],
  });
}

import { LandfallError } from '../foundation/errors.ts';
import type { Commands } from './command.ts';
import { quote } from './quote.ts';

/**
 * Whole files over exec channels: no sftp server is needed on the other side. Scripts are POSIX sh; paths come in as
 * arguments only.
 */

const IS_DIRECTORY = 21;
const SHORT_WRITE = 22;
const ABSENT = 44;

/** $1 path, $2 mode, $3 length in bytes; the bytes on standard input. */
const WRITE = `umask 077
case $1 in */*) parent=\${1%/*} ;; *) parent=. ;; esac
[ -z "$parent" ] || mkdir -p -- "$parent" || exit 20
[ ! -d "$1" ] || exit ${IS_DIRECTORY}
new=$1.landfall-$$
trap 'rm -f -- "$new"' EXIT
cat > "$new" || exit 20
length=$(wc -c < "$new") && [ "$length" -eq "$3" ] || exit ${SHORT_WRITE}
chmod "$2" "$new" && mv -f -- "$new" "$1"`;

/** $1 path, $2 the most bytes to print. */
const READ = `[ -e "$1" ] || exit ${ABSENT}
[ ! -d "$1" ] || exit ${IS_DIRECTORY}
exec head -c "$2" < "$1"`;

const WRITE_TIMEOUT_MS = 300_000;

/** Atomic: the old file or the new one, never a part. Parents are made with mode 0700. */
export async function writeFileOn(
  commands: Commands,
  host: string,
  path: string,
  content: Uint8Array | string,
  mode: number,
): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const octal = (mode & 0o7777).toString(8).padStart(4, '0');
  const result = await commands.exec(['sh', '-c', WRITE, 'sh', path, octal, String(bytes.length)], {
    stdin: bytes,
    codes: [0, IS_DIRECTORY, SHORT_WRITE],
    timeoutMs: WRITE_TIMEOUT_MS,
  });
  if (result.code === IS_DIRECTORY) throw isDirectory(host, path, 'written');
  if (result.code === SHORT_WRITE) {
    throw new LandfallError('remote.command-failed', {
      what: `only a part of ${path} arrived on ${host}; the old file is untouched`,
      where: { host, file: path },
      next: [`check the space on ${host}: df ${quote(path.replace(/\/[^/]*$/, '') || '/')}`, 'try again'],
    });
  }
}

export async function readFileOn(
  commands: Commands,
  host: string,
  path: string,
  maxBytes = 16 * 1024 * 1024,
): Promise<Buffer> {
  // One byte more than allowed tells a full answer from a cut one.
  const result = await commands.exec(['sh', '-c', READ, 'sh', path, String(maxBytes + 1)], {
    codes: [0, ABSENT, IS_DIRECTORY],
    maxBytes: maxBytes + 1,
  });
  if (result.code === IS_DIRECTORY) throw isDirectory(host, path, 'read');
  if (result.code === ABSENT) {
    throw new LandfallError('remote.file-absent', {
      what: `${path} does not exist on ${host}`,
      where: { host, file: path },
      next: [`look on ${host}: ls -ld ${quote(path)}`],
    });
  }
  if (result.stdout.length > maxBytes) {
    throw new LandfallError('remote.output-too-large', {
      what: `${path} on ${host} is larger than ${maxBytes} bytes`,
      where: { host, file: path },
      next: [`look on ${host}: ls -l ${quote(path)}`],
    });
  }
  return result.stdout;
}

function isDirectory(host: string, path: string, verb: string): LandfallError {
  return new LandfallError('remote.command-failed', {
    what: `${path} on ${host} is a directory and cannot be ${verb} as a file`,
    where: { host, file: path },
    next: [`look on ${host}: ls -ld ${quote(path)}`],
  });
}

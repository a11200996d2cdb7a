import { existsSync } from 'node:fs';
import { execa } from 'execa';

/** Where shares of a dead server are put, in a namespace of their own: below what people and programs use. */
export const HUNG_PLACES = ['/srv/theme', '/opt/app/data', '/home/anna/share', '/mnt/archive'];

/**
 * Mounts file systems that never answer, as one of a server that is gone, and becomes the command: each is a FUSE file
 * system whose daemon holds the device and never reads from it. Whoever asks anything of the place itself waits until
 * somebody ends him. A link leads there, as from the root of a web server. The namespace and its mounts end with the command.
 */
const PREPARE = `set -e
mount --make-rprivate /
for place in /srv /opt /home /mnt; do mount -t tmpfs tmpfs "$place"; done
at=4
for place in ${HUNG_PLACES.join(' ')}; do
  mkdir -p "$place"
  at=$((at + 1))
  eval "exec $at<>/dev/fuse"
  mount -i -t fuse.sshfs -o "fd=$at,rootmode=40000,user_id=0,group_id=0" "nas.miami.example:/export$place" "$place"
done
mkdir -p /srv/web/shop
ln -s /mnt/archive /srv/web/site
ln -s /mnt/archive/.env /srv/web/shop/.env
exec "$@"`;

/** A command that runs the given one where shares hang. */
export const amongHungShares = (argv: readonly string[]): readonly [string, string[]] => [
  'unshare',
  ['--mount', 'sh', '-c', PREPARE, 'sh', ...argv],
];

/** Whether this machine lets a test make such a share: root, mount namespaces, FUSE. */
export async function canHangShares(): Promise<boolean> {
  if (!existsSync('/dev/fuse')) return false;
  const [file, words] = amongHungShares(['true']);
  return (await execa(file, words, { reject: false })).exitCode === 0;
}

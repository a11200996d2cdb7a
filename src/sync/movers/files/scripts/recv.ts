import { PATH_CHARACTERS, rsyncServerScript } from '../../../path/rsync-server.ts';
import { ECHO_COMMAND } from './survey.ts';

export const RECV_NOT_MOUNTED = 98;

/**
 * The forced command on the receiver: the source may write into its mounted replica. (What comes back line by line, to
 * tell how far away the receiver is, is what the source itself has sent.)
 */
export const RECV_SCRIPT = rsyncServerScript({
  lets: 'lets the source write into the mounted replica and do nothing else.',
  // What landfall's passes lead to: archive, links, ACLs, xattrs, sparse, checksum, dry run.
  letters: 'vlHogDtpAXrxScnWz',
  options: [
    ...['-@-1', '-@1', '--modify-window=1', '--numeric-ids', '--open-noatime'],
    ...['--delete', '--delete-delay', '--delete-after'],
    ...['--compress-choice=zstd', '--compress-choice=lz4', '--checksum-choice=xxh128'],
  ],
  numbers: ['--max-delete', '--compress-level'],
  before: `# How far the source is: each line goes back, a few of them.
if [ "\${SSH_ORIGINAL_COMMAND-}" = '${ECHO_COMMAND}' ]; then
  for number in 1 2 3 4 5 6; do
    IFS= read -r line || exit 0
    printf '%s\\n' "$line"
  done
  exit 0
fi`,
  place: `case $given in
  *[!${PATH_CHARACTERS}]*) refuse 'a destination with such characters' ;;
  *//* | */./* | */../* | */.. | */. | -*) refuse 'a destination that leads elsewhere' ;;
esac
case $given in
  /mnt/t/ | /mnt/t/*/) ;;
  *) refuse 'a destination outside the replica' ;;
esac
if ! mountpoint -q "\${given%/}"; then
  printf 'landfall-recv: not mounted: %s\\n' "\${given%/}" >&2
  exit ${RECV_NOT_MOUNTED}
fi
# The source can put a link into its replica; followed, it would lead to the receiver's own root.
part=/mnt/t rest=\${given#/mnt/t/}
while [ -n "$rest" ]; do
  part=$part/\${rest%%/*} rest=\${rest#*/}
  link=$(find "$part" -prune -type l) && [ -z "$link" ] || refuse 'a destination that leads elsewhere'
done`,
});

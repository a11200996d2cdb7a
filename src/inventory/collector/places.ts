/** Kinds of file systems where a question may have to wait for another server, or for a program: a pattern of awk. */
const FOREIGN_TYPES =
  '/^(nfs|cifs|smb|autofs|fuse$|fuse\\.|9p|virtiofs|ceph|glusterfs|lustre|gpfs|afs|ncpfs|coda|ocfs2|gfs|beegfs|orangefs|pvfs2|davfs|acfs|quobyte|mfs|moose)/';

/** Prints the kinds of such file systems that are mounted here, joined by commas and ended by one. */
export const FOREIGN_KINDS = `
foreign_kinds() {
  awk '
    { for (at = 7; at < NF && $at != "-"; at++) ; }
    $(at + 1) ~ ${FOREIGN_TYPES} && !seen[$(at + 1)]++ { printf "%s,", $(at + 1) }' /proc/self/mountinfo 2>/dev/null
}
`;

/** So many neighbours of a foreign mount are told one by one: each is a word of a command, and starts no program. */
const BESIDE = 1000;

/**
 * Directories that can be walked without a word to another server. A walk touches every mount point that it comes
 * across, and one whose server is dead holds it until the guard ends it: so the kernel's own table says beforehand what
 * lies on or above such a mount. `local_places DIR…` prints each directory as it is where nothing foreign lies at it,
 * above it or below it; of one with something foreign below it the children that are clean (at most four levels down),
 * and nothing else: no links, which may lead there, and no name with a line break, whose second half would be a word of
 * its own to whoever reads the list. The shell reads the names of those itself: an `ls` may touch what it lists. No
 * process is started but for a directory that has something foreign below it. `far PATH`: whether one lies at or above it.
 */
export const LOCAL_PLACES = `
foreign=$(awk '
  {
    for (at = 7; at < NF && $at != "-"; at++) ;
    if ($(at + 1) !~ ${FOREIGN_TYPES}) next
    gsub(/\\\\040/, " ", $5)
    sub(/\\/[^\\/]*\\\\.*/, "", $5)
    print $5 == "" ? "/" : $5
  }' /proc/self/mountinfo 2>/dev/null)
newline='
'
local_place() (
  [ "$2" -gt 0 ] || exit 0
  mounts=$newline$foreign$newline
  IFS=$newline
  set -f
  for mount in $foreign; do
    [ "$mount" != / ] || exit 0
    case $1/ in "$mount"/*) exit 0 ;; esac
  done
  case $mounts in *"$newline$1/"*) ;; *) printf '%s\\n' "$1"; exit 0 ;; esac
  set +f
  printed=0
  for child in "$1"/* "$1"/.[!.]*; do
    case $child in *'/*'|*'/.[!.]*'|*"$newline"*) continue ;; esac
    case $mounts in
      *"$newline$child$newline"*) continue ;;
      *"$newline$child/"*) local_place "$child" $(($2 - 1)); continue ;;
    esac
    [ ! -h "$child" ] || continue
    printed=$((printed + 1))
    [ "$printed" -gt ${BESIDE} ] || printf '%s\\n' "$child"
  done
)
far() {
  [ -n "$foreign" ] || return 1
  mounts=$newline$foreign$newline
  case $mounts in *"$newline/$newline"*) return 0 ;; esac
  above=$1
  while :; do
    case $mounts in *"$newline$above$newline"*) return 0 ;; esac
    case $above in */*) above=\${above%/*} ;; *) return 1 ;; esac
  done
}
local_places() {
  for place do
    far "$place" && continue
    case $newline$foreign in
      *"$newline$place/"*) local_place "$place" 5 ;;
      *) printf '%s\\n' "$place" ;;
    esac
  done
}
`;

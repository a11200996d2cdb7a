/** Free bytes where a directory is or would be made: the nearest parent that is there. Argument: the directory. */
export const FREE_SCRIPT = `dir=$1
while [ ! -d "$dir" ]; do
  dir=\${dir%/*}
  [ -n "$dir" ] || dir=/
done
LC_ALL=C df -P -B1 -- "$dir" | sed -n '2s/^.*  *[0-9][0-9]*  *[0-9][0-9]*  *\\([0-9][0-9]*\\)  *[0-9-]*%.*/\\1/p'`;

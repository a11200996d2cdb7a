/** Finds files of one machine by their exact shape: `web1-p2` is another machine, not the second pass of web1. */
const MINE = `mine() {
  rest=\${1##*/}
  rest=\${rest#"$machine-p"}
  number=\${rest%%[!0-9]*}
  [ -n "$number" ] || return 1
  rest=\${rest#"$number"}
  case $rest in -p[0-9]*) return 1 ;; -*) return 0 ;; *) return 1 ;; esac
}`;

/** One path a line. Arguments: machine, runtime directory, directory of pieces, then single files that count where they are. */
export const LEFT_SCRIPT = `machine=$1 run=$2 dir=$3
shift 3
${MINE}
for file in "$run/$machine"-p* "$dir/$machine"-p*; do
  if [ -e "$file" ] && mine "$file"; then printf '%s\\n' "$file"; fi
done
for file; do
  [ ! -e "$file" ] || printf '%s\\n' "$file"
done`;

/** Removes what LEFT_SCRIPT finds, and the directories where they are empty then. The same arguments. */
export const SWEEP_SCRIPT = `machine=$1 run=$2 dir=$3
shift 3
${MINE}
for file in "$run/$machine"-p* "$dir/$machine"-p*; do
  if [ -e "$file" ] && mine "$file"; then rm -rf -- "$file" || exit 1; fi
done
for file; do
  rm -rf -- "$file" || exit 1
done
rmdir -- "$dir" 2>&-
rmdir -- "$run" 2>&-
exit 0`;

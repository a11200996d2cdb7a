/**
 * A shell function for scripts that handle a copied system from outside: `inside PATH` sets `place` to the path without
 * any symbolic link, as the copy itself would resolve it. An absolute link begins again at the copy's root, `..` stops
 * there: no link of the copy leads a script out to the host's own files. Needs `root`; PATH has no leading slash.
 */
export const INSIDE_SH = `inside() {
  rest=$1 place= hops=0
  while [ -n "$rest" ]; do
    part=\${rest%%/*}
    case $rest in */*) rest=\${rest#*/} ;; *) rest= ;; esac
    case $part in
      ''|.) ;;
      ..) place=\${place%/*} ;;
      *)
        if [ -L "$root$place/$part" ]; then
          hops=$((hops + 1))
          [ "$hops" -le 40 ] || return 1
          link=$(readlink "$root$place/$part") || return 1
          case $link in /*) place= ;; esac
          rest=$link/$rest
        else
          place=$place/$part
        fi ;;
    esac
  done
}
`;

import { quote } from '../../../../remote/quote.ts';
import { LOCAL_PLACES } from '../../places.ts';

/**
 * `real PATH` prints what a path is when every link on its way is followed, and nothing where the way leads over a
 * mount of another server: each step is compared with the kernel's table before it is looked at.
 */
export const REAL = `${LOCAL_PLACES}
far() {
  for mount in $foreign; do
    [ "$mount" != / ] || return 0
    case $1/ in "$mount"/*) return 0 ;; esac
  done
  return 1
}
real() (
  IFS='
'
  set -f
  rest=$1 at= links=0
  while [ -n "$rest" ]; do
    name=\${rest%%/*}
    case $rest in */*) rest=\${rest#*/} ;; *) rest= ;; esac
    case $name in ''|.) continue ;; ..) at=\${at%/*}; continue ;; esac
    far "$at/$name" && exit 1
    if [ -h "$at/$name" ]; then
      links=$((links + 1))
      [ "$links" -le 12 ] || exit 1
      to=$(readlink "$at/$name") || exit 1
      rest=$to/$rest
      case $to in /*) at= ;; esac
    else
      at=$at/$name
    fi
  done
  printf '%s\\n' "\${at:-/}"
)
`;

/** Groups that follow begin with `eval "$real_places"`: the functions travel once. */
export const REAL_PLACES = `real_places=${quote(REAL)}
export real_places
`;

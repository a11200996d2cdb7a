import { quote } from '../../../../remote/quote.ts';
import { LOCAL_PLACES } from '../../places.ts';

/**
 * `real PATH` prints what a path is when every link on its way is followed, and nothing where the way leads over a
 * mount of another server: each step is compared with the kernel's table before it is looked at. `resolve PATH` puts the
 * same into `resolved`, and starts no process but for a link.
 */
export const REAL = `${LOCAL_PLACES}
resolve() {
  to_follow=$1 reached= links_followed=0
  while [ -n "$to_follow" ]; do
    step=\${to_follow%%/*}
    case $to_follow in */*) to_follow=\${to_follow#*/} ;; *) to_follow= ;; esac
    case $step in ''|.) continue ;; ..) reached=\${reached%/*}; continue ;; esac
    far "$reached/$step" && return 1
    if [ -h "$reached/$step" ]; then
      links_followed=$((links_followed + 1))
      [ "$links_followed" -le 12 ] || return 1
      link=$(readlink "$reached/$step") || return 1
      to_follow=$link/$to_follow
      case $link in /*) reached= ;; esac
    else
      reached=$reached/$step
    fi
  done
  resolved=\${reached:-/}
}
real() ( resolve "$1" && printf '%s\\n' "$resolved" )
`;

/** Groups that follow begin with `eval "$real_places"`: the functions travel once. */
export const REAL_PLACES = `real_places=${quote(REAL)}
export real_places
`;

import type { Group } from './group.ts';

/** What runs, what would start at boot, and what acts by the clock. */

/**
 * Units that start at boot are the links that \`systemctl enable\` made, which cost less than asking. Each command of a
 * cron table comes as \`FILE<tab>LINE\` without what may be a secret in it; settings of a table (its environment) may be secrets and
 * stay. Scripts of cron.daily and its sisters come as their paths.
 */
const PARTS = `
root=$1
tables() {
  find "$root/etc/crontab" "$root/etc/cron.d" "$root/var/spool/cron" -type f ! -path '*/atjobs/*' ! -path '*/atspool/*' \\
    ! -path '*/at/*' ! -name '*.dpkg-*' ! -name '*.rpm*' ! -name '.*' -exec awk "$withhold"'
    FNR == 1 { file = FILENAME; match(file, /\\/(etc\\/cron|var\\/spool\\/cron)/); file = substr(file, RSTART) }
    /^[ \\t]*(#|$)/ || /^[ \\t]*["\\047]?[A-Za-z_][A-Za-z0-9_]*["\\047]?[ \\t]*=/ { next }
    { print file "\\t" withheldcron($0) }' {} + 2>/dev/null
  find "$root/etc/cron.hourly" "$root/etc/cron.daily" "$root/etc/cron.weekly" "$root/etc/cron.monthly" \\
    \\( -type f -o -type l \\) 2>/dev/null
  true
}
units() {
  [ "$asked" -eq 0 ] || return "$asked"
  printf '%s\\n' "$listed" | while read -r unit load active sub about; do
    # Old ones put a mark before what failed.
    case $unit in *.*) ;; *) unit=$load active=$sub sub=\${about%% *} ;; esac
    case $1:$unit:$active:$sub in running:*.service:*:running|failed:*:failed:*) printf '%s\\n' "$unit" ;; esac
  done
}
listed=$(systemctl list-units --state=running,failed --plain --no-legend)
asked=$?
part services units running
part units-failed units failed
part timers systemctl list-timers --all --no-legend
part units-enabled find "$root/etc/systemd/system" -mindepth 2 -maxdepth 2 \\
  \\( -path '*.wants/*' -o -path '*.requires/*' \\)
part cron tables
`;

/** In a group of its own: where the table is huge, it alone is cut off. */
export const SOCKETS: Group = { name: 'sockets', parts: 'part ss ss -H -tulnp\n' };

export const SERVICES: Group = { name: 'services', parts: PARTS };

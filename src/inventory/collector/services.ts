import { quote } from '../../remote/quote.ts';
import { group } from './group.ts';
import { WITHHOLD_AWK } from './withhold.ts';

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
part services systemctl list-units --type=service --state=running --plain --no-legend
part units-failed systemctl list-units --state=failed --plain --no-legend
part timers systemctl list-timers --all --no-legend
part units-enabled find "$root/etc/systemd/system" -mindepth 2 -maxdepth 2 \\
  \\( -path '*.wants/*' -o -path '*.requires/*' \\)
part cron tables
`;

/** `$withhold` begins an awk program of a group that comes later, too. */
export const SERVICES_PART = `withhold=${quote(WITHHOLD_AWK)}
export withhold
probe ss ss -H -tulnp
usual_guard=$guard
guard=$patient
${group('services', PARTS, '"$root"')}guard=$usual_guard
`;

import type { Group } from '../../group.ts';
import { awkText } from '../../withhold.ts';
import { MAILS } from '../../withhold-rules.ts';

/**
 * What acts by the clock beyond the tables and the list of timers, which the collector has asked before. Of tables only
 * who is sent mail: \`FILE<tab>N<tab>ADDRESS\` where a setting says so from the Nth command on (no address: nobody), and
 * \`FILE<tab>N<tab>+\` where the Nth command, or a script that it names, sends mail by itself. Of jobs put off with at
 * the first line of what they run; above it stands the environment of whoever put them off.
 */
const PARTS = `
root=$1
eval "$real_places"
mails='BEGIN { mails = ${awkText(MAILS).replaceAll('`', '\\140')} }'
scripts() {
  set --
  named=
  while IFS='	' read -r mark path; do
    resolve "$root$path" && [ -f "$resolved" ] && [ -r "$resolved" ] || continue
    set -- "$@" "$resolved"
    named="$named$mark	$resolved$newline"
  done
  [ "$#" -gt 0 ] || return 0
  mailing=$newline$(find "$@" -maxdepth 0 -size -256 -exec awk "$mails"'
    /^[ \\t]*#/ || FILENAME in told { next }
    tolower($0) ~ mails { told[FILENAME]; print FILENAME }' {} + 2>/dev/null)$newline
  printf '%s' "$named" | while IFS='	' read -r mark place; do
    case $mailing in *"$newline$place$newline"*) printf '%s\\t%s\\t+\\n' "\${mark%|*}" "\${mark##*|}" ;; esac
  done
}
tables() {
  find "$root/etc/crontab" "$root/etc/cron.d" "$root/var/spool/cron" "$root/etc/anacrontab" -type f ! -path '*/atjobs/*' ! -path '*/atspool/*' \\
    ! -path '*/at/*' ! -name '*.dpkg-*' ! -name '*.rpm*' ! -name '.*' -exec awk "$mails"'
    FNR == 1 { file = FILENAME; match(file, /\\/(etc\\/(cron|anacron)|var\\/spool\\/cron)/); file = substr(file, RSTART); count = 0 }
    /^[ \\t]*["\\047]?MAILTO["\\047]?[ \\t]*=/ {
      sub(/^[^=]*=[ \\t]*/, ""); gsub(/[^A-Za-z0-9@._,+-]/, "")
      print file "\\t" count "\\t" substr($0, 1, 200)
      next
    }
    /^[ \\t]*(#|$)/ || /^[ \\t]*["\\047]?[A-Za-z_][A-Za-z0-9_]*["\\047]?[ \\t]*=/ { next }
    tolower($0) ~ mails { print file "\\t" count "\\t+" }
    {
      line = $0
      for (words = 0; words < 3 && match(line, /\\/(opt|usr\\/local|root|srv|home|etc|var)\\/[A-Za-z0-9_.\\/-]*[A-Za-z0-9_]/); words++) {
        print "?" file "|" count "\\t" substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
      }
      count++
    }' {} + 2>/dev/null
  for place in "$root"/etc/cron.hourly/* "$root"/etc/cron.daily/* "$root"/etc/cron.weekly/* "$root"/etc/cron.monthly/*; do
    printf '?%s|0\\t%s\\n' "\${place#"$root"}" "\${place#"$root"}"
  done
}
cron_mail() {
  asked=$(tables | head -n 2000)
  more=
  IFS=$newline
  set -f
  for line in $asked; do
    case $line in '?'*) more=$more\${line#?}$newline ;; *) printf '%s\\n' "$line" ;; esac
  done
  set +f
  unset IFS
  printf '%s' "$more" | head -n 80 | scripts
}
anacron() {
  [ -r "$root/etc/anacrontab" ] || return 0
  awk "$withhold"'
    /^[ \\t]*(#|$)/ || /^[ \\t]*[A-Za-z_][A-Za-z0-9_]*[ \\t]*=/ { next }
    { print withheld($0) }' "$root/etc/anacrontab"
}
units() {
  [ -z "$root" ] && [ -d /run/systemd/system ] || return 0
  timers=$(systemctl show -p Id -p Unit -p TimersCalendar -p TimersMonotonic '*.timer') || return
  printf '%s\\n@ services\\n' "$timers"
  set -f
  set -- $(printf '%s\\n' "$timers" | sed -n 's/^Unit=//p' | head -n 200)
  [ "$#" -eq 0 ] || systemctl show -p Id -p User -p ExecStart "$@" | awk "$withhold"'
    /^ExecStart=/ {
      if (!match($0, /argv\\[\\]=/)) next
      $0 = substr($0, RSTART + RLENGTH)
      if (match($0, / ; ignore_errors=/)) $0 = substr($0, 1, RSTART - 1)
      print "ExecStart=" program($0)
      next
    }
    { print }'
}
at_jobs() {
  for spool in "$root"/var/spool/cron/atjobs "$root"/var/spool/at "$root"/var/spool/atjobs; do
    [ -d "$spool" ] || continue
    [ -r "$spool" ] && [ -x "$spool" ] || { echo '! needs root'; continue; }
    find "$spool" -maxdepth 1 -type f -name '[a-zA-Z=]?????????????' -exec awk "$withhold"'
      FNR == 1 { told = 0; body = 0; user = "" }
      /^# atrun uid=[0-9]+/ { user = $3; sub(/^uid=/, "", user) }
      /^# mail / { mail = $4 }
      /^}[ \\t]*$/ && !body { body = 1; next }
      !body || told || /^[ \\t]*(#|$)/ || /<<[ \\t]*["\\047]?marcin/ { next }
      { told = 1; print substr(FILENAME, length(root) + 1) "\\t" user "\\t" mail "\\t" withheld($0) }
    ' root="$root" {} +
  done
  true
}
part cron-mail cron_mail
part anacron anacron
part timer-units units
part at-jobs at_jobs
`;

export const SCHEDULES: Group = { name: 'schedules', parts: PARTS };

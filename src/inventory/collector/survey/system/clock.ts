import type { Group } from '../../group.ts';

/**
 * Time zone, and what keeps the clock right. The services themselves are asked, and of systemd only its own client of
 * time: \`timedatectl show\` would start a service that does not run. Names are never looked up.
 */
const PARTS = `
names() { { ps -e -o comm= 2>/dev/null || ps -o comm; } | sort -u | head -n 1000; }
running=$(names)
part programs printf '%s\\n' "$running"
programs=
set -f
for name in $running; do programs="$programs $name "; done
set +f
part zone-link readlink /etc/localtime
part zone-file head -c 200 /etc/timezone
part timesync-mark find /run/systemd/timesync/synchronized -maxdepth 0
case $programs in *' chronyd '*) part chrony chronyc -n tracking ;; esac
case $programs in *' ntpd '*) part ntpq ntpq -pn ;; esac
case $programs in *' ntpd '*|*' openntpd '*) part openntpd ntpctl -s status ;; esac
case $programs in *' systemd-timesyn'*) part timesync timedatectl timesync-status --no-pager ;; esac
part clock-configured find /etc/chrony.conf /etc/chrony/chrony.conf /etc/ntp.conf /etc/ntpsec/ntp.conf \\
  /etc/openntpd/ntpd.conf /etc/ntpd.conf /etc/systemd/timesyncd.conf -maxdepth 0
`;

export const CLOCK: Group = { name: 'survey-clock', parts: PARTS };

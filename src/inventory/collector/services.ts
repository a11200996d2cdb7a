import { quote } from '../../remote/quote.ts';

/** What runs, what would start at boot, what acts by the clock, and by which keys the machine is known. */

/** Public keys without their comments, which name people and hosts. */
const HOST_KEYS = `
find "$1/etc/ssh" -maxdepth 1 -name 'ssh_host_*_key.pub' -exec awk 'NF > 1 { print $1, $2 }' {} \\;
`;

/** Each command of each table as \`FILE<tab>LINE\`; settings of a table (its environment) may be secrets and stay. */
const CRON = `
root=$1
{
  printf '%s\\n' /etc/crontab
  find "$root/etc/cron.d" "$root/var/spool/cron" -type f 2>/dev/null |
    sed -n -e 's|^.*/etc/cron\\.d/|/etc/cron.d/|p' -e 's|^.*/var/spool/cron/|/var/spool/cron/|p' | sort | head -n 200
} | grep -v -e '/at[a-z]*/' -e '/\\.placeholder$' -e '\\.dpkg-' -e '\\.rpm[a-z]*$' | while IFS= read -r file; do
  file="$file" awk '
    /^[ \\t]*(#|$)/ || /^[ \\t]*["\\047]?[A-Za-z_][A-Za-z0-9_]*["\\047]?[ \\t]*=/ { next }
    { print ENVIRON["file"] "\\t" $0 }' "$root$file" 2>/dev/null
done
true
`;

const CRON_PARTS = `
find "$1/etc/cron.hourly" "$1/etc/cron.daily" "$1/etc/cron.weekly" "$1/etc/cron.monthly" \\( -type f -o -type l \\) 2>/dev/null |
  sed -n 's|^.*/etc/cron\\.|/etc/cron.|p' | sort | head -n 200
true
`;

export const SERVICES_PART = `
probe ss ss -H -tulnp
probe services systemctl list-units --type=service --state=running --plain --no-legend
probe units-failed systemctl list-units --state=failed --plain --no-legend
probe units-enabled systemctl list-unit-files --state=enabled --no-legend
probe timers systemctl list-timers --all --no-legend
probe host-keys sh -c ${quote(HOST_KEYS)} sh "$root"
probe cron sh -c ${quote(CRON)} sh "$root"
probe cron-parts sh -c ${quote(CRON_PARTS)} sh "$root"
probe selinux getenforce || probe selinux-config sed -n 's/^SELINUX=//p' "$root/etc/selinux/config"
probe cloud-init test -e "$root/usr/bin/cloud-init"
probe cloud-init-off test -e "$root/etc/cloud/cloud-init.disabled"
`;

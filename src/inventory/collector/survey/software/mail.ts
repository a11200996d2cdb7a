import type { Group } from '../../group.ts';

/**
 * Who delivers mail, to whom it hands it on, and how much waits. Queues are counted as files where root may look, which
 * disturbs nobody; otherwise postfix is asked. Configurations hold passwords: nothing but the name of the relay is told.
 * Lines: AGENT, RELAY or nothing, number of messages, or \`-\` where nobody could count.
 */
const PARTS = `
root=$1
eval "$real_places"
count() {
  for place do
    shift
    resolve "$place" && [ -d "$resolved" ] || continue
    [ -r "$resolved" ] && [ -x "$resolved" ] || { echo -; return; }
    set -- "$@" "$resolved"
  done
  [ "$#" -gt 0 ] || { echo 0; return; }
  echo $(($(find "$@" -xdev -type f -name "\${names:-*}" 2>/dev/null | head -n 100000 | wc -l)))
}
relay() {
  [ -r "$2" ] && awk -v key="$1" '
    { line = $0; sub(/^[ \\t]+/, "", line) }
    index(tolower(line), tolower(key)) == 1 {
      line = substr(line, length(key) + 1)
      if (line !~ /^[ \\t=]/) next
      sub(/^[ \\t=]+/, "", line); gsub(/["\\047]/, "", line); sub(/^[a-z]*:\\/\\//, "", line); sub(/^.*@/, "", line); gsub(/[][]/, "", line); sub(/[ \\t:;,\\/].*$/, "", line)
      if (line ~ /^[A-Za-z0-9._-]+$/) found = line
    }
    END { if (found != "") print found }' "$2"
}
tell() { printf '%s\\t%s\\t%s\\n' "$1" "$2" "$3"; }
mail() {
  spool=$root/var/spool
  if [ -e "$root/etc/postfix/main.cf" ]; then
    queued=$(count "$spool/postfix/deferred" "$spool/postfix/active" "$spool/postfix/incoming" "$spool/postfix/maildrop" "$spool/postfix/hold")
    if [ "$queued" = - ] && [ -z "$root" ]; then
      queued=$(postqueue -p 2>/dev/null | tail -n 1 |
        awk '/queue is empty/ { print 0; told = 1 } /^-- .* in [0-9]+ Request/ { print $(NF - 1); told = 1 } END { if (!told) print "-" }')
    fi
    tell postfix "$(relay relayhost "$root/etc/postfix/main.cf")" "$queued"
  fi
  for exim in exim4 exim; do
    [ -d "$root/etc/$exim" ] || [ -d "$spool/$exim/input" ] || continue
    tell exim "$(relay dc_smarthost "$root/etc/exim4/update-exim4.conf.conf")" "$(names='*-H'; count "$spool/$exim/input")"
    break
  done
  [ -d "$root/etc/mail" ] && [ -d "$spool/mqueue" ] &&
    tell sendmail "$(sed -n 's/^DS\\[\\{0,1\\}\\([A-Za-z0-9._-]*\\).*/\\1/p' "$root/etc/mail/sendmail.cf" 2>/dev/null | head -n 1)" "$(names='qf*'; count "$spool/mqueue" "$spool/mqueue-client")"
  [ -d "$root/var/qmail/queue" ] && tell qmail '' "$(count "$root/var/qmail/queue/mess")"
  [ -d "$spool/nullmailer/queue" ] &&
    tell nullmailer "$(awk '/^[A-Za-z0-9._-]+/ { print $1; exit }' "$root/etc/nullmailer/remotes" 2>/dev/null)" "$(count "$spool/nullmailer/queue")"
  [ -e "$root/etc/smtpd.conf" ] || [ -e "$root/etc/mail/smtpd.conf" ] &&
    tell opensmtpd '' "$(names=message; count "$spool/smtpd/queue")"
  [ -e "$root/etc/msmtprc" ] && tell msmtp "$(relay host "$root/etc/msmtprc")" 0
  [ -e "$root/etc/ssmtp/ssmtp.conf" ] && tell ssmtp "$(relay mailhub "$root/etc/ssmtp/ssmtp.conf")" 0
  [ -e "$root/etc/dma/dma.conf" ] && tell dma "$(relay SMARTHOST "$root/etc/dma/dma.conf")" "$(names='Q*'; count "$spool/dma")"
  true
}
part mail mail
`;

export const MAIL: Group = { name: 'mail', parts: PARTS };

import { isIP } from 'node:net';
import type { CheckPlan } from '../plan/schema.ts';
import type { Argv } from '../remote/host.ts';
import { formatArgv, quote } from '../remote/quote.ts';

/** What the copy is asked about itself, from inside, once it has come up. */
export interface ProofScript {
  /** A word that only this boot can say. */
  readonly nonce: string;
  /** The inventory's own collector, so that the copy is read as its source was. */
  readonly collector: Argv;
  /** Literal addresses that must not answer. */
  readonly egress: readonly string[];
  readonly checks: readonly CheckPlan[];
  /** How long units may take to settle, seconds. */
  readonly settleSeconds: number;
}

/** Names of the sections, shared by the script and its readers. */
export const SECTION = {
  nonce: 'proof-nonce',
  cmdline: 'proof-cmdline',
  running: 'proof-running',
  failed: 'proof-failed',
  jobs: 'proof-jobs',
  journal: (unit: string): string => `proof-journal:${unit}`,
  keys: 'proof-keys',
  keyscan: 'proof-keyscan',
  route: 'proof-route',
  egress: (how: string, address: string): string => `proof-egress:${how}:${address}`,
  check: (index: number): string => `proof-check:${index}`,
  end: 'proof-end',
} as const;

/** Ports that are tried at every address: one of them answers, if only with a refusal, wherever there is a way. */
const EGRESS_PORTS = [22, 80, 443];

/**
 * The script that runs inside the copy, as root, its standard output being the evidence line. POSIX sh; every answer is
 * one line of JSON in the collector's own form; what a guest lacks answers 127 in its section and proves nothing.
 *
 * The tries to get out run side by side, each with a few seconds; an answer of any kind, a refusal too, is a way out.
 * Addresses that are the copy's own are left out: they answer without any network. Name servers of the copy's own
 * configuration are tried as well.
 */
export function proofScript(script: ProofScript): string {
  return `#!/bin/sh
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
umask 077
{ stty raw -echo <&1; } >/dev/null 2>&1
${TOOLS}
carrier 20
settle ${script.settleSeconds}
say ${SECTION.nonce} sh -c 'echo "$1"; cat /etc/machine-id; cat /proc/sys/kernel/random/boot_id; uname -r' sh ${quote(script.nonce)}
say ${SECTION.cmdline} cat /proc/cmdline
say ${SECTION.running} systemctl is-system-running
say ${SECTION.failed} systemctl list-units --state=failed --plain --no-legend --no-pager
say ${SECTION.jobs} systemctl list-jobs --no-legend --no-pager
for unit in $(systemctl list-units --state=failed --plain --no-legend --no-pager 2>/dev/null | sed 's/^[^A-Za-z0-9_-]*//' | awk '{ print $1 }' | head -n 12); do
  case $unit in *[!A-Za-z0-9@_.:-]*) continue ;; esac
  say "proof-journal:$unit" journalctl -b -u "$unit" -n 12 -o cat --no-pager
done
say ${SECTION.keys} sh -c 'cat /etc/ssh/ssh_host_*_key.pub'
say ${SECTION.keyscan} ssh-keyscan -T 5 127.0.0.1
say ${SECTION.route} ip route

scratch=$(mktemp -d /run/landfall-proof.XXXXXX) || scratch=$(mktemp -d) || scratch=/tmp
own=" $(hostname -I 2>/dev/null) $(ip -o addr 2>/dev/null | awk '{ sub("/.*", "", $4); print $4 }' | tr '\\n' ' ') "
servers=$(awk '$1 == "nameserver" { print $2 }' /etc/resolv.conf 2>/dev/null | head -n 3)
set -f
tried=
for address in ${script.egress.filter(address => isIP(address) !== 0).join(' ')} $servers; do
  case $address in 127.*|::1|*[!0-9A-Fa-f.:]*) continue ;; esac
  case "$own $tried " in *" $address "*) continue ;; esac
  tried="$tried $address"
  reach ping "$address" pinged "$address" &
  for port in ${EGRESS_PORTS.join(' ')}; do
    reach "tcp-$port" "$address" connected "$address" "$port" &
  done
done
set +f
wait
for file in "$scratch"/*.json; do [ -f "$file" ] && cat "$file"; done

${script.checks.map(checkLine).join('\n')}
${formatArgv(script.collector)}
rm -rf "$scratch"
say ${SECTION.end} true
sync
`;
}

/** Functions that the lines of the script use. `say NAME command…` prints a section. */
export const TOOLS = `say() {
  name=$1
  shift
  printf '{"section":"%s","data":"' "$name"
  { rc=$( { { "$@" </dev/null 2>&1 3>&- 4>&-; echo "$?" >&3; } | head -c 65536 | base64 | tr -d '\\n' >&4; } 3>&1 ); } 4>&1
  printf '","rc":%s}\\n' "\${rc:-255}"
}
has() { command -v "$1" >/dev/null 2>&1; }
limit() {
  seconds=$1
  shift
  if has timeout; then timeout "$seconds" "$@"; else "$@"; fi
}
carrier() {
  left=$1
  while [ "$left" -gt 0 ]; do
    cards=
    for card in /sys/class/net/*; do
      case $card in */lo) continue ;; esac
      [ -e "$card/device" ] || continue
      cards=yes
      [ "$(cat "$card/carrier" 2>/dev/null)" = 1 ] && return 0
    done
    [ -n "$cards" ] || return 0
    sleep 1
    left=$((left - 1))
  done
}
settle() {
  has systemctl || return 0
  left=$1
  while [ "$left" -gt 0 ]; do
    [ -z "$(systemctl list-jobs --no-legend --no-pager 2>/dev/null | grep -v landfall)" ] && return 0
    sleep 1
    left=$((left - 1))
  done
}
pinged() {
  has ping || return 127
  ping -n -c 1 -W 2 "$1" || return 1
}
connected() {
  if has bash && has timeout; then timeout 4 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2"
  elif has python3; then python3 -c 'import socket,sys; socket.create_connection((sys.argv[1],int(sys.argv[2])),4)' "$1" "$2"
  elif has perl; then perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr=>$ARGV[0],PeerPort=>$ARGV[1],Timeout=>4) or die "$!\\n"' "$1" "$2"
  elif has nc && has timeout; then timeout 4 nc "$1" "$2" </dev/null
  else return 127
  fi
}
reach() {
  how=$1
  where=$2
  shift 2
  say "proof-egress:$how:$where" "$@" >"$scratch/$how-$(printf '%s' "$where" | tr : _).json"
}
again() {
  tries=$1
  shift
  while :; do
    out=$("$@" 2>&1)
    code=$?
    tries=$((tries - 1))
    if [ "$code" -eq 0 ] || [ "$code" -eq 127 ] || [ "$tries" -le 0 ]; then break; fi
    sleep 2
  done
  printf '%s\\n' "$out"
  return "$code"
}
listens() {
  connected 127.0.0.1 "$1" && return 0
  code=$?
  [ "$code" -eq 127 ] && return 127
  for address in $own; do
    case $address in *:*|127.*) continue ;; esac
    connected "$address" "$1" && return 0
  done
  return 1
}
fetch() {
  if has curl; then
    curl -s -S -k -m 20 -w '\\nlandfall-status=%{http_code}\\n' "$1" && return 0
    curl -s -S -k -m 20 --connect-to ::127.0.0.1: -w '\\nlandfall-status=%{http_code}\\n' "$1"
  elif has python3; then
    python3 -c '
import ssl, sys, urllib.error, urllib.request
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *all): return None
opener = urllib.request.build_opener(Stay, urllib.request.HTTPSHandler(context=ssl._create_unverified_context()), urllib.request.ProxyHandler({}))
try: answer = opener.open(sys.argv[1], timeout=20)
except urllib.error.HTTPError as error: answer = error
sys.stdout.write(answer.read(60000).decode("utf-8", "replace"))
print("\\nlandfall-status=%d" % answer.getcode())
' "$1"
  elif has wget; then
    wget -q -S -O - --no-check-certificate --max-redirect=0 -T 20 -t 1 "$1" 2>&1
    code=$?
    [ "$code" -eq 8 ] && return 0
    return "$code"
  elif has bash && has timeout; then
    case $1 in http://*) ;; *) return 127 ;; esac
    rest=\${1#http://}
    site=\${rest%%/*}
    path=\${rest#"$site"}
    [ -n "$path" ] || path=/
    port=\${site##*:}
    case $site in *:*) ;; *) port=80 ;; esac
    spoken "\${site%:*}" "$port" "$site" "$path" || spoken 127.0.0.1 "$port" "$site" "$path"
  else return 127
  fi
}
spoken() {
  timeout 20 bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 1
printf "GET %s HTTP/1.0\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" "$4" "$3" >&3
head -c 60000 <&3' bash "$@"
}`;

function checkLine(check: CheckPlan, index: number): string {
  const name = SECTION.check(index);
  if ('command' in check) return `say ${name} again 5 limit 30 ${check.command.map(quote).join(' ')}`;
  if ('tcp' in check) return `say ${name} again 10 listens ${check.tcp}`;
  return `say ${name} again 10 fetch ${quote(check.http)}`;
}

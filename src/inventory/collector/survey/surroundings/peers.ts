import { quote } from '../../../../remote/quote.ts';

/**
 * Who is at the other end of the machine's connections now. The table of sockets may have a hundred thousand rows: it is
 * put together on the host, one line for each other end and service: DIRECTION, PROTOCOL, ADDRESS, PORT, `waiting` where
 * nobody ever answered, PROCESS. A port on which the machine listens makes a connection one that came in; where nobody
 * listens any more, the port of a service is the lower one. The look's own SSH session is left out.
 */
const GROUPED = String.raw`
function row(proto, state, la, lp, pa, pp, proc) {
  sub(/%.*$/, "", la); sub(/%.*$/, "", pa)
  if (state == "LISTEN" || (proto == "udp" && (state == "UNCONN" || pp == "*" || pp == 0))) {
    listens[proto, lp] = 1
    if (proc != "") holds[proto, lp] = proc
    return
  }
  if (state == "SYN-RECV" || pp == "*" || pp + 0 == 0 || count >= 200000) return
  own[la] = 1
  count++
  P[count] = proto; S[count] = state; L[count] = lp; A[count] = pa; R[count] = pp; N[count] = proc
}
function told(    at, way, port, key, printed) {
  for (at = 1; at <= count; at++) {
    if ((A[at] in own) || A[at] ~ /^127\./ || A[at] ~ /^::ffff:127\./ || A[at] == "::1") continue
    if ((P[at], L[at]) in listens) { way = "in"; port = L[at] }
    else if (L[at] + 0 < 32768 && R[at] + 0 >= 32768) { way = "in"; port = L[at] }
    else { way = "out"; port = R[at] }
    if (way == "in" && A[at] == client && port == door) continue
    key = way "\t" P[at] "\t" A[at] "\t" port
    if (!(key in seen)) { seen[key] = 1; order[++keys] = key }
    if (S[at] != "SYN-SENT") answered[key] = 1
    if (N[at] == "" && way == "in") N[at] = holds[P[at], port]
    if (N[at] != "") name[key] = N[at]
  }
  for (at = 1; at <= keys && printed < 2000; at++) {
    key = order[at]
    printed++
    print key "\t" ((key in answered) ? "" : "waiting") "\t" name[key]
  }
}
`;

const FROM_SS = String.raw`
function address(text) { sub(/:[^:]*$/, "", text); gsub(/[][]/, "", text); return text }
function port(text) { sub(/^.*:/, "", text); return text }
$1 == "!" { failed = 1; next }
$1 != "tcp" && $1 != "udp" { next }
{
  proc = ""
  if (match($0, /\(\("[^"]*"/)) proc = substr($0, RSTART + 3, RLENGTH - 4)
  row($1, $2, address($5), port($5), address($6), port($6), proc)
}
END { if (failed) exit 3; told() }
`;

/** Addresses in the kernel's files are hexadecimal words in the order of the machine's bytes. */
const FROM_PROC = `
function hex(text,    at, value) {
  value = 0
  for (at = 1; at <= length(text); at++) value = value * 16 + index("0123456789ABCDEF", toupper(substr(text, at, 1))) - 1
  return value
}
function turned(word) { return substr(word, 7, 2) substr(word, 5, 2) substr(word, 3, 2) substr(word, 1, 2) }
function four(word) { word = turned(word); return hex(substr(word, 1, 2)) "." hex(substr(word, 3, 2)) "." hex(substr(word, 5, 2)) "." hex(substr(word, 7, 2)) }
function address(text,    whole, at) {
  if (length(text) == 8) return four(text)
  if (substr(text, 1, 24) == "0000000000000000FFFF0000") return four(substr(text, 25))
  for (at = 0; at < 4; at++) whole = whole turned(substr(text, at * 8 + 1, 8))
  text = substr(whole, 1, 4)
  for (at = 1; at < 8; at++) text = text ":" substr(whole, at * 4 + 1, 4)
  return tolower(text)
}
function owner(inode,    pid, line) {
  pid = holder[inode]
  if (pid == "") return ""
  if (!(pid in called)) {
    called[pid] = ""
    if ((getline line < (root "/proc/" pid "/comm")) > 0) called[pid] = line
    close(root "/proc/" pid "/comm")
  }
  return called[pid]
}
BEGIN {
  split("ESTAB SYN-SENT SYN-RECV FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT UNCONN CLOSE-WAIT LAST-ACK LISTEN CLOSING", states, " ")
}
$1 == "@" { proto = $2; next }
$1 == "+" { holder[$3] = $2; next }
$1 ~ /^[0-9]+:$/ {
  split($2, l, ":"); split($3, r, ":")
  row(proto, states[hex($4)], address(l[1]), hex(l[2]), address(r[1]), hex(r[2]), owner($10))
}
END { told() }
`;

/** `look` is one look, its first line the seconds since the boot. */
const FUNCTIONS = `
session=\${SSH_CONNECTION:-}
client=\${session%% *} door=\${session##* }
since() { { read -r up rest < "$root/proc/uptime"; } 2>/dev/null && printf '@ %s\\n' "$up"; }
look_ss() {
  command -v ss >/dev/null 2>&1 || return 127
  since
  { ss -H -tunap || echo '!'; } 2>/dev/null | awk -v client="$client" -v door="$door" '${GROUPED}${FROM_SS}'
}
table() { echo "@ $1"; cat "$root/proc/net/$1"; case $1 in *6) ;; *) echo "@ $1"; cat "$root/proc/net/\${1}6" ;; esac; }
look_proc() {
  [ -r "$root/proc/net/tcp" ] || return 1
  since
  {
    ls -ln "$root"/proc/[0-9]*/fd 2>/dev/null | awk '
      /^\\/.*\\/proc\\/[0-9]+\\/fd:$|^\\/proc\\/[0-9]+\\/fd:$/ { count = split($0, part, "/"); pid = part[count - 1]; next }
      match($0, /socket:\\[[0-9]+\\]$/) { print "+", pid, substr($0, RSTART + 8, RLENGTH - 9) }'
    table tcp
    table udp
  } 2>/dev/null | awk -v root="$root" -v client="$client" -v door="$door" '${GROUPED}${FROM_PROC}'
}
look() { part "peers:$1" look_ss || part "peers:$1" look_proc; }
`;

/** Groups that look begin with `eval "$peers"`: the functions travel once. */
export const PEERS = `peers=${quote(FUNCTIONS)}
export peers
`;

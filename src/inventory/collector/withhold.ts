import { quote } from '../../remote/quote.ts';
import {
  BEFORE_HOST,
  ENDS,
  IN_ADDRESS,
  LONGEST_COMMAND,
  RUN,
  UUID,
  UUID_LENGTH,
  WITHHELD,
  WITHHOLD_RULES,
} from './withhold-rules.ts';

/** A text in an awk program that stands between the shell's single quotes. */
export const awkText = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll("'", '\\047').replaceAll('\t', '\\t')}"`;

const rules = WITHHOLD_RULES.map(
  ({ head, ends, after, unless }) =>
    `  s = hide(s, ${[head, ENDS[ends], after ?? '', unless ?? ''].map(awkText).join(', ')})\n`,
).join('');

/**
 * awk functions: `withheld(LINE)` is a command line without what may be a secret, `withheldcron(LINE)` one of a cron
 * table, where a percent sign ends the command and begins what it reads, `program(LINE)` what systemd tells of a command, from which the quotes
 * are gone: it ends at its first secret. For an awk program inside a quoted word; no name of it begins with one of
 * awk's own.
 */
export const WITHHOLD_AWK = `
function quoteat(s, upto,   i, c, q) {
  q = ""
  for (i = 1; i < upto; i++) {
    c = substr(s, i, 1)
    if (c == "\\\\" && q != "\\047") i++
    else if (q == "") { if (c == "\\"" || c == "\\047") q = c }
    else if (c == q) q = ""
  }
  return q
}
function valueend(s, at, q, ends,   i, c) {
  for (i = at; i <= length(s); i++) {
    c = substr(s, i, 1)
    if (c == "\\\\" && q != "\\047") i++
    else if (q != "") { if (c == q) q = "" }
    else if (c == "\\"" || c == "\\047") q = c
    else if (index(ends, c)) { left = ""; return i }
  }
  left = q
  return length(s) + 1
}
function hide(s, head, ends, after, unless,   from, start, at, end, q) {
  from = 1
  while (from <= length(s) && match(tolower(substr(s, from)), head)) {
    start = from + RSTART - 1
    at = start + RLENGTH
    q = quoteat(s, at)
    end = valueend(s, at, q, q == "" ? ends : " \\t")
    while (end > at && substr(s, end - 1, 1) == " ") end--
    if (end == at || (after != "" && tolower(substr(s, 1, start - 1)) ~ after) ||
        (unless != "" && tolower(substr(s, at, end - at)) ~ unless)) { from = at; continue }
    s = substr(s, 1, at - 1) "${WITHHELD}" (left == "" ? q : "") substr(s, end)
    from = at + ${WITHHELD.length}
  }
  return s
}
function hiderun(s, class, fewest, exact,   out, run) {
  out = ""
  while (match(s, class)) {
    run = substr(s, RSTART, RLENGTH)
    if (exact ? RLENGTH == fewest : RLENGTH >= fewest && run ~ /[0-9]/ && run ~ /[A-Za-z]/) run = "${WITHHELD}"
    out = out substr(s, 1, RSTART - 1) run
    s = substr(s, RSTART + RLENGTH)
  }
  return out s
}
function withheld(s) {
  s = substr(s, 1, ${LONGEST_COMMAND})
  gsub(${awkText(IN_ADDRESS[0])}, "${IN_ADDRESS[1]}", s)
${rules}  gsub(${awkText(BEFORE_HOST[0])}, "${BEFORE_HOST[1]}", s)
  s = hiderun(s, "[A-Za-z0-9]+", ${RUN}, 0)
  return hiderun(s, ${awkText(UUID)}, ${UUID_LENGTH}, 1)
}
function withheldcron(s,   at) {
  at = match(s, /^%/) ? 1 : match(s, /[^\\\\]%/) ? RSTART + 1 : 0
  return withheld(at ? substr(s, 1, at) : s) (at && at < length(s) ? "${WITHHELD}" : "")
}
function program(s,   at) {
  s = withheld(s)
  at = index(s, "${WITHHELD}")
  return at ? substr(s, 1, at + ${WITHHELD.length - 1}) : s
}
`;

/** They begin an awk program of a group as `$withhold`, and travel once. */
export const WITHHOLD_FUNCTIONS = `withhold=${quote(WITHHOLD_AWK)}
export withhold
`;

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
} from '../collector/withhold-rules.ts';

const RULES = WITHHOLD_RULES.map(({ head, ends, after, unless }) => ({
  head: new RegExp(head),
  ends: ENDS[ends],
  after: after === undefined ? undefined : new RegExp(after),
  unless: unless === undefined ? undefined : new RegExp(unless),
}));

const address = new RegExp(IN_ADDRESS[0], 'g');
const beforeHost = new RegExp(BEFORE_HOST[0], 'g');
const uuid = new RegExp(UUID, 'g');

/** A command line without what may be a secret; a second time changes nothing. What the script does on the host. */
export function withheld(line: string): string {
  let text = line.slice(0, LONGEST_COMMAND).replace(address, IN_ADDRESS[1]);
  for (const rule of RULES) text = hide(text, rule);
  return text
    .replace(beforeHost, BEFORE_HOST[1])
    .replace(/[A-Za-z0-9]+/g, run =>
      run.length >= RUN && /[0-9]/.test(run) && /[A-Za-z]/.test(run) ? WITHHELD : run,
    )
    .replace(uuid, run => (run.length === UUID_LENGTH ? WITHHELD : run));
}

function hide(line: string, rule: (typeof RULES)[number]): string {
  let text = line;
  let from = 0;
  while (from < text.length) {
    const found = rule.head.exec(lower(text.slice(from)));
    if (found === null) break;
    const start = from + found.index;
    const at = start + found[0].length;
    const quote = quoteAt(text, at);
    const { end: beyond, left } = valueEnd(text, at, quote, quote === '' ? rule.ends : ENDS.word);
    let end = beyond;
    while (end > at && text[end - 1] === ' ') end--;
    const isNone =
      end === at ||
      rule.after?.test(lower(text.slice(0, start))) === true ||
      rule.unless?.test(lower(text.slice(at, end))) === true;
    if (isNone) from = at;
    else {
      text = `${text.slice(0, at)}${WITHHELD}${left === '' ? quote : ''}${text.slice(end)}`;
      from = at + WITHHELD.length;
    }
  }
  return text;
}

/** Only ASCII, as awk does it in the C locale: the length stays the same. */
const lower = (text: string): string => text.replace(/[A-Z]/g, letter => letter.toLowerCase());

/** The quote that is open before this place. */
function quoteAt(text: string, upTo: number): string {
  let open = '';
  for (let at = 0; at < upTo; at++) {
    const char = text.charAt(at);
    if (char === '\\' && open !== "'") at++;
    else if (open === '') open = char === '"' || char === "'" ? char : '';
    else if (char === open) open = '';
  }
  return open;
}

/** Where the value ends that begins here, and the quote that nobody closes. */
function valueEnd(text: string, start: number, quote: string, ends: string): { end: number; left: string } {
  let open = quote;
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\' && open !== "'") at++;
    else if (open !== '') open = char === open ? '' : open;
    else if (char === '"' || char === "'") open = char;
    else if (ends.includes(char)) return { end: at, left: '' };
  }
  return { end: text.length, left: open };
}

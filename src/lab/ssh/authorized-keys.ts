import { BlockList, isIPv4 } from 'node:net';

/**
 * The authorized_keys format of OpenSSH, as far as landfall and an engineer use it. What is not understood makes the
 * whole line unusable: an option that is ignored would grant more than was meant.
 */

export interface AuthorizedKey {
  readonly type: string;
  /** The public key blob, base64. */
  readonly blob: string;
  readonly comment: string;
  /** Patterns of `from=`; undefined where any address may come. */
  readonly from: readonly string[] | undefined;
  /** Milliseconds since the epoch. */
  readonly expires: number | undefined;
  readonly command: string | undefined;
  readonly forwarding: boolean;
}

const NAMED_WITHOUT_EFFECT = [
  ...['no-pty', 'no-agent-forwarding', 'no-x11-forwarding', 'no-user-rc'],
  ...['pty', 'agent-forwarding', 'x11-forwarding', 'user-rc'],
];
const KEY_TYPE = /^(?:ssh-|ecdsa-|sk-)[A-Za-z0-9@.-]+$/;

interface Options {
  from: readonly string[] | undefined;
  expires: number | undefined;
  command: string | undefined;
  forwarding: boolean;
}

/** Splits `a,b="c,\"d\"" rest` into the options and the rest of the line. */
function splitOptions(line: string): { options: string[]; rest: string } | undefined {
  const options: string[] = [];
  let option = '';
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? '';
    if (quoted && char === '\\' && line[at + 1] === '"') {
      option += '"';
      at += 1;
    } else if (char === '"') {
      quoted = !quoted;
    } else if (!quoted && char === ',') {
      options.push(option);
      option = '';
    } else if (!quoted && (char === ' ' || char === '\t')) {
      options.push(option);
      return { options, rest: line.slice(at).trim() };
    } else {
      option += char;
    }
  }
  return undefined;
}

/** YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with Z for UTC, else in the zone of the host. */
export function parseExpiry(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z?)$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(part => Number(part ?? 0));
  return match[7] === 'Z'
    ? Date.UTC(year, month - 1, day, hour, minute, second)
    : new Date(year, month - 1, day, hour, minute, second).getTime();
}

function applyOption(options: Options, text: string): boolean {
  const [rawName = '', ...value] = text.split('=');
  const name = rawName.toLowerCase();
  const argument = value.join('=');
  if (name === 'from') options.from = argument.split(',').map(pattern => pattern.trim());
  else if (name === 'command') options.command = argument;
  else if (name === 'expiry-time') {
    options.expires = parseExpiry(argument);
    return options.expires !== undefined;
  } else if (name === 'restrict' || name === 'no-port-forwarding') options.forwarding = false;
  else if (name === 'port-forwarding') options.forwarding = true;
  else return NAMED_WITHOUT_EFFECT.includes(name);
  return true;
}

function parseLine(line: string): AuthorizedKey | undefined {
  const options: Options = { from: undefined, expires: undefined, command: undefined, forwarding: true };
  let rest = line;
  if (!KEY_TYPE.test(line.split(/[ \t]/, 1)[0] ?? '')) {
    const split = splitOptions(line);
    if (split === undefined || !split.options.every(option => applyOption(options, option))) return undefined;
    rest = split.rest;
  }
  const [type = '', blob = '', ...comment] = rest.split(/[ \t]+/);
  if (!KEY_TYPE.test(type) || !/^[A-Za-z0-9+/]+=*$/.test(blob)) return undefined;
  return { type, blob, comment: comment.join(' '), ...options };
}

export function parseAuthorizedKeys(text: string): AuthorizedKey[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .flatMap(line => parseLine(line) ?? []);
}

function addressMatches(address: string, pattern: string): boolean {
  const [network = '', bits] = pattern.split('/');
  if (bits !== undefined) {
    const block = new BlockList();
    const family = isIPv4(network) ? 'ipv4' : 'ipv6';
    block.addSubnet(network, Number(bits), family);
    return block.check(address, family);
  }
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${expression}$`).test(address);
}

/** A negated pattern that matches refuses, whatever else matches. */
function fromAllows(patterns: readonly string[], address: string): boolean {
  const negated = patterns.filter(pattern => pattern.startsWith('!')).map(pattern => pattern.slice(1));
  if (negated.some(pattern => addressMatches(address, pattern))) return false;
  return patterns.some(pattern => !pattern.startsWith('!') && addressMatches(address, pattern));
}

/** The line that lets this key in from this address at this time; undefined where none does. */
export function findKey(
  text: string,
  key: { readonly type: string; readonly blob: string },
  address: string,
  now: number,
): AuthorizedKey | undefined {
  return parseAuthorizedKeys(text).find(
    entry =>
      entry.blob === key.blob &&
      entry.type === key.type &&
      (entry.expires === undefined || now < entry.expires) &&
      (entry.from === undefined || fromAllows(entry.from, address)),
  );
}

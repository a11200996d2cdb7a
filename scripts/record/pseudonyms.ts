import { createHash } from 'node:crypto';

/**
 * Identifiers of a real host become others of the same form, the same one everywhere, so that a recording still fits
 * together and says nothing of whose host it was. Types of partitions are no identifiers, and stay.
 */
export class Pseudonyms {
  readonly #names: readonly (readonly [from: string, to: string])[];

  /** `names` are words to replace, longest first: host names, people, customers. */
  constructor(names: readonly (readonly [from: string, to: string])[] = []) {
    this.#names = names.toSorted(([one], [other]) => other.length - one.length);
  }

  of(text: string): string {
    let out = withoutSecrets(text);
    for (const [from, to] of this.#names) out = out.replaceAll(from, to);
    return out
      .replace(UUID, (found, type: string | undefined) => (type === undefined ? uuidFor(found) : found))
      .replace(LVM_ID, found => lvmIdFor(found))
      .replace(MACHINE_ID, found => hash(found).slice(0, 32))
      .replace(MAC, (_found, vendor: string, own: string) => vendor + macFor(own))
      .replace(PUBLIC_KEY, (_found, kind: string, key: string) => `${kind} ${keyFor(key)}`);
  }
}

const UUID = /(\btype=)?\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b/g;
const LVM_ID = /\b[A-Za-z0-9]{6}(?:-[A-Za-z0-9]{4}){5}-[A-Za-z0-9]{6}\b/g;
const MACHINE_ID = /(?<![0-9a-zA-Z])[0-9a-f]{32}(?![0-9a-zA-Z])/g;
/** The first half names the maker of the card, which a reader may have to know. */
const MAC = /\b((?!00:00:00|ff:ff:ff)(?:[0-9a-f]{2}:){3})((?:[0-9a-f]{2}:){2}[0-9a-f]{2})\b(?!:)/g;
const PUBLIC_KEY = /\b((?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d+)) (AAAA[A-Za-z0-9+/=]+)/g;

const hash = (text: string): string => createHash('sha256').update(`landfall ${text}`).digest('hex');

function uuidFor(found: string): string {
  const [one = '', two = '', three = '', four = '', five = ''] = found.split('-');
  const digits = hash(found.toLowerCase());
  const other = [digits.slice(0, 8), digits.slice(8, 12), three, digits.slice(12, 16), digits.slice(16, 28)];
  const is = [one, two, three, four, five].join('');
  const next = other.join('-');
  return is === is.toUpperCase() && /[A-F]/.test(is) ? next.toUpperCase() : next;
}

function lvmIdFor(found: string): string {
  const letters = Buffer.from(hash(found), 'hex')
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, 'x');
  let at = 0;
  return found.replace(/[A-Za-z0-9]/g, () => letters[at++] ?? 'x');
}

const macFor = (own: string): string => hash(own).slice(0, 6).match(/../g)?.join(':') ?? own;

/** A key begins with its kind and length; the rest is somebody's. */
function keyFor(key: string): string {
  const other = Buffer.from(hash(key).repeat(8), 'hex').toString('base64').replaceAll('=', '');
  return key.slice(0, 20) + other.repeat(4).slice(0, Math.max(0, key.length - 20));
}

/** What no collector should have brought; it is taken out all the same. */
function withoutSecrets(text: string): string {
  return text
    .replace(
      /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
      'a private key, withheld',
    )
    .replace(/\b((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key)\s*[=:]\s*)[^\s,;"']+/gi, '$1withheld')
    .replace(/(\/\/[^/\s:@]+:)[^/\s@]+@/g, '$1withheld@');
}

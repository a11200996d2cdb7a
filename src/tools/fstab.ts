import { harmless } from '../foundation/text.ts';
import type { CrypttabEntry, FstabEntry } from '../journal/facts.ts';
import { unescapeOctal } from './mounts.ts';

/** `/etc/fstab`: fields apart by blanks, a blank inside a field as `\040`; the dump and pass numbers are left out. */
export function parseFstab(text: string): FstabEntry[] {
  return text.split('\n').flatMap((line, at) => {
    if (/^\s*(?:#|$)/.test(line)) return [];
    const [spec, mountpoint, type, options] = line.trim().split(/\s+/).map(field);
    if (spec === undefined || mountpoint === undefined || type === undefined) return [];
    return [{ line: at + 1, spec: unquoted(spec), mountpoint, type, options: listed(options ?? 'defaults') }];
  });
}

/** `/etc/crypttab` without its third field, which names a key. */
export function parseCrypttab(text: string): CrypttabEntry[] {
  return text.split('\n').flatMap((line, at) => {
    if (/^\s*(?:#|$)/.test(line)) return [];
    const [name, device, , options] = line.trim().split(/\s+/).map(field);
    if (name === undefined || device === undefined) return [];
    return [{ line: at + 1, name, device, options: options === undefined ? [] : listed(options) }];
  });
}

const field = (raw: string): string => harmless(unescapeOctal(raw));

/** libmount takes `UUID="…"` as well. */
const unquoted = (spec: string): string => spec.replace(/^([A-Z]+=)(["'])(.*)\2$/, '$1$3');

const listed = (options: string): string[] =>
  options
    .split(',')
    .filter(option => option !== '')
    .map(withheld);

/** Options of network file systems may hold a password; it is no fact. */
const withheld = (option: string): string =>
  option.replace(/^([^=]*(?:pass|secret|cred|pwd)[^=]*)=.*$/i, '$1=withheld');

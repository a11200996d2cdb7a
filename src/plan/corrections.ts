import { NAME_PATTERN } from '../foundation/names.ts';
import { closest } from '../foundation/spelling.ts';
import { DURATION_PATTERN, parseSize, RATE_PATTERN, SIZE_PATTERN } from '../foundation/units.ts';
import { ADDRESS_PATTERN, addressFault, splitPort } from './address.ts';
import type { SchemaNode } from './json-schema.ts';
import { INSTANT_PATTERN, SECRET_PATTERN, TIME_OF_DAY_PATTERN } from './schema.ts';

/** What a schema node is about, told by its pattern: the schema is the one place that says what a rate looks like. */
export type ValueKind =
  | 'name'
  | 'size'
  | 'rate'
  | 'duration'
  | 'when'
  | 'time-of-day'
  | 'secret'
  | 'address'
  | 'other';

export function kindOf(node: SchemaNode | undefined): ValueKind {
  switch (node?.pattern) {
    case NAME_PATTERN.source:
      return 'name';
    case SIZE_PATTERN.source:
      return 'size';
    case RATE_PATTERN.source:
      return 'rate';
    case DURATION_PATTERN.source:
      return 'duration';
    case TIME_OF_DAY_PATTERN.source:
      return 'time-of-day';
    case SECRET_PATTERN.source:
      return 'secret';
    case ADDRESS_PATTERN.source:
      return 'address';
    default:
      return node?.pattern?.startsWith(INSTANT_PATTERN.source) ? 'when' : 'other';
  }
}

/** The corrected form of what was written, ready to be pasted; undefined where nothing can be guessed. */
export function correction(written: string, node: SchemaNode | undefined): string | undefined {
  if (node?.const !== undefined) return write(String(node.const));
  if (node?.enum !== undefined) return enumCorrection(written, node.enum.map(String));
  if (node?.type === 'boolean') return booleanCorrection(written);
  if (node?.type === 'integer' || node?.type === 'number') return numberCorrection(written);
  switch (kindOf(node)) {
    case 'rate':
      return rateCorrection(written);
    case 'size':
      return sizeCorrection(written);
    case 'duration':
      return durationCorrection(written);
    case 'when':
      return whenCorrection(written);
    case 'time-of-day':
      return timeCorrection(written);
    case 'name':
      return nameCorrection(written, node);
    case 'secret':
      return 'write env:NAME, file:PATH or agent, and keep the secret there';
    case 'address':
      return addressCorrection(written);
    default:
      return otherCorrection(written, node);
  }
}

const write = (text: string): string => `write ${text}`;

function enumCorrection(written: string, values: readonly string[]): string | undefined {
  const near = closest(written, values);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

function booleanCorrection(written: string): string {
  if (/^(?:y|yes|on|1)$/i.test(written)) return write('true');
  if (/^(?:n|no|off|0)$/i.test(written)) return write('false');
  return write('true or false');
}

const numberCorrection = (written: string): string | undefined =>
  /^\d+$/.test(written) ? `write ${written} without quotes` : undefined;

const SPOKEN_SCALE: Readonly<Record<string, string>> = { k: 'k', m: 'M', g: 'G', t: 'T' };

/** `800mbit`, `800 Mbps`, `1gb/s`: bits and bytes are never guessed from a lone "b". */
function rateCorrection(written: string): string | undefined {
  const match = /^([\d.,]+)\s*([kmgt]?)(i?)(bits?|bytes?|b)?\s*(?:\/\s*s(?:ec(?:ond)?)?|ps)?$/i.exec(
    written.trim(),
  );
  const [, count = '', scale = '', binary = '', what = ''] = match ?? [];
  const prefix = SPOKEN_SCALE[scale.toLowerCase()];
  const number = numberText(count);
  if (match === null || number === undefined) return undefined;
  if (prefix === undefined)
    return write(`${number} Mbit/s or ${number} MB/s: bits and bytes differ by eight`);
  if (prefix === 'T') return undefined;
  const bytes = binary === '' ? `${number} ${prefix}B/s` : `${number} ${prefix.toUpperCase()}iB/s`;
  const bits = `${number} ${prefix}bit/s`;
  if (/^bit/i.test(what)) return write(bits);
  if (/^byte/i.test(what) || what === 'B' || binary !== '') return write(bytes);
  return write(`${bits} (bits) or ${bytes} (bytes)`);
}

/** `64mb`, `64M`, `50 gigabytes`. */
function sizeCorrection(written: string): string | undefined {
  const match = /^([\d.,]+)\s*([kmgt]?)[a-z]*?(i?)(?:b|bytes?)?$/i.exec(written.trim());
  const [, count = '', scale = '', binary = ''] = match ?? [];
  const prefix = SPOKEN_SCALE[scale.toLowerCase()];
  const number = numberText(count);
  if (match === null || number === undefined) return undefined;
  if (prefix === undefined) return write(`${number} MiB, ${number} GB or the like`);
  const unit = binary === '' ? `${prefix}B` : `${prefix.toUpperCase()}iB`;
  const fixed = `${number} ${unit}`;
  return parseSize(fixed) === undefined ? undefined : write(fixed);
}

/** Digits of a number that was written with a decimal comma or with thousands; undefined where it is none. */
function numberText(written: string): string | undefined {
  const text = /^\d{1,3}(?:,\d{3})+$/.test(written) ? written.replaceAll(',', '') : written.replace(',', '.');
  return /^\d+(?:\.\d+)?$/.test(text) ? text : undefined;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `90 minutes`, `1.5h`, `2 hours 30 min`. */
function durationCorrection(written: string): string | undefined {
  const text = written.trim().toLowerCase();
  if (text === '') return write('1h30m or the like');
  if (/^\d+$/.test(text)) return write(`${text}s, ${text}m or ${text}h`);
  const part =
    /([\d.]+)\s*(s|m|h|d|w)(?:ec|in|r|ays?|ay|our|eek|econd|inute)?s?\b|([\d.]+)\s*([smhdw])(?=\d)/g;
  let total = 0;
  for (const match of text.matchAll(part)) {
    total += Number(match[1] ?? match[3]) * (SECONDS[match[2] ?? match[4] ?? ''] ?? Number.NaN);
  }
  const rest = text.replaceAll(part, '').replaceAll(/[\s,]|and/g, '');
  if (rest !== '' || total === 0 || !Number.isFinite(total)) return undefined;
  return write(compactDuration(Math.round(total)));
}

/** Seconds as a plan writes them: `3d4h`, `1h30m`. */
function compactDuration(seconds: number): string {
  let left = seconds;
  let out = '';
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = SECONDS[unit] ?? 1;
    const count = Math.floor(left / size);
    if (count > 0) out += `${count}${unit}`;
    left -= count * size;
  }
  return out;
}

function whenCorrection(written: string): string {
  const text = written.trim();
  const bare = /^(\d{4}-\d{2}-\d{2})(?:[T ]+(\d{2}:\d{2})(?::\d{2})?)?$/.exec(text);
  if (bare !== null) {
    return `add time and zone: ${bare[1]}T${bare[2] ?? '06:00'}-05:00 (that zone is US Eastern in winter; Z is UTC)`;
  }
  const spaced = /^(\d{4}-\d{2}-\d{2})\s+(\d{2}:\d{2}(?::\d{2})?)\s*(Z|[+-]\d{2}):?(\d{2})?$/.exec(text);
  if (spaced !== null) {
    const zone = spaced[3] === 'Z' ? 'Z' : `${spaced[3]}:${spaced[4] ?? '00'}`;
    return write(`${spaced[1]}T${spaced[2]}${zone}`);
  }
  const distance = durationCorrection(text.replace(/^(?:in|\+)\s*/i, ''));
  return distance === undefined
    ? 'write 2026-11-26T06:00:00-05:00, or "in 3d4h"'
    : distance.replace('write ', 'write in ');
}

function timeCorrection(written: string): string {
  const match = /^(\d{1,2})(?:[:.h]?(\d{2}))?(?::\d{2})?\s*(am|pm)?$/i.exec(written.trim());
  const [, hours = '', minutes = '00', half = ''] = match ?? [];
  const shift = half.toLowerCase() === 'pm' && Number(hours) < 12 ? 12 : 0;
  const hour = half.toLowerCase() === 'am' && Number(hours) === 12 ? 0 : (Number(hours) + shift) % 24;
  if (match === null || Number(hours) > 24 || Number(minutes) > 59)
    return write('a time from 00:00 to 23:59');
  return write(`${String(hour).padStart(2, '0')}:${minutes}`);
}

function nameCorrection(written: string, node: SchemaNode | undefined): string | undefined {
  const fixed = written
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return fixed === '' || !new RegExp(node?.pattern ?? '').test(fixed) ? undefined : write(fixed);
}

/** `root@db1`, `10.20.0.51:2222`, `ssh://[fd00::1]:22`. */
function addressCorrection(written: string): string | undefined {
  const parts = splitPort(written);
  if (parts === undefined || addressFault(parts.host) !== undefined) return undefined;
  if (parts.port !== undefined)
    return write(`address: ${parts.host} and, as a key of its own, port: ${parts.port}`);
  return parts.host === written ? undefined : write(parts.host);
}

/** Patterns that are met once: upper case, a slash in front, a network without its length. */
function otherCorrection(written: string, node: SchemaNode | undefined): string | undefined {
  if (node?.pattern === undefined) return undefined;
  const fits = new RegExp(node.pattern);
  const text = written.trim();
  const fixed = [text, text.toUpperCase(), `/${text}`, `${text}/24`].find(
    candidate => candidate !== '' && fits.test(candidate),
  );
  return fixed === undefined ? undefined : write(fixed);
}

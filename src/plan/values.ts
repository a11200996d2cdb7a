import { z } from 'zod';
import { NAME_PATTERN } from '../foundation/names.ts';
import {
  DURATION_PATTERN,
  parseDuration,
  parseRate,
  parseSize,
  RATE_PATTERN,
  SIZE_PATTERN,
} from '../foundation/units.ts';
import { ADDRESS_PATTERN, addressFault } from './address.ts';

/** The values of which a plan is made; each says in its own words what is wrong with what was written. */

/** Every name in a plan, and so every name that becomes a directory, a domain or a volume. */

export const name = z
  .string()
  .regex(
    NAME_PATTERN,
    'not a name: 1 to 63 characters of a-z, 0-9 and "-", neither starting nor ending with "-"',
  )
  .describe('A name: 1 to 63 of a-z, 0-9 and "-".');

/** A machine or a database, where either may stand. */
export const subject = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_$#-]{0,127}$/, 'not the name of a machine or a database')
  .describe('The name of a machine or a database.');

/** A value that other programs on a host will see as one word: libvirt objects, users, devices. */
export const word = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}$/,
    'only letters, digits and "_.+-" may stand here, at most 128, starting with a letter, digit or "_"',
  );

const unit = (what: string, example: string, pattern: RegExp, parse: (text: string) => number | undefined) =>
  z
    .string()
    .regex(pattern, `not a ${what}: write it like "${example}"`)
    .describe(`A ${what}, for example "${example}".`)
    .transform((text, context) => {
      const value = parse(text);
      if (value === undefined || !Number.isFinite(value)) {
        context.addIssue({ code: 'custom', message: `not a ${what}: write it like "${example}"` });
        return z.NEVER;
      }
      return value;
    });

export const size = unit('size', '64 MiB', SIZE_PATTERN, parseSize);
export const rate = unit('rate', '800 Mbit/s', RATE_PATTERN, parseRate);
export const duration = unit('duration', '1h30m', DURATION_PATTERN, parseDuration);

export const INSTANT_PATTERN = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/;
const RELATIVE_PATTERN = /^in \d.*$/;

/** When: an instant with its zone, or a distance from the start of the evacuation (`in 3d4h`), for rehearsals. */
export type When =
  | { readonly kind: 'at'; readonly epochMs: number }
  | { readonly kind: 'in'; readonly ms: number };

/** Date.parse takes 30 February for 2 March. */
function existsInCalendar(instant: string): boolean {
  const day = instant.slice(0, 10);
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}

export const when = z
  .string()
  .regex(
    new RegExp(`${INSTANT_PATTERN.source}|${RELATIVE_PATTERN.source}`),
    'not a moment: neither an instant with its zone nor a distance like "in 3d4h"',
  )
  .describe('An instant with its zone (2026-11-26T06:00:00-05:00) or a distance from the start ("in 3d4h").')
  .transform((text, context): When => {
    const relative = text.startsWith('in ') ? parseDuration(text.slice(3)) : undefined;
    if (relative !== undefined && Number.isFinite(relative)) return { kind: 'in', ms: relative };
    const epochMs = text.startsWith('in ') || !existsInCalendar(text) ? Number.NaN : Date.parse(text);
    if (Number.isNaN(epochMs)) {
      context.addIssue({
        code: 'custom',
        message: 'no calendar and no clock has this moment',
      });
      return z.NEVER;
    }
    return { kind: 'at', epochMs };
  });

export const address = z
  .string()
  .max(253)
  .regex(ADDRESS_PATTERN, { error: ({ input }) => addressFault(String(input)), abort: true })
  .describe('A host name, an ssh_config alias or an IP address; a port has a key of its own.')
  .superRefine((text, context) => {
    const message = addressFault(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

export const port = z.int().min(1).max(65_535);

export const SECRET_PATTERN = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^\0]+|agent)$/;

export const secret = z
  .string()
  .regex(SECRET_PATTERN, 'secrets are named, never written: use env:NAME, file:PATH or agent')
  .describe('Where the secret is found: env:NAME, file:PATH or agent. Never the secret itself.');

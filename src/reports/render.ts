import { formatBytes, formatDuration } from '../foundation/units.ts';
import type { Order } from '../journal/state.ts';
import type { Exposure } from '../readiness/exposure.ts';
import type { GroupExposure } from '../readiness/group-exposure.ts';
import type { MakesIt } from '../readiness/makes-it.ts';
import { nameOf } from './say.ts';
import type { WaiverReport } from './shape.ts';

/** Small pieces that every rendering shares. */

/** ISO 8601 in UTC; instants that no calendar holds are shown as the number they are. */
export function isoInstant(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? `instant ${epochMs}` : date.toISOString();
}

/** `2026-11-26 06:00 UTC`. */
export function instant(epochMs: number): string {
  const iso = isoInstant(epochMs);
  return iso.endsWith('Z') ? `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC` : iso;
}

/** A figure, or a dash where there is none: an absent figure is never zero. */
export function or(value: number | undefined, format: (value: number) => string, absent = '-'): string {
  return value === undefined ? absent : format(value);
}

export function exposureText(exposure: Exposure): string {
  if (exposure.ageMs === undefined) return 'nothing safe yet';
  const bytes = exposure.bytes === undefined ? '' : `  ${formatBytes(exposure.bytes)}`;
  return `${formatDuration(exposure.ageMs)}${bytes}`;
}

/** `db1, web1 together: 12m behind (db1 is the oldest), about 3 MB`. */
export function groupText(
  { members, ageMs, oldest, missing, bytes, bytesUnknown, money: cost }: GroupExposure,
  currency: string,
): string {
  const who = `${members.join(', ')} together`;
  if (ageMs === undefined)
    return `${who}: nothing usable yet, without ${missing.map(({ name, why }) => `${name} (${why})`).join(', ')}`;
  return [
    `${who}: ${formatDuration(ageMs)} behind${oldest === undefined ? '' : ` (${oldest} is the oldest)`}`,
    ...(bytes === undefined
      ? []
      : [
          `about ${formatBytes(bytes)}${bytesUnknown.length === 0 ? '' : `, without ${bytesUnknown.join(', ')}`}`,
        ]),
    ...(cost === undefined ? [] : [money(cost, currency)]),
  ].join(', ');
}

export function makesItText(makes: MakesIt): string {
  if (makes.verdict === 'at-risk') return 'at risk';
  if (makes.verdict === 'cannot-say') return 'cannot say';
  return makes.spareMs === undefined ? 'will make it' : `${formatDuration(makes.spareMs)} spare`;
}

/** Whole units of money with thousands apart: `1 250 USD`. */
export function money(amount: number, currency: string): string {
  const whole = String(Math.round(amount)).replace(/\B(?=(\d{3})+$)/g, ' ');
  return amount > 0 && amount < 0.5 ? `under 1 ${currency}` : `${whole} ${currency}`;
}

/** `paused by dana since 2026-11-26 06:00 UTC: quarter end`. */
export function orderText(what: string, { by, at, reason }: Order): string {
  return `${what} by ${nameOf(by)} since ${instant(at)}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Who accepted what, until when and why; and plainly where it does not count. */
export function waiverText({
  by,
  at,
  until,
  reason,
  standing,
  why,
}: Omit<WaiverReport, 'gate' | 'subject' | 'title'>): string {
  const who = nameOf(by);
  const because = why === undefined ? '' : ` (${why})`;
  switch (standing) {
    case 'in-force':
      return `waived by ${who} at ${instant(at)} until ${instant(until)}: ${reason}`;
    case 'not-needed':
      return `met; the waiver by ${who} until ${instant(until)} is not needed: ${reason}`;
    case 'expired':
      return `the waiver by ${who} expired at ${instant(until)}: ${reason}`;
    case 'overtaken':
    case 'refused':
      return `the waiver by ${who} of ${instant(at)} does not count${because}: ${reason}`;
    case 'no-such-gate':
      return `the waiver by ${who} of ${instant(at)} is about no gate of this plan: ${reason}`;
  }
}

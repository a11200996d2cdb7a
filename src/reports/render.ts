import { formatBytes, formatDuration } from '../foundation/units.ts';
import type { Exposure } from '../readiness/exposure.ts';
import type { MakesIt } from '../readiness/makes-it.ts';

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

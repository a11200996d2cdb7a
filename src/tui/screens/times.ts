/** Instants on the screens are UTC: sites and shifts sit in several zones. */

const DAY_MS = 86_400_000;

/** Which day it is, counted from 1970. */
export const dayNumber = (epochMs: number): number => Math.floor(epochMs / DAY_MS);

/** `12:04:31`. By arithmetic alone: a log asks for thousands of them, every second. */
export function timeOfDay(epochMs: number): string {
  const seconds = Math.floor((epochMs - dayNumber(epochMs) * DAY_MS) / 1000);
  const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** `2026-11-22`; empty for what no calendar holds. */
export function dayOf(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10);
}

/** `2026-11-22 12:04 UTC`. */
export const minuteOf = (epochMs: number): string =>
  `${dayOf(epochMs)} ${timeOfDay(epochMs).slice(0, 5)} UTC`;

/** Instants on the screens are UTC: sites and shifts sit in several zones. */

const iso = (epochMs: number): string => {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
};

/** `12:04:31`. */
export const timeOfDay = (epochMs: number): string => iso(epochMs).slice(11, 19);

/** `2026-11-22`. */
export const dayOf = (epochMs: number): string => iso(epochMs).slice(0, 10);

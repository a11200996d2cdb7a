/** Sizes in bytes, rates in bytes per second, durations in milliseconds: everywhere, converted only here. */

const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

const RATE_UNITS: Readonly<Record<string, number>> = {
  'kbit/s': 1e3 / 8,
  'Mbit/s': 1e6 / 8,
  'Gbit/s': 1e9 / 8,
  'kB/s': 1e3,
  'MB/s': 1e6,
  'GB/s': 1e9,
  'KiB/s': 1024,
  'MiB/s': 1024 ** 2,
  'GiB/s': 1024 ** 3,
};

const DURATION_UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };

export const SIZE_PATTERN = /^(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;
export const RATE_PATTERN =
  /^(\d+(?:\.\d+)?)\s*(kbit\/s|Mbit\/s|Gbit\/s|kB\/s|MB\/s|GB\/s|KiB\/s|MiB\/s|GiB\/s)$/;
export const DURATION_PATTERN = /^(?:\d+d)?\s*(?:\d+h)?\s*(?:\d+m)?\s*(?:\d+s)?$/;

function scaled(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  const match = pattern.exec(text.trim());
  const scale = units[match?.[2] ?? ''];
  return match === null || scale === undefined ? undefined : Math.round(Number(match[1]) * scale);
}

/** `64 MiB` to bytes; undefined where the text is no size. */
export const parseSize = (text: string): number | undefined => scaled(text, SIZE_PATTERN, SIZE_UNITS);

/** `800 Mbit/s` to bytes per second; undefined where the text is no rate. */
export const parseRate = (text: string): number | undefined => scaled(text, RATE_PATTERN, RATE_UNITS);

/** `3d4h`, `90m`, `15s` to milliseconds; undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || !DURATION_PATTERN.test(trimmed)) return undefined;
  let total = 0;
  for (const [, count, unit] of trimmed.matchAll(/(\d+)([dhms])/g)) {
    total += Number(count) * (DURATION_UNITS[unit ?? ''] ?? Number.NaN);
  }
  return total;
}

/** Three significant digits, decimal units as on the screens: `1.90 GB`, `212 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

export const formatRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

/** Link rates are spoken of in bits: `742 Mbit/s`. */
export function formatBitRate(bytesPerSecond: number): string {
  const bits = bytesPerSecond * 8;
  if (bits >= 999.5e6) return `${(bits / 1e9).toFixed(2)} Gbit/s`;
  if (bits >= 999.5e3) return `${(bits / 1e6).toFixed(0)} Mbit/s`;
  return `${(bits / 1e3).toFixed(0)} kbit/s`;
}

/** Two units at the most: `0.4s`, `12s`, `2m10s`, `3h04m`, `3d 04h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'never';
  const sign = ms < 0 ? '-' : '';
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 9.95) return `${sign}${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (whole < 60) return `${sign}${whole}s`;
  if (whole < 3600) return `${sign}${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 24 * 60) return `${sign}${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
  return `${sign}${Math.floor(minutes / 1440)}d ${two(Math.floor((minutes % 1440) / 60))}h`;
}

/** `1 disk`, `2 disks`; a plural that is not made with an s is given. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** `2 000 000`: a whole number in groups of three, so that nobody has to count digits. */
export const formatCount = (count: number): string =>
  Math.abs(count) < 10_000 ? String(count) : String(count).replace(/\B(?=(?:\d{3})+$)/g, ' ');

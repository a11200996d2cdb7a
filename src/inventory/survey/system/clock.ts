import { harmless } from '../../../foundation/text.ts';
import type { TimeFacts } from '../../../journal/facts-survey.ts';
import type { Answers } from '../learn.ts';

type Kept = Pick<TimeFacts, 'synchronized' | 'offsetMs'>;

/** Time zone, and what keeps the clock right, as the service that runs has it. */
export function readClock(answers: Answers): TimeFacts | undefined {
  const programs = new Set((answers.text('programs') ?? '').split('\n').map(name => name.trim()));
  const zone = parseZone(answers.text('zone-link') ?? '') ?? parseZoneFile(answers.text('zone-file') ?? '');
  if (zone === undefined) answers.gap('time zone', 'unreadable', answers.section('zone-link')?.text);
  if (answers.text('programs') === undefined) {
    answers.gap(
      'what keeps the clock right',
      answers.section('programs') === undefined ? 'cut-short' : 'no-tool',
    );
    return undefined;
  }
  return { ...(zone === undefined ? {} : { zone }), ...keeper(answers, programs) };
}

function keeper(answers: Answers, programs: ReadonlySet<string>): Omit<TimeFacts, 'zone'> {
  if (programs.has('chronyd'))
    return { service: 'chrony', ...answers.learn('offset of the clock', 'chrony', parseChrony) };
  if (programs.has('systemd-timesyn')) {
    const told = answers.learn('offset of the clock', 'timesync', parseTimesync);
    const marked = answers.text('timesync-mark') === undefined ? {} : { synchronized: true };
    return { service: 'timesyncd', ...marked, ...told };
  }
  const openntpd = answers.text('openntpd');
  if (openntpd !== undefined)
    return { service: 'openntpd', ...answers.learn('offset of the clock', 'openntpd', parseOpenntpd) };
  if (programs.has('ntpd'))
    return { service: 'ntpd', ...answers.learn('offset of the clock', 'ntpq', parseNtpq) };
  if (programs.has('openntpd')) return { service: 'openntpd' };
  if (programs.has('vmtoolsd') || programs.has('VBoxService')) return { service: 'vm-tools' };
  return { service: 'none' };
}

/** `/usr/share/zoneinfo/America/New_York` → `America/New_York`. */
export function parseZone(target: string): string | undefined {
  return zoneName(/\/zoneinfo\/(?:posix\/|right\/)?([^\n]+?)\s*$/.exec(target)?.[1]);
}

export function parseZoneFile(text: string): string | undefined {
  return zoneName(text.split('\n')[0]?.trim());
}

function zoneName(text: string | undefined): string | undefined {
  return text !== undefined && /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text) ? harmless(text) : undefined;
}

/** `chronyc -n tracking`. A machine that is slow of its servers has a negative offset. */
export function parseChrony(text: string): Kept | undefined {
  const [, seconds, side] =
    /^System time\s*:\s*(\d{1,9}\.\d+) seconds (slow|fast) of NTP time/m.exec(text) ?? [];
  const leap = /^Leap status\s*:\s*(.+?)\s*$/m.exec(text)?.[1];
  if (seconds === undefined && leap === undefined) return undefined;
  const synchronized = leap === undefined ? {} : { synchronized: leap !== 'Not synchronised' };
  if (seconds === undefined || synchronized.synchronized === false) return synchronized;
  return { ...synchronized, offsetMs: milliseconds(Number(seconds) * (side === 'slow' ? -1000 : 1000)) };
}

/** `ntpq -pn`: the server that is followed is marked; what it is ahead of the machine is the offset, ms. */
export function parseNtpq(text: string): Kept | undefined {
  const lines = text.split('\n');
  if (!lines.some(line => /^\s*remote\s+refid\s/.test(line))) return undefined;
  const followed = lines.find(line => /^[*o]\S/.test(line));
  if (followed === undefined) return { synchronized: false };
  const offset = followed.trim().split(/\s+/)[8] ?? '';
  return /^-?\d{1,12}(?:\.\d+)?$/.test(offset)
    ? { synchronized: true, offsetMs: milliseconds(-Number(offset)) }
    : { synchronized: true };
}

/** `ntpctl -s status`: `4/4 peers valid, clock synced, stratum 3`. */
export function parseOpenntpd(text: string): Kept | undefined {
  const state = /\bclock (synced|unsynced)\b/.exec(text)?.[1];
  return state === undefined ? undefined : { synchronized: state === 'synced' };
}

/** `timedatectl timesync-status`: what the server is ahead of the machine stands behind `Offset:`. */
export function parseTimesync(text: string): Kept | undefined {
  const [, sign, number, unit] =
    /^\s*Offset:\s*([+-]?)(\d{1,9}(?:\.\d+)?)(us|ms|s|min)\s*$/m.exec(text) ?? [];
  if (number === undefined) return /^\s*Server:/m.test(text) ? {} : undefined;
  const factor = unit === 'us' ? 0.001 : unit === 'ms' ? 1 : unit === 's' ? 1000 : 60_000;
  return { synchronized: true, offsetMs: milliseconds(Number(number) * factor * (sign === '-' ? 1 : -1)) };
}

/** To the thousandth; no negative nought, which JSON would not keep. */
function milliseconds(value: number): number {
  return Math.round(value * 1000) / 1000 + 0;
}

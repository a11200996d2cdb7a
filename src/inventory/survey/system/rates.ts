import { harmless } from '../../../foundation/text.ts';
import type { RateFacts } from '../../../journal/facts-survey.ts';
import type { Answers } from '../learn.ts';
import { bounded } from './bounds.ts';

/** Disks whose rates are told. */
const DISKS_KEPT = 64;
/** What happened in less time says nothing, seconds. */
const SHORTEST_LOOK = 2;
/** The kernel counts so, whatever the disk has. */
const SECTOR = 512;

interface Counters {
  readonly uptime: number;
  /** Bytes since the device came. */
  readonly devices: ReadonlyMap<string, { readonly read: number; readonly written: number }>;
}

/**
 * What whole disks read and wrote between the beginning of the survey and its end; where the end is missing, too close
 * or counts less than the beginning, the mean since the boot.
 */
export function readRates(answers: Answers): RateFacts[] | undefined {
  const first = answers.learn('counters of the disks', 'diskstats-first', parseDiskstats);
  if (first === undefined) return undefined;
  const last = parseDiskstats(answers.text('diskstats-last') ?? '');
  const whole = parseWholeDisks(answers.text('block-devices') ?? '');
  const rates = [...first.devices].flatMap(([device, before]) => {
    if (whole === undefined ? !looksWhole(device) : !whole.has(device)) return [];
    const after = last?.devices.get(device);
    const seconds = (last?.uptime ?? 0) - first.uptime;
    if (
      after !== undefined &&
      seconds >= SHORTEST_LOOK &&
      after.read >= before.read &&
      after.written >= before.written
    ) {
      return [
        {
          device: harmless(device),
          written: Math.round((after.written - before.written) / seconds),
          read: Math.round((after.read - before.read) / seconds),
          seconds: Math.round(seconds),
        },
      ];
    }
    if (first.uptime <= 0) return [];
    return [
      {
        device: harmless(device),
        written: Math.round(before.written / first.uptime),
        read: Math.round(before.read / first.uptime),
        seconds: Math.round(first.uptime),
        sinceBoot: true,
      },
    ];
  });
  return bounded(answers, 'rates of disks', rates, DISKS_KEPT);
}

/** `/proc/uptime`, and behind it `/proc/diskstats`; undefined where there is no uptime or no device. */
export function parseDiskstats(text: string): Counters | undefined {
  const [head = '', ...lines] = text.split('\n');
  const uptime = Number(/^(\d{1,12}(?:\.\d+)?)\s+\d/.exec(head)?.[1] ?? Number.NaN);
  if (!Number.isFinite(uptime)) return undefined;
  const devices = new Map<string, { read: number; written: number }>();
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    const [major, minor, name, , , read, , , , written] = words;
    if (name === undefined || written === undefined || read === undefined) continue;
    if (![major, minor, read, written].every(word => /^\d{1,20}$/.test(word ?? ''))) continue;
    devices.set(name, { read: Number(read) * SECTOR, written: Number(written) * SECTOR });
  }
  return devices.size === 0 ? undefined : { uptime, devices };
}

/** Disks that are none of the kernel's own making, from `ls -l /sys/block`; undefined where that said nothing. */
export function parseWholeDisks(text: string): ReadonlySet<string> | undefined {
  const links = text.split('\n').flatMap(line => {
    const [, name, target] = /\s(\S+) -> (\S+)$/.exec(line) ?? [];
    return name === undefined || target === undefined ? [] : [{ name, target }];
  });
  if (links.length === 0) return undefined;
  return new Set(
    links.flatMap(({ name, target }) =>
      target.includes('/virtual/block/') || /^(?:sr|fd)\d+$/.test(name) ? [] : [name.replaceAll('!', '/')],
    ),
  );
}

/** By its name alone. */
function looksWhole(device: string): boolean {
  return /^(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+|dasd[a-z]+)$/.test(device);
}

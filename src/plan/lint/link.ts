import { closest } from '../../foundation/spelling.ts';
import { formatBitRate } from '../../foundation/units.ts';
import type { Draft } from '../draft.ts';
import { caution, type Finding, fault } from '../finding.ts';
import { spansOf } from '../week.ts';

/** Limits that let something through, in hours that exist. */
export function lintLink({ link }: Draft): Finding[] {
  if (link === undefined) return [];
  const findings: Finding[] = [];
  const nothing = { suggestion: 'leave the limit out to use the whole link' };
  if (link.limit === 0)
    findings.push(fault(['link', 'limit'], 'with this limit nothing would ever travel', nothing));
  if (!isTimeZone(link.timezone)) {
    findings.push(
      fault(['link', 'timezone'], 'no such time zone', {
        value: link.timezone,
        suggestion: nearestZone(link.timezone) ?? 'write it like America/New_York, or UTC',
      }),
    );
  }
  for (const [index, window] of link.windows.entries()) {
    const path = ['link', 'windows', index];
    if (window.from === window.to) {
      findings.push(
        fault([...path, 'to'], 'the window ends when it begins', {
          value: window.to,
          suggestion: 'for a whole day, set two windows: 00:00 to 12:00 and 12:00 to 00:00',
        }),
      );
    }
    if (window.limit === 0)
      findings.push(fault([...path, 'limit'], 'in these hours nothing would travel', nothing));
    if (link.limit !== undefined && link.limit > 0 && window.limit > link.limit) {
      findings.push(
        caution(
          [...path, 'limit'],
          `this is more than the limit of the link (${formatBitRate(link.limit)})`,
          {
            suggestion: 'in these hours the limit of the window holds; is that meant?',
          },
        ),
      );
    }
    const other = link.windows.slice(0, index).findIndex(earlier => overlaps(earlier, window));
    if (other >= 0 && window.from !== window.to) {
      findings.push(
        caution(path, `this window overlaps window ${other + 1} of the list`, {
          suggestion: 'where both apply, the smaller limit holds',
        }),
      );
    }
  }
  return findings;
}

export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false; // RangeError is the documented answer to an unknown zone.
  }
}

/** The zone whose city is spelled almost like this one; the list of all of them would be useless. */
function nearestZone(zone: string): string | undefined {
  const cityOf = (name: string): string => name.split('/').at(-1) ?? '';
  const zones = Intl.supportedValuesOf('timeZone');
  const city = closest(cityOf(zone), zones.map(cityOf));
  const found = zones.find(known => cityOf(known) === city);
  return found === undefined ? undefined : `did you mean "${found}"?`;
}

type Window = Parameters<typeof spansOf>[0];

const overlaps = (a: Window, b: Window): boolean =>
  spansOf(a).some(one => spansOf(b).some(two => one.from < two.to && two.from < one.to));

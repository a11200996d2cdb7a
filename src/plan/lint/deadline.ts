import { formatDuration } from '../../foundation/units.ts';
import type { Draft } from '../draft.ts';
import { caution, type Finding, fault } from '../finding.ts';
import type { When } from '../schema.ts';
import type { LintContext } from './rule.ts';

/** A deadline that can be met. */
export function lintDeadline({ deadline }: Draft, { now, running }: LintContext): Finding[] {
  if (deadline === undefined) return [];
  const findings: Finding[] = [];
  for (const key of ['earliest', 'expected'] as const) {
    const moment = deadline[key];
    const path = ['deadline', key];
    if (moment.kind === 'in' && moment.ms === 0) {
      findings.push(
        fault(path, 'this leaves no time at all', { suggestion: 'write a distance like "in 3d4h"' }),
      );
    }
    if (moment.kind === 'at' && moment.epochMs <= now) {
      const tell = running ? caution : fault;
      findings.push(
        tell(path, `this moment is past: it was ${formatDuration(now - moment.epochMs)} ago`, {
          suggestion: 'write the newest estimate; check year and zone',
        }),
      );
    }
  }
  if (epoch(deadline.expected, now) < epoch(deadline.earliest, now)) {
    findings.push(
      fault(['deadline', 'expected'], 'the expected loss comes before the earliest', {
        suggestion: 'swap the two: "earliest" is the worst case',
      }),
    );
  }
  return findings;
}

const epoch = (when: When, now: number): number => (when.kind === 'at' ? when.epochMs : now + when.ms);

import type { Draft } from '../draft.ts';
import { type Finding, fault } from '../finding.ts';

/** Promises that no copy over a link can keep. */
export function lintLevels(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  for (const [name, { rpo, rto }] of draft.tiers.entries) {
    if (rpo === 0) {
      findings.push(
        fault(['tiers', name, 'rpo'], 'no loss at all cannot be promised: a pass takes time', {
          suggestion: 'write the work that may be lost, for example 5m',
        }),
      );
    }
    if (rto === 0) {
      findings.push(
        fault(['tiers', name, 'rto'], 'no interruption at all cannot be promised: the copy has to boot', {
          suggestion: 'write how long it may be away, for example 30m',
        }),
      );
    }
  }
  return findings;
}

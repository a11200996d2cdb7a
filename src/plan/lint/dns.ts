import type { Draft } from '../draft.ts';
import { caution, type Finding } from '../finding.ts';

/** Records that would not change, or that are listed twice. */
export function lintDns(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [index, record] of draft.dns.entries()) {
    if (record.from === record.to) {
      findings.push(
        caution(['dns', index, 'to'], 'this record does not change: "from" and "to" are the same'),
      );
    }
    const key = `${record.type} ${record.name.toLowerCase()} ${record.from}`;
    if (seen.has(key))
      findings.push(caution(['dns', index], `${record.type} ${record.name} is listed twice`));
    seen.add(key);
  }
  return findings;
}

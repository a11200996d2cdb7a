import type { Draft } from '../draft.ts';
import { caution, type Finding, fault } from '../finding.ts';

/** Longer than this, evacuation and machine together make domain names that virsh, logs and screens cut off. */
const MOST_TOGETHER = 50;

/** Names share one space: hosts, logs and locks are found by them. */
export function lintNames(draft: Draft): Finding[] {
  const { machines, hypervisors, databases, name: evacuation } = draft;
  const findings: Finding[] = [];
  if (machines.written && machines.names.size === 0 && databases.names.size === 0) {
    findings.push(
      fault(['machines'], 'the plan names no machine and no database: there is nothing to evacuate', {
        on: 'key',
        suggestion: 'add one below "machines:", as in plans/minimal.yaml',
      }),
    );
  }
  for (const name of machines.names) {
    const path = ['machines', name];
    if (hypervisors.names.has(name)) {
      findings.push(
        fault(path, `"${name}" is the name of a hypervisor already`, { on: 'key', suggestion: 'rename one' }),
      );
    }
    const length = name.length + (evacuation?.length ?? 0);
    if (length > MOST_TOGETHER) {
      findings.push(
        caution(
          path,
          `evacuation and machine have ${length} characters together; over ${MOST_TOGETHER} the domain names get unwieldy`,
          {
            on: 'key',
            suggestion: `they are called "landfall-<evacuation>-<machine>-receiver"; choose a shorter "name:" for the plan`,
          },
        ),
      );
    }
  }
  for (const name of databases.names) {
    const other = ['machine', 'hypervisor'].find(kind =>
      (kind === 'machine' ? machines : hypervisors).names.has(name),
    );
    if (other !== undefined) {
      findings.push(
        fault(['databases', name], `"${name}" is the name of a ${other} already`, {
          on: 'key',
          suggestion: 'rename one',
        }),
      );
    }
  }
  return findings;
}

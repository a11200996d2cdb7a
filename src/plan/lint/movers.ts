import type { Draft } from '../draft.ts';
import { caution, type Finding, fault } from '../finding.ts';
import type { MachinePlan } from '../schema.ts';

/** Who copies a machine must be able to, and what is written for one mover is not done by the other. */
export function lintMovers(draft: Draft): Finding[] {
  return [...draft.machines.entries].flatMap(([name, machine]) => judge(name, machine));
}

function judge(name: string, { source, mover, exclude, snapshot, hooks, checks }: MachinePlan): Finding[] {
  const path = ['machines', name];
  if (source.login && mover !== 'blocks') return [];
  const why = source.login ? 'the blocks mover' : 'a machine without a login';
  const findings: Finding[] = [];
  if (!source.login && mover === 'files')
    findings.push(
      fault([...path, 'mover'], 'files are read inside the machine, and it has no login', {
        value: mover,
        suggestion: 'write blocks or auto here, or leave out "login: false" where landfall may log in',
      }),
    );
  if (exclude.length > 0)
    findings.push(caution([...path, 'exclude'], `${why} leaves nothing out: whole disks travel`));
  if (snapshot !== 'none')
    findings.push(
      caution([...path, 'snapshot'], `${why} takes no snapshot in the guest: it catches one instant anyway`),
    );
  if (!source.login && hooks !== undefined)
    findings.push(
      fault([...path, 'hooks'], 'hooks run inside the machine, and it has no login', {
        suggestion: 'remove them',
      }),
    );
  if (!source.login && checks.length > 0)
    findings.push(
      fault([...path, 'checks'], 'checks run inside the booted copy, and it has no login', {
        suggestion: 'remove them',
      }),
    );
  return findings;
}

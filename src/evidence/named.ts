import type { Journal } from './journal.ts';
import { type Manifest, sumOf } from './manifest.ts';

/** What the journal names and the pack must hold: plans by their hash, logs of passes and proofs by their names. */

type Members = ReadonlyMap<string, Buffer>;

export function checkPlans(members: Members, { events, state }: Journal): string[] {
  const faults: string[] = [];
  const plan = members.get('plan.yaml');
  const accepted = state.evacuation?.planHash;
  if (plan === undefined) faults.push('plan.yaml: it is missing');
  else if (accepted === undefined) faults.push('journal.jsonl: it names no plan');
  else if (sumOf(plan) !== accepted)
    faults.push(`plan.yaml: it is not the accepted plan, which has the hash ${accepted}`);
  for (const event of events) {
    if (event.type !== 'evacuation.created' && event.type !== 'plan.accepted') continue;
    const path = `plans/${event.planHash}.yaml`;
    const bytes = members.get(path);
    if (bytes === undefined) faults.push(`${path}: it is missing; event ${event.seq} accepted it`);
    else if (sumOf(bytes) !== event.planHash) faults.push(`${path}: its hash is not its name`);
  }
  return faults;
}

export function checkNamedLogs(members: Members, { events }: Journal, { leftOut }: Manifest): string[] {
  const excused = new Set(leftOut.map(({ path }) => path));
  const faults: string[] = [];
  for (const event of events) {
    // What the lost control machine had not mirrored cannot be in any pack since.
    if (event.type === 'evacuation.recovered')
      for (const each of event.missing) excused.add(each.slice(0, Math.max(0, each.indexOf(': '))));
  }
  for (const event of events) {
    const logs =
      event.type === 'pass.ended'
        ? event.runs.map(({ job }) => `logs/${job}.log`)
        : event.type === 'proof.ended'
          ? [`logs/${event.console}`]
          : [];
    for (const path of logs)
      if (!members.has(path) && !excused.has(path))
        faults.push(`${path}: it is missing; event ${event.seq} names it`);
  }
  return faults;
}

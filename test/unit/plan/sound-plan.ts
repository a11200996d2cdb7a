import { type PlanResult, parsePlan } from '../../../src/plan/load.ts';
import type { Problem } from '../../../src/plan/problem.ts';
import type { Plan } from '../../../src/plan/schema.ts';

/** The clock of these tests: four days before the storm. */
export const NOW = Date.parse('2026-11-22T12:00:00Z');

/** A sound plan without warnings; tests change one thing in it. */
export const SOUND = `version: 1
name: storm
deadline:
  earliest: in 3d4h
  expected: in 4d6h
sites:
  miami: { role: source }
  dallas: { role: target }
link:
  limit: 800 Mbit/s
  timezone: America/New_York
  windows:
    - { days: [mon, tue], from: "08:00", to: "18:00", limit: 400 Mbit/s }
hypervisors:
  mia-kvm1: { site: miami, address: 10.10.0.11 }
  dal-kvm1: { site: dallas, address: 10.20.0.11 }
networks:
  mia-servers: { site: miami, libvirt: servers, cidr: 10.10.4.0/24 }
  dal-servers: { site: dallas, libvirt: servers, cidr: 10.20.4.0/24, replaces: mia-servers }
images:
  debian-12: { hypervisor: dal-kvm1, volume: debian-12.qcow2 }
tiers:
  critical: { priority: 1, rpo: 5m, rto: 30m }
  normal: { priority: 2, rpo: 15m, rto: 1h }
machines:
  db1:
    tier: critical
    source: { hypervisor: mia-kvm1, address: 10.10.4.21 }
    target: { hypervisor: dal-kvm1, image: debian-12, network: dal-servers, address: 10.20.4.21 }
  web1:
    tier: normal
    source: { hypervisor: mia-kvm1, address: 10.10.4.51 }
    target: { hypervisor: dal-kvm1, image: debian-12, network: dal-servers, address: 10.20.4.51 }
    exclude: [/var/tmp]
    after: [db1]
`;

/** The sound plan with the first `before` replaced; fails where there is none. */
export function changed(...changes: readonly (readonly [before: string, after: string])[]): string {
  return changes.reduce((text, [before, after]) => {
    if (!text.includes(before)) throw new Error(`the sound plan has no ${before}`);
    return text.replace(before, () => after);
  }, SOUND);
}

export const parse = (text: string | Uint8Array, now = NOW): PlanResult =>
  parsePlan(text, { file: 'plan.yaml', now });

/** The plan; fails with the problems where it is not sound. */
export function sound(text: string): Plan {
  const result = parse(text);
  if (!result.ok) throw new Error(result.problems.map(p => `${p.line}:${p.column} ${p.message}`).join('\n'));
  return result.plan;
}

export function problemsOf(text: string | Uint8Array, now = NOW): readonly Problem[] {
  const result = parse(text, now);
  return result.ok ? result.warnings : result.problems;
}

/** `LINE:COL severity message`, to compare whole lists. */
export const briefly = (problems: readonly Problem[]): string[] =>
  problems.map(p => `${p.line}:${p.column} ${p.severity} ${p.message}`);

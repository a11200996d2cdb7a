import type { Draft } from '../draft.ts';
import { caution, type Finding, fault, type PathKey } from '../finding.ts';

/** `after` must not come back to where it started. Machines and databases share the names. */
export function lintOrder(draft: Draft): Finding[] {
  const nodes = new Map<string, { readonly path: PathKey[]; readonly after: readonly string[] }>();
  for (const [name, { after }] of draft.databases.entries)
    nodes.set(name, { path: ['databases', name, 'after'], after });
  for (const [name, { after }] of draft.machines.entries)
    nodes.set(name, { path: ['machines', name, 'after'], after });

  const findings: Finding[] = [];
  for (const [name, { path, after }] of nodes) {
    for (const [index, other] of after.entries()) {
      if (other === name) {
        findings.push(
          fault([...path, index], `"${name}" waits for itself`, { suggestion: 'remove it from the list' }),
        );
      } else if (after.indexOf(other) < index) {
        findings.push(caution([...path, index], `"${other}" stands twice in this list`));
      }
    }
  }
  const afterOf = (name: string): readonly string[] => nodes.get(name)?.after ?? [];
  for (const cycle of cycles([...nodes.keys()], afterOf)) {
    const [first = '', second = ''] = cycle;
    const path = nodes.get(first)?.path ?? [];
    findings.push(
      fault(
        [...path, afterOf(first).indexOf(second)],
        `nobody could start first: ${cycle.join(' waits for ')}`,
        {
          suggestion: 'remove one of these from its "after"',
        },
      ),
    );
  }
  return findings;
}

/** Each knot of waiting once, as `a, b, a`; found by depth-first search without recursion. */
function cycles(names: readonly string[], afterOf: (name: string) => readonly string[]): string[][] {
  const found: string[][] = [];
  const finished = new Set<string>();
  for (const start of names) {
    const trail: { readonly name: string; next: number }[] = finished.has(start)
      ? []
      : [{ name: start, next: 0 }];
    while (trail.length > 0) {
      const top = trail.at(-1);
      if (top === undefined) break;
      const other = afterOf(top.name)[top.next];
      top.next += 1;
      if (other === undefined) {
        finished.add(top.name);
        trail.pop();
      } else if (other !== top.name && !finished.has(other)) {
        const at = trail.findIndex(({ name }) => name === other);
        if (at >= 0) found.push([...trail.slice(at).map(({ name }) => name), other]);
        else trail.push({ name: other, next: 0 });
      }
    }
  }
  return found;
}

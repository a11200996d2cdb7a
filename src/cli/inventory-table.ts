import { harmless } from '../foundation/text.ts';
import { formatBytes } from '../foundation/units.ts';
import type { State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';

/** One line for each machine: what it is, how large, what it listens on; the reason where it could not be seen. */
export function inventoryTable(plan: Plan, state: State): string {
  const lines = [
    `${'machine'.padEnd(12)} ${'system'.padEnd(30)} ${'disks'.padStart(9)} ${'used'.padStart(9)}  file systems`,
  ];
  for (const name of Object.keys(plan.machines)) {
    const machine = state.machines[name];
    const seen = machine?.observed;
    if (seen === undefined) {
      const why = machine?.failure?.error.what ?? 'not seen yet';
      lines.push(`${name.padEnd(12)} ${harmless(why)}`);
      continue;
    }
    const { domain, guest } = seen;
    const disks = domain.disks.reduce((sum, disk) => sum + disk.capacity, 0);
    const used = guest.fileSystems.reduce((sum, fs) => sum + fs.used, 0);
    const mounts = guest.fileSystems.map(fs => `${fs.mountpoint} (${fs.type})`).join(' ');
    lines.push(
      `${name.padEnd(12)} ${harmless(guest.os.pretty).slice(0, 30).padEnd(30)} ${formatBytes(disks).padStart(9)} ${formatBytes(used).padStart(9)}  ${harmless(mounts)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

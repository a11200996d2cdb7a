import type { Inventory } from '../../reports/inventory/inventory.ts';
import type { View } from '../../step/step.ts';
import type { Style } from '../style.ts';
import { findingsText } from './findings.ts';
import { hypervisorsText } from './hypervisors.ts';
import type { Shown } from './json.ts';
import { machinesText } from './machines.ts';
import { serversText } from './servers.ts';
import { sizeText } from './size.ts';

/** What `landfall inventory` prints: what has to be settled first, then everything that is known, each with its age. */
export function inventoryText(
  view: View,
  inventory: Inventory,
  shown: Shown & { readonly style: Style; readonly width: number },
): string {
  const isWhole = shown.machines.length === 0;
  return [
    findingsText(view.plan.name, inventory.findings, shown),
    machinesText(view, shown),
    ...(isWhole ? [hypervisorsText(view, shown), serversText(view, shown), sizeText(inventory)] : []),
  ]
    .filter(part => part !== '')
    .join('\n');
}

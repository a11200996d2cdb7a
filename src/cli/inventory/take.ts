import { type Looks, narrowLooks } from '../../evacuation/looks.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { EXIT, type ExitCode } from '../../foundation/exit-codes.ts';
import { didYouMean } from '../../foundation/spelling.ts';
import type { Plan } from '../../plan/schema.ts';
import { estateOf } from '../../reports/inventory/estate.ts';
import { type Inventory, inventoryOf } from '../../reports/inventory/inventory.ts';
import type { View } from '../../step/step.ts';
import { dryRun, evacuateAndShow, readPlanToRun } from '../evacuation.ts';
import type { Io } from '../io.ts';
import { evacuationsRoot, sshConfigOption } from '../paths.ts';
import { loadEvacuation } from '../recorded.ts';
import { redactorFor } from '../reporting.ts';
import { createStyle } from '../style.ts';
import { inventoryJson } from './json.ts';
import { inventoryText } from './text.ts';
import { writeWorksheets } from './worksheets.ts';

export interface InventoryInput {
  readonly plan: string | undefined;
  readonly machines: readonly string[];
  readonly again: boolean;
  readonly last: boolean;
  /** A file, or `-`. */
  readonly markdown: string | undefined;
  readonly csv: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly state: string | undefined;
  readonly sshConfig: string | undefined;
}

/** Looks at the estate, or at what is recorded of it, and shows what came of it. */
export async function takeInventory(io: Io, input: InventoryInput): Promise<ExitCode> {
  if (input.last) {
    const { plan, state } = await loadEvacuation(io, input.plan, input.state);
    refuseUnknown(plan, input.machines);
    await show(io, input, { plan, state });
    return EXIT.ok;
  }
  const root = evacuationsRoot(io, input.state);
  const plan = await readPlanToRun(io, input.plan, root);
  refuseUnknown(plan.plan, input.machines);
  const looks: Looks = { machines: input.machines, again: input.again };
  const only = { phases: ['inventory'], narrow: narrowLooks(looks) } as const;
  if (input.dryRun) {
    await dryRun(io, { plan, root, json: input.json, ...only });
    return EXIT.ok;
  }
  const { state, outcome } = await evacuateAndShow(io, {
    ...{ plan, root, ...only },
    // Progress is talk: stdout is for what was found.
    json: false,
    sshConfig: sshConfigOption(io, input.sshConfig),
  });
  await show(io, input, { plan: plan.plan, state });
  if (outcome.cancelled) return EXIT.interrupted;
  if (outcome.failed.length === 0) return EXIT.ok;
  return outcome.done.length > 0 ? EXIT.partial : EXIT.failed;
}

function refuseUnknown({ machines }: Plan, wished: readonly string[]): void {
  const known = Object.keys(machines);
  const stranger = wished.find(name => !known.includes(name));
  if (stranger === undefined) return;
  throw new LandfallError('usage', {
    what: `--machine: the plan has no machine "${stranger}"`,
    next: [didYouMean(stranger, known) ?? `one of: ${known.slice(0, 12).join(', ')}`],
  });
}

async function show(io: Io, input: InventoryInput, view: View): Promise<void> {
  const now = io.clock.now();
  const redactor = await redactorFor(view.plan, io.env);
  const inventory = redactor.value(about(input.machines, inventoryOf(view, now, estateOf(view, now))));
  if (input.json)
    io.out(
      `${JSON.stringify(redactor.value(inventoryJson(view, inventory, { now, machines: input.machines })))}\n`,
    );
  else if (input.markdown !== '-')
    io.out(
      redactor.value(
        inventoryText(view, inventory, {
          now,
          machines: input.machines,
          style: createStyle(io.colour, io.unicode),
          width: io.columns,
        }),
      ),
    );
  await writeWorksheets(io, input, { view, now, redactor });
}

/** Where only some machines are meant, what concerns others is left out. */
function about(machines: readonly string[], inventory: Inventory): Inventory {
  if (machines.length === 0) return inventory;
  const meant = new Set(machines);
  return { ...inventory, findings: inventory.findings.filter(({ subject }) => meant.has(subject)) };
}

import { EXIT } from '../../foundation/exit-codes.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';
import { evacuationsRoot, sshConfigOption } from '../paths.ts';

export const inventory = defineCommand({
  name: 'inventory',
  summary: 'look at every hypervisor and machine of the plan; changes nothing on them',
  description:
    'Reads what building and copying need to know: hypervisors with their pools and networks, domains with their ' +
    'disks, guests with file systems, sockets and services. Only reading commands are run, and they are listed by ' +
    '--dry-run. The facts are recorded in the evacuation, so that a later dry run shows exact commands.',
  arguments: [ARGUMENTS.plan],
  options: [COMMON.dryRun, COMMON.json, COMMON.state, COMMON.sshConfig],
  examples: [
    { command: 'landfall inventory plans/miami-to-dallas.yaml', does: 'look, and record what was seen' },
    { command: 'landfall inventory plan.yaml --dry-run', does: 'which commands that would run' },
    { command: 'landfall inventory plan.yaml --json | jq .machines', does: 'the facts for programs' },
  ],
  input: words => ({
    plan: words.text('plan'),
    dryRun: words.flag('dry-run'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, input) {
    const { evacuateAndShow, readPlanToRun, dryRun } = await import('../evacuation.ts');
    const { inventoryTable } = await import('../inventory-table.ts');
    const root = evacuationsRoot(io, input.state);
    const plan = await readPlanToRun(io, input.plan, root);
    if (input.dryRun) {
      await dryRun(io, { plan, root, json: input.json, phases: ['inventory'] });
      return EXIT.ok;
    }
    const { state, outcome } = await evacuateAndShow(io, {
      plan,
      root,
      json: false,
      phases: ['inventory'],
      sshConfig: sshConfigOption(io, input.sshConfig),
    });
    if (input.json) {
      const machines = Object.fromEntries(
        Object.entries(state.machines).map(([name, machine]) => [name, machine.observed ?? null]),
      );
      io.out(`${JSON.stringify({ v: 1, type: 'inventory', hypervisors: state.hypervisors, machines })}\n`);
    } else {
      io.out(inventoryTable(plan.plan, state));
    }
    if (outcome.cancelled) return EXIT.interrupted;
    if (outcome.failed.length === 0) return EXIT.ok;
    return outcome.done.length > 0 ? EXIT.partial : EXIT.failed;
  },
});

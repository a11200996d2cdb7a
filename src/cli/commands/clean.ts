import { EXIT } from '../../foundation/exit-codes.ts';
import { counted } from '../../foundation/units.ts';
import type { Plan } from '../../plan/schema.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';
import { evacuationsRoot, sshConfigOption } from '../paths.ts';

export const clean = defineCommand({
  name: 'clean',
  summary: 'remove what landfall has put on source machines and hypervisors, and the keys of the data paths',
  description:
    'Takes away /run/landfall/EVACUATION on every source machine and the line that let its key into the receiver, ' +
    'snapshots of landfall in the guests, what broken transfers have left in the replicas, and, where disks travelled by ' +
    'blocks, checkpoints, backup jobs, pieces and unfinished copies on both hypervisors. On every hypervisor it takes away ' +
    'what a measurement of the line (landfall doctor --link) left that was killed. Only what bears the mark of this ' +
    'evacuation goes. Replicas and receivers stay as they are. A machine whose pass is running is refused, and so is a ' +
    'hypervisor that is measuring. A later ' +
    '"landfall run" opens the data paths anew, with other keys; a machine that travels by blocks begins with a full copy ' +
    'then, because its checkpoints are gone.\n' +
    '\n' +
    '"landfall doctor PLAN --leftovers" lists what is on the hosts now, with its age and whose it is. ' +
    '"landfall report" lists what landfall has put where.',
  arguments: [ARGUMENTS.plan],
  options: [COMMON.dryRun, COMMON.json, COMMON.state, COMMON.sshConfig],
  examples: [
    {
      command: 'landfall clean plans/miami-to-dallas.yaml --dry-run',
      does: 'what would be removed, command by command',
    },
    { command: 'landfall clean plans/miami-to-dallas.yaml', does: 'remove it' },
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
    const root = evacuationsRoot(io, input.state);
    const plan = await readPlanToRun(io, input.plan, root);
    if (input.dryRun) {
      await dryRun(io, { plan, root, json: input.json, phases: ['cutover'] });
      return EXIT.ok;
    }
    const { outcome } = await evacuateAndShow(io, {
      plan,
      root,
      json: input.json,
      phases: ['cutover'],
      sshConfig: sshConfigOption(io, input.sshConfig),
    });
    if (outcome.cancelled) return EXIT.interrupted;
    if (outcome.failed.length === 0) {
      if (!input.json) io.out(`clean: ${cleaned(plan.plan)}\n`);
      return EXIT.ok;
    }
    return outcome.done.length > 0 ? EXIT.partial : EXIT.failed;
  },
});

const cleaned = ({ machines, hypervisors }: Plan): string =>
  `${counted(Object.keys(machines).length, 'machine')}, ${counted(Object.keys(hypervisors).length, 'hypervisor')}`;

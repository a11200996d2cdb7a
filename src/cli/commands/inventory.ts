import { LandfallError } from '../../foundation/errors.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';
import type { InventoryInput } from '../inventory/take.ts';

export const inventory = defineCommand({
  name: 'inventory',
  summary: 'look at every hypervisor, machine and SQL Server of the plan; changes nothing on them',
  description:
    'Reads what a move needs to know, and what it breaks where nobody knows of it: hypervisors with all their domains, ' +
    'guests with file systems, shares, schedules, containers, certificates and whom they talk to, SQL Servers with jobs ' +
    'and linked servers. Only reading commands are run, and --dry-run lists them. What was found is recorded in the ' +
    'evacuation with the time at which it was seen, and what is older than six hours is called stale.\n' +
    '\n' +
    'What has to be settled comes first: what depends on something that nobody moves, what is not as the plan says, ' +
    'what does not answer, what could not be learned. Each finding says what to do.\n' +
    '\n' +
    'Exit code 1: nothing could be looked at. Exit code 5: some could not be.',
  arguments: [ARGUMENTS.plan],
  options: [
    {
      name: 'machine',
      short: 'm',
      value: 'NAME',
      many: true,
      description:
        'Only this machine, and what looking at it needs; worksheets hold it alone and name what they leave out. May be repeated.',
    },
    { name: 'again', description: 'Look also where what is known is fresh.' },
    { name: 'last', description: 'Look at nothing: show what is recorded, with its age. Takes no lock.' },
    {
      name: 'markdown',
      value: 'FILE',
      description: 'Write the recovery worksheets there as Markdown; "-" is stdout.',
      completes: 'file',
    },
    {
      name: 'csv',
      value: 'DIR',
      description: 'Write the recovery worksheets there, one table for each department and tier.',
      completes: 'directory',
    },
    COMMON.dryRun,
    COMMON.json,
    COMMON.state,
    COMMON.sshConfig,
  ],
  examples: [
    { command: 'landfall inventory plans/miami-to-dallas.yaml', does: 'look, and record what was seen' },
    { command: 'landfall inventory plan.yaml --dry-run', does: 'which commands that would run' },
    { command: 'landfall inventory plan.yaml --last', does: 'what is known, and how old it is; asks nobody' },
    { command: 'landfall inventory plan.yaml --again -m web1', does: 'look at one machine anew' },
    {
      command: 'landfall inventory plan.yaml --last --csv sheets/',
      does: 'recovery worksheets for each department and tier',
    },
    { command: 'landfall inventory plan.yaml --json | jq .findings', does: 'the same for programs' },
  ],
  input: (words): InventoryInput => ({
    plan: words.text('plan'),
    machines: words.texts('machine'),
    again: words.flag('again'),
    last: words.flag('last'),
    markdown: words.text('markdown'),
    csv: words.text('csv'),
    dryRun: words.flag('dry-run'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, input) {
    const other = input.again ? 'again' : input.dryRun ? 'dry-run' : undefined;
    if (input.last && other !== undefined)
      throw new LandfallError('usage', {
        what: `--last and --${other} contradict each other: --last looks at nothing`,
        next: ['give one of them', 'landfall inventory --help'],
      });
    const { takeInventory } = await import('../inventory/take.ts');
    return takeInventory(io, input);
  },
});

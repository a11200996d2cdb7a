import { EXIT } from '../../foundation/exit-codes.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';

export const failback = defineCommand({
  name: 'failback',
  summary: 'write the plan of the way home: the sites exchanged, the old disks as images',
  description:
    'Makes a plan out of the evacuation’s own plan and journal, from its first minute on: what was the target is the ' +
    'source, networks and DNS records turn round, each machine is built from its old disk so that only what changed of its ' +
    'root file system travels, and each database is reconciled with the old production, row by row. Comments say what to ' +
    'look at and what to fill in. Contacts no host.\n' +
    '\n' +
    'The plan is then an evacuation like any other: check, run, prove, cutover. It carries failback_of: with every ' +
    'inventory landfall asks the old hypervisors, too, and goes no further where an old machine runs beside the new one.',
  arguments: [ARGUMENTS.evacuation],
  options: [
    {
      name: 'output',
      short: 'o',
      value: 'FILE',
      description: 'Write to this file, which must not exist, instead of stdout.',
      completes: 'file',
    },
    COMMON.state,
  ],
  examples: [
    { command: 'landfall failback miami-to-dallas -o plans/dallas-to-miami.yaml', does: 'write it' },
    { command: 'landfall check plans/dallas-to-miami.yaml', does: 'then: is everything filled in?' },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    output: words.text('output'),
    state: words.text('state'),
  }),
  async run(io, input) {
    const { writeFailback } = await import('../failing-back.ts');
    await writeFailback(io, input);
    return EXIT.ok;
  },
});

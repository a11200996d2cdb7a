import { COMMON, defineCommand } from '../command.ts';
import { EVACUATION, machineScope } from '../ordering.ts';

export const measure = defineCommand({
  name: 'measure',
  summary: 'count what would be lost if the source died now, to the byte; nothing is copied',
  description:
    'Compares every file of the source with its replica by size and time, as the next pass would, and counts: files, ' +
    'bytes of the files that differ, deletions. Nothing is copied or changed. The status shows estimates between passes; ' +
    'this is the truth of the moment at which it looked, and the screens take it over.\n' +
    '\n' +
    'A running engine is ordered to do it and followed; without one, an engine is started for this alone. It waits for ' +
    'a pass that runs. Ctrl-C here ends only the showing.\n' +
    '\n' +
    'Exit code 0: all were measured. Exit code 5: some could not be.',
  arguments: [EVACUATION, machineScope('measure')],
  options: [
    { ...COMMON.dryRun, description: 'Print every command in order; execute nothing and contact no host.' },
    {
      name: 'foreground',
      description: 'The engine is this very process: for containers and systemd.',
    },
    { name: 'detached', description: 'The engine that landfall starts for itself.', hidden: true },
    COMMON.json,
    COMMON.state,
    COMMON.sshConfig,
  ],
  examples: [
    { command: 'landfall measure plans/miami-to-dallas.yaml', does: 'every machine that has a copy' },
    { command: 'landfall measure miami-to-dallas web1', does: 'only this one, by the engine that runs' },
    { command: 'landfall measure miami-to-dallas --json | jq ".machines[].bytes"', does: 'for programs' },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    machine: words.text('machine'),
    dryRun: words.flag('dry-run'),
    foreground: words.flag('foreground') || words.flag('detached'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, input) {
    const { measureDryRun, measureHere, measureMachines } = await import('../measure.ts');
    if (input.dryRun) return measureDryRun(io, input);
    return input.foreground ? measureHere(io, input) : measureMachines(io, input);
  },
});

import { COMMON, defineCommand } from '../command.ts';
import { EVACUATION, machineScope, REASON } from '../ordering.ts';

export const prove = defineCommand({
  name: 'prove',
  summary: 'boot an overlay of each replica, isolated; exit code 3 when one does not come up',
  description:
    'Lays an overlay over the replica, makes the fix-ups in it that the target needs, and boots it on a network without ' +
    'a way out, with scheduled jobs and mail held. The copy is asked for itself: kernel, userspace, a word that only ' +
    "this boot can say, tries to get out, SSH host key, mounts, units and sockets against the source's, and the checks " +
    'of the plan. Then the overlay is destroyed and the replica is shown to be unchanged. The replica itself never boots.\n' +
    '\n' +
    'A running engine is ordered to do it and followed; without one, an engine is started for this alone. The order is ' +
    'the approval: it needs no other, except where the stage "prove" is held. While a machine is proved, no pass of it ' +
    'runs; Ctrl-C here ends only the showing.\n' +
    '\n' +
    'Exit code 0: all proven. Exit code 3: a copy did not prove itself; the reason and a remedy are printed.',
  arguments: [EVACUATION, machineScope('prove')],
  options: [
    { ...COMMON.dryRun, description: 'Print every command in order; execute nothing and contact no host.' },
    { name: 'headless', description: 'Lines, no screens: what this command does in any case.' },
    {
      name: 'foreground',
      description: 'The engine is this very process: for containers and systemd.',
    },
    { name: 'detached', description: 'The engine that landfall starts for itself.', hidden: true },
    REASON,
    COMMON.json,
    COMMON.state,
    COMMON.sshConfig,
  ],
  examples: [
    { command: 'landfall prove plans/miami-to-dallas.yaml', does: 'every machine that has a complete copy' },
    { command: 'landfall prove plans/miami-to-dallas.yaml web1', does: 'only this one' },
    { command: 'landfall prove miami-to-dallas --dry-run', does: 'what would be done, command by command' },
    {
      command: 'landfall run plan.yaml --headless && landfall prove plan.yaml',
      does: 'evacuate, then prove: for CI',
    },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    machine: words.text('machine'),
    dryRun: words.flag('dry-run'),
    foreground: words.flag('foreground') || words.flag('detached'),
    reason: words.text('reason'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, input) {
    const { proveDryRun, proveHere, proveMachines } = await import('../prove.ts');
    if (input.dryRun) return proveDryRun(io, input);
    return input.foreground ? proveHere(io, input) : proveMachines(io, input);
  },
});

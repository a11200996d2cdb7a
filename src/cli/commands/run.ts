import { EXIT } from '../../foundation/exit-codes.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';
import { evacuationsRoot, sshConfigOption } from '../paths.ts';

export const run = defineCommand({
  name: 'run',
  summary: 'evacuate: build the replicas and copy in passes until they converge',
  description:
    'Takes the inventory, builds a replica and a receiver for every machine at the target, copies in repeated passes ' +
    'until another pass would not make the last one cheaper, and verifies every file by checksum. The source stays up: ' +
    'nothing is installed, stopped or restarted there; what landfall adds lives in /run/landfall.\n' +
    '\n' +
    'Everything that happens is in a journal. A run that was stopped, or killed, goes on where it was when the same ' +
    'command is given again. Ctrl-C stops landfall, not the copies that run on the hosts: they are found again.\n' +
    '\n' +
    'Look before you leap: --dry-run prints every command in order and touches no network.',
  arguments: [ARGUMENTS.plan],
  options: [
    COMMON.dryRun,
    {
      name: 'another-pass',
      description: 'Ask for one more pass and verification of every machine that has had one.',
    },
    {
      name: 'accept-plan',
      description: 'Go on with a plan that changed since the evacuation began; the difference is shown.',
    },
    {
      name: 'take-over',
      description:
        'Take the evacuation from a holder on another machine that cannot be asked. Make sure that it is gone.',
    },
    COMMON.json,
    COMMON.state,
    COMMON.sshConfig,
  ],
  examples: [
    {
      command: 'landfall run plans/miami-to-dallas.yaml --dry-run',
      does: 'what would be done, command by command',
    },
    { command: 'landfall run plans/miami-to-dallas.yaml', does: 'do it, or go on with it' },
    { command: 'landfall run plan.yaml --another-pass', does: 'bring the replicas up to date once more' },
    {
      command: 'landfall run plan.yaml --json | tee run.ndjson',
      does: 'every event as one JSON object a line',
    },
  ],
  input: words => ({
    plan: words.text('plan'),
    dryRun: words.flag('dry-run'),
    anotherPass: words.flag('another-pass'),
    acceptPlan: words.flag('accept-plan'),
    takeOver: words.flag('take-over'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, input) {
    const { evacuateAndShow, readPlanToRun, dryRun, exitOf, printVerdict } = await import('../evacuation.ts');
    const root = evacuationsRoot(io, input.state);
    const plan = await readPlanToRun(io, input.plan, root);
    const anotherPass = input.anotherPass ? { anotherPass: 'asked for by the engineer' } : {};
    if (input.dryRun) {
      await dryRun(io, { plan, root, json: input.json, ...anotherPass });
      return EXIT.ok;
    }
    const evacuated = await evacuateAndShow(io, {
      plan,
      root,
      json: input.json,
      sshConfig: sshConfigOption(io, input.sshConfig),
      acceptPlan: input.acceptPlan,
      takeOver: input.takeOver,
      ...anotherPass,
    });
    if (evacuated.outcome.idle && !input.json) {
      io.err('nothing was left to do; --another-pass brings the replicas up to date\n');
    }
    printVerdict(io, plan.plan, evacuated, { json: input.json, passes: false });
    return exitOf(io, plan.plan, evacuated);
  },
});

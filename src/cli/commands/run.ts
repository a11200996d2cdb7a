import { EXIT, type ExitCode } from '../../foundation/exit-codes.ts';
import type { LoadedPlan } from '../../plan/read.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';
import { HELD_STAGES } from '../held-stages.ts';
import type { Io } from '../io.ts';
import { evacuationsRoot, sshConfigOption } from '../paths.ts';

export const run = defineCommand({
  name: 'run',
  summary: 'evacuate: build the replicas and copy in passes until they converge',
  description:
    'Takes the inventory, builds a replica and a receiver for every machine at the target, copies in repeated passes ' +
    'until another pass would not make the last one cheaper, and verifies every file by checksum. The source stays up: ' +
    'nothing is installed, stopped or restarted there; what landfall adds lives in /run/landfall.\n' +
    '\n' +
    'The evacuation is steered by an engine, a process of its own that outlives this one and its terminal: Ctrl-C ' +
    'here ends only the showing. "landfall attach" sees it again, "landfall stop" ends it. Without a terminal, or with ' +
    '--headless or --json, the engine ends when nothing is left to do, and its exit code is the answer.\n' +
    '\n' +
    'Everything that happens is in a journal. A run that was stopped, or killed, goes on where it was when the same ' +
    'command is given again; the copies that run on the hosts meanwhile go on, too, and are found again.\n' +
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
    {
      name: 'step-by-step',
      description: 'Inventory, build and sync wait, each, for "landfall approve" or its key.',
    },
    { name: 'headless', description: 'No screen: lines, and the end when nothing is left to do.' },
    {
      name: 'foreground',
      description:
        'The engine is this very process: for containers and systemd. Ctrl-C and SIGTERM end it in order.',
    },
    { name: 'stay', description: 'Wait for orders when nothing is left to do, until "landfall stop".' },
    { name: 'detached', description: 'The engine that landfall starts for itself.', hidden: true },
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
    { command: 'landfall run plan.yaml --step-by-step', does: 'approve each stage before it begins' },
    {
      command: 'landfall run plan.yaml --foreground --stay',
      does: 'as a service: until SIGTERM or "landfall stop"',
    },
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
    stepByStep: words.flag('step-by-step'),
    headless: words.flag('headless'),
    foreground: words.flag('foreground') || words.flag('detached'),
    stay: words.flag('stay'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, input) {
    const { readPlanToRun, dryRun } = await import('../evacuation.ts');
    const root = evacuationsRoot(io, input.state);
    const plan = await readPlanToRun(io, input.plan, root);
    if (input.dryRun) {
      const reason = input.anotherPass ? { anotherPass: ANOTHER_PASS } : {};
      await dryRun(io, { plan, root, json: input.json, ...reason });
      return EXIT.ok;
    }
    if (input.foreground) return runHere(io, plan, root, input);
    const { canShowScreens, showScreens } = await import('../ui.ts');
    const { runAndFollow, startEngine } = await import('../engine-start.ts');
    if (canShowScreens(io) && !input.headless && !input.json) {
      const { name } = await startEngine(io, { ...input, planFile: plan.file, root });
      return showScreens(io, { root, name, sshConfig: input.sshConfig });
    }
    return runAndFollow(io, { ...input, plan, root });
  },
});

const ANOTHER_PASS = 'asked for by the engineer';

interface HereInput {
  readonly json: boolean;
  readonly stay: boolean;
  readonly stepByStep: boolean;
  readonly anotherPass: boolean;
  readonly acceptPlan: boolean;
  readonly takeOver: boolean;
  readonly sshConfig: string | undefined;
}

/** This process is the engine. */
async function runHere(io: Io, plan: LoadedPlan, root: string, input: HereInput): Promise<ExitCode> {
  const { evacuateAndShow, endedOf, exitOf, printVerdict } = await import('../evacuation.ts');
  const evacuated = await evacuateAndShow(io, {
    ...{ plan, root, json: input.json, acceptPlan: input.acceptPlan, takeOver: input.takeOver },
    sshConfig: sshConfigOption(io, input.sshConfig),
    engine: {
      until: input.stay ? 'stay' : 'done',
      ...(input.stepByStep ? { hold: HELD_STAGES } : {}),
    },
    ...(input.anotherPass ? { anotherPass: ANOTHER_PASS } : {}),
  });
  if (evacuated.outcome.idle && !evacuated.outcome.cancelled && !input.json) {
    io.err('nothing was left to do; --another-pass brings the replicas up to date\n');
  }
  printVerdict(io, plan.plan, endedOf(evacuated), { json: input.json, passes: false });
  return exitOf(io, plan.plan, evacuated);
}

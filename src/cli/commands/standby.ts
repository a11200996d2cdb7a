import { LandfallError } from '../../foundation/errors.ts';
import { parseDuration } from '../../foundation/units.ts';
import { COMMON, defineCommand } from '../command.ts';
import { EVACUATION } from '../ordering.ts';

const ACTS = ['show', 'once', 'install', 'uninstall'] as const;
type Act = (typeof ACTS)[number];

export const standby = defineCommand({
  name: 'standby',
  summary:
    'keep the copies fresh once they have converged: who is due, who is late, and a timer that does it',
  description:
    'After a machine has converged and was compared, its next pass starts so that pass and comparison end before the ' +
    'last good copy is older than the RPO of its tier ("passes.every" and "verify.every" of the plan override that). ' +
    'An engine that stays does this by itself; a timer does it where none runs, for as long as the storm season lasts.\n' +
    '\n' +
    '  show       when the next pass of each machine is due, and who is late; contacts no host (the default)\n' +
    '  once       one cycle: makes everything that is due, and goes on with copies that are not complete yet\n' +
    '  install    a systemd service and timer on this machine that run such a cycle; --dry-run shows the files\n' +
    '  uninstall  takes them away; copies and journal stay\n' +
    '\n' +
    'Machines that are paused, held by the storm mode or cut over are left alone. Each cycle looks at the inventory ' +
    'again where it is older than an hour, so that an added disk is noticed.\n' +
    '\n' +
    'Exit code 0: nobody is late. Exit code 3: somebody is. once: 5 or 1 where passes failed, 6 where another landfall ' +
    'took the evacuation meanwhile.',
  arguments: [
    EVACUATION,
    {
      name: 'act',
      description: 'show, once, install or uninstall.',
      required: false,
      completes: 'nothing',
    },
  ],
  options: [
    COMMON.dryRun,
    {
      name: 'within',
      value: 'DURATION',
      description:
        'once: what falls due within this time is made now; by default a fifth of the shortest RPO.',
    },
    { name: 'system', description: 'install, uninstall: a unit of the system instead of your own.' },
    {
      name: 'to',
      value: 'DIR',
      description: 'install, uninstall: write the units there and enable nothing.',
      completes: 'directory',
    },
    {
      name: 'env-file',
      value: 'FILE',
      description: 'install: variables for the secrets that the plan takes from the environment.',
      completes: 'file',
    },
    { name: 'print-cron', description: 'Print a line for crontab instead, and install nothing.' },
    COMMON.json,
    COMMON.state,
    COMMON.sshConfig,
  ],
  examples: [
    { command: 'landfall standby miami-to-dallas', does: 'who is due when, and who is late' },
    { command: 'landfall standby plan.yaml once', does: 'everything that is due, now, once' },
    { command: 'landfall standby plan.yaml install --dry-run', does: 'the units, and how they are enabled' },
    {
      command: 'landfall standby plan.yaml install --system',
      does: 'kept fresh from now on, whoever logs out',
    },
    { command: 'landfall standby plan.yaml --print-cron', does: 'the same for a machine without systemd' },
  ],
  input: words => {
    const [evacuation, act] = wordsOf(words.text('evacuation'), words.text('act'));
    return {
      evacuation,
      act,
      within: durationOf(words.text('within')),
      dryRun: words.flag('dry-run'),
      system: words.flag('system'),
      to: words.text('to'),
      envFile: words.text('env-file'),
      printCron: words.flag('print-cron'),
      json: words.flag('json'),
      state: words.text('state'),
      sshConfig: words.text('ssh-config'),
    };
  },
  async run(io, input) {
    if (input.printCron) return (await import('../standby/install.ts')).printCron(io, input);
    switch (input.act) {
      case 'once':
        return (await import('../standby/once.ts')).standbyOnce(io, input);
      case 'install':
        return (await import('../standby/install.ts')).installStandby(io, input);
      case 'uninstall':
        return (await import('../standby/install.ts')).uninstallStandby(io, input);
      case 'show':
        return (await import('../standby/show.ts')).showStandby(io, input);
    }
  },
});

const actOf = (word: string | undefined): Act | undefined => ACTS.find(each => each === word);

/** The evacuation may be left out where there is one: what to do alone is no name of one. */
function wordsOf(evacuation: string | undefined, act: string | undefined): [string | undefined, Act] {
  if (act === undefined) {
    const alone = actOf(evacuation);
    return alone === undefined ? [evacuation, 'show'] : [undefined, alone];
  }
  const wanted = actOf(act);
  if (wanted !== undefined) return [evacuation, wanted];
  throw new LandfallError('usage', {
    what: `ACT: standby cannot "${act}"`,
    next: [`it is one of: ${ACTS.join(', ')}`],
  });
}

function durationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new LandfallError('usage', {
    what: `--within: "${text}" is no duration`,
    next: ['write it like 5m or 90s'],
  });
}

import { COMMON, defineCommand } from '../command.ts';
import { EVACUATION } from '../ordering.ts';

export const look = defineCommand({
  name: 'look',
  summary: 'names, clocks and credentials, looked at now; exit code 3 when something is not right',
  description:
    'Asks the resolvers of this machine for every record of the plan, every hypervisor and source machine for its time, ' +
    'and whether every password that the plan names can be read and every login works. Nothing is written anywhere, ' +
    'and the value of no secret is shown.\n' +
    '\n' +
    'Where an engine runs, it looks, and the gates dns-answers, dns-ttl, clocks and credentials rest on what it saw; ' +
    'it does so by itself at its start and every 15 minutes. Without one, this command looks from here, for which it ' +
    'needs the plan file.\n' +
    '\n' +
    'Exit code 0: all as it should be. Exit code 3: a name without an answer, a clock that is off by more than a second, ' +
    'a password or a login that does not work.',
  arguments: [EVACUATION],
  options: [
    { ...COMMON.dryRun, description: 'Print what would be asked of whom; ask nothing.' },
    COMMON.json,
    COMMON.state,
    COMMON.sshConfig,
  ],
  examples: [
    {
      command: 'landfall look plans/miami-to-dallas.yaml',
      does: 'before the evacuation begins, or while it runs',
    },
    { command: 'landfall look miami-to-dallas --json | jq .clocks', does: 'how far each clock is off' },
    { command: 'landfall look plan.yaml --dry-run', does: 'what it would ask' },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    dryRun: words.flag('dry-run'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, input) {
    const { look: lookNow } = await import('../looking.ts');
    return lookNow(io, input);
  },
});

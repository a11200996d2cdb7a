import { EXIT } from '../../foundation/exit-codes.ts';
import { COMMON, defineCommand } from '../command.ts';
import { evacuationsRoot, sshConfigOption } from '../paths.ts';

export const recover = defineCommand({
  name: 'recover',
  summary: 'take an evacuation up again on another machine, from its copy at the target site',
  description:
    'For the day on which the jump host is gone with the source site. At every milestone landfall writes plan, journal, ' +
    'notes, reports and logs to /var/lib/landfall/EVACUATION on each hypervisor of the target site. This command reads ' +
    'them there, proves every byte and the hash chain of the journal, and makes the directory of the evacuation anew; on ' +
    'the hypervisor it only reads. Without a name it lists what is there.\n' +
    '\n' +
    'Not mirrored, and to be brought along: your own login key for the hypervisors (receivers take this machine’s keys ' +
    'through their guest agents at the next run or cutover; one without an agent has to be built anew), the passwords that the plan ' +
    'names, its ssh_config, and what the list says was left out.\n' +
    '\n' +
    'Only one control machine may steer an evacuation: never go on at both. The copy refuses to be overwritten by the ' +
    'other one.',
  arguments: [
    {
      name: 'name',
      description: 'Name of the evacuation; without it, what is there is listed.',
      required: false,
      completes: 'nothing',
    },
  ],
  options: [
    {
      name: 'from',
      value: '[USER@]HOST[:PORT]',
      description: 'A hypervisor of the target site; ssh_config is heeded.',
      completes: 'nothing',
    },
    { name: 'sudo', description: 'Read through "sudo -n" there, because root may not log in.' },
    COMMON.json,
    COMMON.state,
    COMMON.sshConfig,
  ],
  examples: [
    { command: 'landfall recover --from root@dal-kvm1', does: 'what is there, and up to when' },
    { command: 'landfall recover miami-to-dallas --from root@dal-kvm1', does: 'take it up here' },
    {
      command: 'landfall cutover miami-to-dallas --dark',
      does: 'then: the cutover from the target side alone',
    },
  ],
  input: words => ({
    name: words.text('name'),
    from: words.text('from'),
    sudo: words.flag('sudo'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, input) {
    const { recoverHere } = await import('../recovering.ts');
    await recoverHere(io, {
      ...input,
      root: evacuationsRoot(io, input.state),
      sshConfig: sshConfigOption(io, input.sshConfig),
    });
    return EXIT.ok;
  },
});

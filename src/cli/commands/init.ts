import { COMMON, defineCommand } from '../command.ts';

export const init = defineCommand({
  name: 'init',
  summary: 'look at both sites and write a first plan; overwrites nothing',
  description:
    'Looks at the hypervisors of both sites with reading commands only (virsh -r), host keys verified as everywhere, ' +
    'and writes a plan with everything that it found: machines that run, networks, images at the target. What only ' +
    'you can know, above all a free address at the target for every machine, is left open, marked FILL IN, and ' +
    'listed with its line. Beside each machine a comment says what it was made as, whether it starts with its host, and ' +
    'what it wrote in about five seconds. Nothing is changed on any host, and a plan that exists is never overwritten.\n' +
    '\n' +
    'Exit code 5: the plan was written, and a hypervisor could not be reached.',
  arguments: [
    { name: 'file', description: 'The plan to write: plans/NAME.yaml.', required: true, completes: 'plan' },
  ],
  options: [
    {
      name: 'source',
      value: 'HOSTS',
      description:
        'Hypervisors of the site that will be lost, as ssh reaches them, with commas between them.',
    },
    { name: 'hypervisor', value: 'HOSTS', description: 'The same as --source.' },
    {
      name: 'target',
      value: 'HOSTS',
      description:
        'Hypervisors of the site where everything goes. Where they are not known yet, the plan leaves them open.',
    },
    {
      name: 'earliest',
      value: 'WHEN',
      description: 'Earliest credible loss: "in 3d4h", or an instant like 2026-11-26T06:00:00-05:00.',
    },
    { name: 'expected', value: 'WHEN', description: 'Expected loss, written in the same way.' },
    {
      name: 'machines',
      value: 'LIST',
      description:
        'Only these, with commas between them, also such as are shut off; by default all that run.',
    },
    {
      name: 'ssh-config',
      value: 'FILE',
      description:
        'An ssh_config to use instead of ~/.ssh/config; the plan will name it (LANDFALL_SSH_CONFIG).',
      completes: 'file',
    },
    COMMON.dryRun,
    COMMON.json,
  ],
  examples: [
    {
      command: 'landfall init plans/storm.yaml --source kvm1.miami.example --target kvm1.dallas.example',
      does: 'a first plan from what both hosts show; the deadline is yours to fill in',
    },
    {
      command:
        'landfall init plans/storm.yaml --source a,b --target c --earliest "in 3d4h" --expected "in 4d6h"',
      does: 'two hypervisors at the source, and the deadline',
    },
    {
      command: 'landfall init plans/storm.yaml --hypervisor kvm1.miami.example',
      does: 'what leaves, while it is not known yet where to; the target is left open',
    },
    {
      command: 'landfall init plans/storm.yaml --source a --target c --dry-run',
      does: 'which commands it would run there; touches no network',
    },
  ],
  input: words => ({
    file: words.text('file') ?? '',
    source: [...new Set([...hosts(words.text('source')), ...hosts(words.text('hypervisor'))])],
    target: hosts(words.text('target')),
    earliest: words.text('earliest'),
    expected: words.text('expected'),
    machines: words.text('machines') === undefined ? undefined : hosts(words.text('machines')),
    sshConfig: words.text('ssh-config'),
    dryRun: words.flag('dry-run'),
    json: words.flag('json'),
  }),
  async run(io, input) {
    const { initPlan } = await import('../init-plan.ts');
    return initPlan(io, input);
  },
});

/** `a, b` as its words, each once. */
const hosts = (list: string | undefined): string[] => [
  ...new Set((list ?? '').split(/[,\s]+/).filter(name => name !== '')),
];

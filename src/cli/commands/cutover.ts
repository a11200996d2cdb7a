import { COMMON, defineCommand } from '../command.ts';
import { EVACUATION, REASON } from '../ordering.ts';

/** As the orders of the engine call them; `show` is what no word means, too. */
const ACTS = ['show', 'begin', 'go', 'hold', 'run', 'tick', 'skip', 'reopen', 'no-return', 'abort'] as const;

export const cutover = defineCommand({
  name: 'cutover',
  summary: 'the switch to the target: its checklist, walked item by item, with a way back until the line',
  description:
    'Without an act it prints the checklist: what is done, whose turn it is, what comes. With one:\n' +
    '\n' +
    '  begin      look at the gates and begin; needs the name of the evacuation, and over open gates a reason\n' +
    '  go         landfall runs what it can until something waits for people; with --confirm NAME it stops the\n' +
    '             sources, too, otherwise those wait for a name of their own\n' +
    '  hold       nothing more begins by itself\n' +
    '  run ITEM   this one item, as soon as its turn comes\n' +
    '  tick ITEM  people have done it\n' +
    '  skip ITEM  it is not needed this time; needs a reason\n' +
    '  reopen ITEM  that tick was a mistake\n' +
    '  no-return  the copies are production from here on; needs the name of the evacuation\n' +
    '  abort      give up before that line: everything goes back as it was; needs a reason\n' +
    '\n' +
    'Order: stop what writes, copy for the last time, drain the databases, shut the sources down, start the copies, ' +
    'look at them; then the line; then open the databases, lead users over, commit. Up to the line an abort starts the ' +
    'sources again and no full copy is ever needed; replicas stay pristine until the commit.\n' +
    '\n' +
    'A running engine is ordered and followed; without one, an engine is started for this alone. Ctrl-C here ends only ' +
    'the showing. --dark: the source is gone; the copies start from their last verified pass, and what that loses is ' +
    'said before it begins.\n' +
    '\n' +
    'Exit code 0: what was ordered is done, or waits for people. Exit code 1: an item failed; why, and what to do, is ' +
    'printed.',
  arguments: [
    EVACUATION,
    { name: 'act', description: `What to do: ${ACTS.join(', ')}.`, required: false, completes: 'nothing' },
    {
      name: 'item',
      description: 'The item of the checklist: quiet/web1, switch/dns/www.example.com.',
      required: false,
      completes: 'nothing',
    },
  ],
  options: [
    {
      ...COMMON.dryRun,
      description: 'Print every action in order, or what would be answered; do nothing, contact nobody.',
    },
    {
      name: 'confirm',
      value: 'NAME',
      description: 'The typed name: of the evacuation for begin, go and no-return, of its subject for run.',
    },
    REASON,
    { name: 'rehearse', description: 'For begin: a rehearsal, in a lab or on staging.' },
    { name: 'dark', description: 'For begin, and for what is shown before it: the source is gone.' },
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
    { command: 'landfall cutover miami-to-dallas', does: 'the checklist, and whose turn it is' },
    { command: 'landfall cutover plan.yaml --dry-run', does: 'every action that it would take, in order' },
    {
      command: 'landfall cutover plan.yaml begin --confirm miami-to-dallas',
      does: 'begin; nothing is stopped yet',
    },
    {
      command: 'landfall cutover plan.yaml go --confirm miami-to-dallas',
      does: 'run what landfall can, stop the sources',
    },
    { command: 'landfall cutover plan.yaml tick look/web1', does: 'its owner has looked at it' },
    {
      command: 'landfall cutover plan.yaml abort --reason "the storm turned"',
      does: 'everything back as it was',
    },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    act: words.text('act') === undefined ? ('show' as const) : words.oneOf('act', ACTS),
    item: words.text('item'),
    confirm: words.text('confirm'),
    reason: words.text('reason'),
    rehearse: words.flag('rehearse'),
    dark: words.flag('dark'),
    dryRun: words.flag('dry-run'),
    foreground: words.flag('foreground') || words.flag('detached'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, { act, ...input }) {
    const { cutoverDryRun, cutoverHere, cutoverOrder, cutoverShow } = await import('../cutover/order.ts');
    if (act === 'show') return input.dryRun ? cutoverDryRun(io, input) : cutoverShow(io, input);
    const ordered = { ...input, act };
    if (input.dryRun) return cutoverDryRun(io, ordered);
    return input.foreground ? cutoverHere(io, ordered) : cutoverOrder(io, ordered);
  },
});

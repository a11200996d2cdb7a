import { LandfallError } from '../../foundation/errors.ts';
import { EXIT } from '../../foundation/exit-codes.ts';
import { counted } from '../../foundation/units.ts';
import { COMMON, defineCommand } from '../command.ts';
import { wrap } from '../help.ts';
import { evacuationsRoot, planFile, sshConfigOption } from '../paths.ts';
import { createStyle } from '../style.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'is this machine fit to steer an evacuation, and do its hosts let it in',
  description:
    'Looks at this machine: the programs that landfall calls, the SSH agent, the terminal, the state directory. ' +
    'With a plan it also resolves every host of the plan through ssh_config, verifies its host key and logs in; ' +
    'it runs "true" there and nothing else. With --leftovers it lists instead what landfall has left on these hosts, with ' +
    'its age and whose it is: jobs, keys, exclude lists, snapshots, checkpoints, pieces. What a running evacuation uses is ' +
    'named as such. It only reads; "landfall clean" removes what is this plan\'s own. With --link it measures the line ' +
    'between the hypervisors: both ways, one and four streams, at most 4 s and 128 MiB each and never above the limit of the ' +
    'plan; what their disks read and write, what a CPU encrypts, and which of these is the bottleneck. A key for a quarter of ' +
    'an hour is made for it, and nothing of it stays.',
  arguments: [
    { name: 'plan', description: 'Also try every host of this plan.', required: false, completes: 'plan' },
  ],
  options: [
    { name: 'leftovers', description: 'List what landfall has left on the hosts of this plan.' },
    {
      name: 'link',
      description: "Measure the line between the hypervisors of this plan; it is production's.",
    },
    { name: 'yes', description: 'With --link: do not ask before the line is used.' },
    { ...COMMON.dryRun, description: 'With --link: print every command in order; contact no host.' },
    COMMON.json,
    COMMON.state,
    COMMON.sshConfig,
  ],
  examples: [
    { command: 'landfall doctor', does: 'this machine alone' },
    { command: 'landfall doctor plans/miami-to-dallas.yaml', does: 'and every host of the plan' },
    {
      command: 'landfall doctor plans/miami-to-dallas.yaml --leftovers',
      does: 'what landfall has left on its hosts, and what of it is in use',
    },
    {
      command: 'landfall doctor plans/miami-to-dallas.yaml --link',
      does: 'how fast the line is, and what holds it back; asks first',
    },
    { command: 'landfall doctor --json', does: 'to paste into a ticket; it holds no secrets' },
  ],
  input: words => ({
    plan: words.text('plan'),
    leftovers: words.flag('leftovers'),
    link: words.flag('link'),
    yes: words.flag('yes'),
    dryRun: words.flag('dry-run'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, input) {
    if (input.leftovers) {
      const { showLeftovers } = await import('../leftovers.ts');
      return showLeftovers(io, input);
    }
    if (input.link) {
      const { testLink } = await import('../link-test.ts');
      return testLink(io, input);
    }
    if (input.dryRun || input.yes)
      throw new LandfallError('usage', {
        what: `${input.dryRun ? '--dry-run' : '--yes'} belongs to --link: everything else only reads`,
        next: ['landfall doctor PLAN --link --dry-run'],
      });
    const { examineMachine, examineHosts } = await import('../examine.ts');
    const root = evacuationsRoot(io, input.state);
    const findings = await examineMachine(io, root);
    if (input.plan !== undefined) {
      const file = await planFile(io, input.plan);
      findings.push(...(await examineHosts(io, file, sshConfigOption(io, input.sshConfig))));
    }
    const bad = findings.filter(f => f.verdict === 'bad');
    if (input.json)
      io.out(`${JSON.stringify({ v: 1, type: 'doctor', sound: bad.length === 0, findings })}\n`);
    else {
      const style = createStyle(io.colour, io.unicode);
      const width = Math.max(...findings.map(f => f.subject.length));
      const under = ' '.repeat(width + 4);
      for (const { verdict, subject, found, evidence = [], next = [] } of findings) {
        const [first = '', ...rest] = wrap(found, io.columns - under.length);
        io.out(`${style[verdict](style.marks[verdict])} ${subject.padEnd(width)}  ${first}\n`);
        for (const line of rest) io.out(`${under}${line}\n`);
        for (const line of evidence) io.out(`${under}| ${line}\n`);
        next.forEach((step, at) => {
          io.out(`${under}${at === 0 ? 'next: ' : '      '}${step}\n`);
        });
      }
      io.out(
        bad.length === 0
          ? '\nfit to steer an evacuation\n'
          : `\n${counted(bad.length, 'finding')} to mend first\n`,
      );
    }
    // A refused key or login is told apart from everything else only where nothing else is wrong.
    if (bad.length > 0 && bad.every(f => f.exit === EXIT.access)) return EXIT.access;
    return bad.length === 0 ? EXIT.ok : EXIT.failed;
  },
});

import { EXIT } from '../../foundation/exit-codes.ts';
import { counted } from '../../foundation/units.ts';
import { COMMON, defineCommand } from '../command.ts';
import { evacuationsRoot, planFile, sshConfigOption } from '../paths.ts';
import { createStyle } from '../style.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'is this machine fit to steer an evacuation, and do its hosts let it in',
  description:
    'Looks at this machine: the programs that landfall calls, the SSH agent, the terminal, the state directory. ' +
    'With a plan it also resolves every host of the plan through ssh_config, verifies its host key and logs in; ' +
    'it runs "true" there and nothing else.',
  arguments: [
    { name: 'plan', description: 'Also try every host of this plan.', required: false, completes: 'plan' },
  ],
  options: [COMMON.json, COMMON.state, COMMON.sshConfig],
  examples: [
    { command: 'landfall doctor', does: 'this machine alone' },
    { command: 'landfall doctor plans/miami-to-dallas.yaml', does: 'and every host of the plan' },
    { command: 'landfall doctor --json', does: 'to paste into a ticket; it holds no secrets' },
  ],
  input: words => ({
    plan: words.text('plan'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, input) {
    const { examineMachine, examineHosts } = await import('../examine.ts');
    const root = evacuationsRoot(io, input.state);
    const findings = await examineMachine(io, root);
    if (input.plan !== undefined) {
      const file = await planFile(io, input.plan);
      findings.push(...(await examineHosts(io, file, sshConfigOption(io, input.sshConfig))));
    }
    const failed = findings.filter(f => f.verdict === 'bad').length;
    if (input.json) io.out(`${JSON.stringify({ v: 1, type: 'doctor', sound: failed === 0, findings })}\n`);
    else {
      const style = createStyle(io.colour, io.unicode);
      const width = Math.max(...findings.map(f => f.subject.length));
      for (const { verdict, subject, found, next } of findings) {
        const mark = {
          good: style.good(style.marks.good),
          warn: style.warn(style.marks.warn),
          bad: style.bad(style.marks.bad),
        }[verdict];
        io.out(`${mark} ${subject.padEnd(width)}  ${found}\n`);
        if (next !== undefined) io.out(`  ${' '.repeat(width)}  next: ${next}\n`);
      }
      io.out(
        failed === 0 ? '\nfit to steer an evacuation\n' : `\n${counted(failed, 'finding')} to mend first\n`,
      );
    }
    return failed === 0 ? EXIT.ok : EXIT.failed;
  },
});

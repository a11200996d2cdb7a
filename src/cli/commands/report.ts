import { LandfallError } from '../../foundation/errors.ts';
import { EXIT } from '../../foundation/exit-codes.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';

export const report = defineCommand({
  name: 'report',
  summary: 'the whole truth about an evacuation, as Markdown or JSON',
  description:
    'Writes the readiness report: verdict first, then what to do next, then every machine with its passes, ' +
    'verification, exposure and gates, each with evidence, a command to check it by hand and a remedy. Like status, ' +
    'it takes no lock and contacts no host.',
  arguments: [ARGUMENTS.evacuation],
  options: [
    COMMON.json,
    {
      name: 'output',
      short: 'o',
      value: 'FILE',
      description: 'Write to this file instead of stdout.',
      completes: 'file',
    },
    COMMON.state,
  ],
  examples: [
    { command: 'landfall report miami-to-dallas | less', does: 'read it' },
    { command: 'landfall report miami-to-dallas --output readiness.md', does: 'a file to send around' },
    { command: 'landfall report miami-to-dallas --json', does: 'the same facts for programs' },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    json: words.flag('json'),
    output: words.text('output'),
    state: words.text('state'),
  }),
  async run(io, input) {
    const [{ loadEvacuation }, { reportOf }, { markdownOf }, { writeFile }, { resolve }] = await Promise.all([
      import('../recorded.ts'),
      import('../../reports/model.ts'),
      import('../../reports/markdown.ts'),
      import('node:fs/promises'),
      import('node:path'),
    ]);
    const { plan, state, planHash } = await loadEvacuation(io, input.evacuation, input.state);
    const model = reportOf({ plan, state }, io.clock.now(), planHash === undefined ? {} : { planHash });
    const text = input.json ? `${JSON.stringify({ type: 'report', ...model })}\n` : markdownOf(model);
    if (input.output === undefined) io.out(text);
    else {
      const file = resolve(io.cwd, input.output);
      await writeFile(file, text).catch((cause: unknown) => {
        throw new LandfallError('usage', {
          what: `the report cannot be written to ${file}`,
          evidence: [cause instanceof Error ? cause.message : String(cause)],
          next: ['choose another place with --output, or leave it out to print the report'],
          cause,
        });
      });
      io.err(`report written to ${file}\n`);
    }
    return EXIT.ok;
  },
});

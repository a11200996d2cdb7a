import { EXIT } from '../../foundation/exit-codes.ts';
import { counted } from '../../foundation/units.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';
import { planFile, shortPath } from '../paths.ts';
import { createStyle } from '../style.ts';

export const check = defineCommand({
  name: 'check',
  summary: 'read a plan and name everything that is wrong with it; touches nothing',
  description:
    'Reads the plan as every other command reads it and lists all problems at once, each with file, line and column, ' +
    'the value it is about and what to write instead. No host is contacted and nothing is written.\n' +
    '\n' +
    'Exit code 0: the plan is sound (there may be warnings). Exit code 2: it is not.',
  arguments: [ARGUMENTS.plan],
  options: [COMMON.json],
  examples: [
    { command: 'landfall check plans/miami-to-dallas.yaml', does: 'check the example of this project' },
    { command: 'landfall check plan.yaml --json', does: 'the same for an editor or a pipeline' },
  ],
  input: words => ({ plan: words.text('plan'), json: words.flag('json') }),
  async run(io, input) {
    const [{ examinePlan }, { formatProblem, problemsJson }] = await Promise.all([
      import('../../plan/read.ts'),
      import('../../plan/format.ts'),
    ]);
    const file = await planFile(io, input.plan);
    const { result, text } = await examinePlan(file, io.clock.now());
    const shown = shortPath(io, file);
    const problems = result.ok ? result.warnings : result.problems;
    if (input.json) {
      io.out(`${JSON.stringify({ type: 'check', ...problemsJson(file, result) })}\n`);
      return result.ok ? EXIT.ok : EXIT.usage;
    }
    const style = createStyle(io.colour, io.unicode);
    for (const problem of problems) io.out(`${formatProblem({ ...problem, file: shown }, text)}\n`);
    const errors = problems.filter(p => p.severity === 'error').length;
    const warnings = problems.length - errors;
    const summary = [
      errors > 0 ? counted(errors, 'error') : '',
      warnings > 0 ? counted(warnings, 'warning') : '',
    ]
      .filter(part => part !== '')
      .join(', ');
    if (!result.ok) {
      io.out(`${style.bad(style.marks.bad)} ${shown}: ${summary}; nothing was contacted\n`);
      return EXIT.usage;
    }
    const { plan } = result;
    const machines = Object.keys(plan.machines).length;
    const databases = Object.keys(plan.databases).length;
    io.out(
      `${style.good(style.marks.good)} ${shown}: plan "${plan.name}" is sound${summary === '' ? '' : ` (${summary})`}: ` +
        `${counted(machines, 'machine')}, ${counted(databases, 'database')}\n` +
        `  next: landfall run ${shown} --dry-run\n`,
    );
    return EXIT.ok;
  },
});

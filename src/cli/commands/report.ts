import { LandfallError } from '../../foundation/errors.ts';
import { EXIT, type ExitCode } from '../../foundation/exit-codes.ts';
import type { Event } from '../../journal/events.ts';
import type { Report } from '../../reports/shape.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';
import type { Io } from '../io.ts';

const KINDS = [
  'readiness',
  'runbook',
  'worksheets',
  'recovery',
  'executive',
  'rehearsal',
  'timeline',
  'all',
] as const;
const FORMATS = ['md', 'html', 'csv', 'json'] as const;
type Kind = (typeof KINDS)[number];
type Format = (typeof FORMATS)[number];

export const report = defineCommand({
  name: 'report',
  summary: 'documents to read, print and hand out: readiness, runbook, worksheets, status, rehearsal',
  description:
    'Writes a document about an evacuation, from its journal alone; it takes no lock and contacts no host.\n' +
    '\n' +
    'readiness: verdict first, then what to do next, then every machine with its passes, verification, exposure and\n' +
    '  gates, each with evidence, a command to check it by hand and a remedy\n' +
    'runbook: the cutover on paper, with owners, exact commands, expected output, allowances, rollback and boxes to tick;\n' +
    '  it works without landfall and without a network\n' +
    'worksheets: the steps of each owner; as CSV one file for each\n' +
    'recovery: what each machine is, where, for whom, what it needs and how to see that it works, by department and\n' +
    '  tier; as CSV one file for each\n' +
    'executive: ten lines for whoever decides\n' +
    'rehearsal: what each step of the cutover took, against its allowance, the recovery time and earlier rehearsals\n' +
    'timeline: what happened, and how exposed every machine was\n' +
    'all: every document as Markdown and HTML, and the worksheets, into a directory\n' +
    '\n' +
    'HTML files need nothing else: no script, no network; they print on A4. Every page says on which plan and event it ' +
    'rests and from when it is stale. --check says whether a runbook on paper is still valid.\n' +
    '\n' +
    'Exit code 7: --check found that the runbook is not valid any more.',
  arguments: [ARGUMENTS.evacuation],
  options: [
    {
      name: 'kind',
      short: 'k',
      value: 'KIND',
      choices: KINDS,
      description: 'Which document; readiness unless told.',
    },
    {
      name: 'format',
      short: 'f',
      value: 'FORMAT',
      choices: FORMATS,
      description: 'md, html, csv or json; by default as the output file ends, otherwise md.',
    },
    COMMON.json,
    {
      name: 'output',
      short: 'o',
      value: 'PATH',
      description: 'Write to this file, or into this directory, instead of stdout.',
      completes: 'file',
    },
    {
      name: 'dark',
      description: 'The runbook as it would be with the source gone.',
    },
    {
      name: 'check',
      value: 'FILE|CODE',
      description: 'Is this runbook still valid? A file, or the code that is printed on every page.',
      completes: 'file',
    },
    COMMON.state,
  ],
  examples: [
    { command: 'landfall report miami-to-dallas | less', does: 'the readiness report, to read' },
    {
      command: 'landfall report miami-to-dallas --kind runbook -o runbook.html',
      does: 'the runbook, to print',
    },
    {
      command: 'landfall report miami-to-dallas --kind worksheets -o sheets/ --format csv',
      does: 'one sheet for each owner',
    },
    { command: 'landfall report miami-to-dallas --kind all -o binder/', does: 'everything' },
    {
      command: 'landfall report miami-to-dallas --check 4f2a91c3.77aa01bb.1289',
      does: 'whether the paper in your hand still counts',
    },
    { command: 'landfall report miami-to-dallas --json', does: 'the same facts for programs' },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    kind: words.text('kind') === undefined ? 'readiness' : words.oneOf('kind', KINDS),
    format: words.text('format') === undefined ? undefined : words.oneOf('format', FORMATS),
    json: words.flag('json'),
    output: words.text('output'),
    dark: words.flag('dark'),
    check: words.text('check'),
    state: words.text('state'),
  }),
  async run(io, input) {
    const format = formatOf(input);
    const [{ loadEvacuation }, { fullReport, redactorFor }, { timingsKept }, { evacuationsRoot }] =
      await Promise.all([
        import('../recorded.ts'),
        import('../reporting.ts'),
        import('../timings.ts'),
        import('../paths.ts'),
      ]);
    const events: Event[] = [];
    const loaded = await loadEvacuation(io, input.evacuation, input.state, event => events.push(event));
    const name = loaded.state.evacuation?.name ?? loaded.plan.name;
    const model = await fullReport({
      plan: loaded.plan,
      state: loaded.state,
      events,
      now: io.clock.now(),
      timings: await timingsKept(evacuationsRoot(io, input.state), name),
      dark: input.dark,
      redactor: await redactorFor(loaded.plan, io.env),
      ...(loaded.planHash === undefined ? {} : { planHash: loaded.planHash }),
    });
    if (input.check !== undefined) return checkPaper(io, input.check, model, input.json);
    return write(io, input.kind, format, model, input.output);
  },
});

function formatOf({
  format,
  json,
  output,
}: {
  readonly format: Format | undefined;
  readonly json: boolean;
  readonly output: string | undefined;
}): Format {
  if (json && format !== undefined && format !== 'json')
    throw new LandfallError('usage', {
      what: `--json and --format ${format} contradict each other`,
      next: ['give one of them'],
    });
  if (json) return 'json';
  return format ?? FORMATS.find(each => output?.endsWith(`.${each}`) === true) ?? 'md';
}

async function write(
  io: Io,
  kind: Kind,
  format: Format,
  model: Report,
  output: string | undefined,
): Promise<ExitCode> {
  const [{ renderAll, renderFiles, renderReport }, { writeReportFiles }] = await Promise.all([
    import('../../reports/documents.ts'),
    import('../report-files.ts'),
  ]);
  if (output === undefined) {
    if (kind === 'all')
      throw new LandfallError('usage', {
        what: 'all documents together need a directory',
        next: [`landfall report ${model.evacuation.name} --kind all --output DIR`],
      });
    io.out(renderReport(kind, format, model) ?? '');
    return EXIT.ok;
  }
  const files = kind === 'all' ? renderAll(model) : renderFiles(kind, format, model);
  const whole = kind === 'all' ? undefined : renderReport(kind, format, model);
  for (const path of await writeReportFiles(io.cwd, output, files, whole))
    io.err(`report written to ${path}\n`);
  return EXIT.ok;
}

async function checkPaper(io: Io, paper: string, model: Report, json: boolean): Promise<ExitCode> {
  const [{ checkPaper: judge, readPaper }, { readPaperText }] = await Promise.all([
    import('../../reports/runbook/paper.ts'),
    import('../report-files.ts'),
  ]);
  const read = readPaper(await readPaperText(io.cwd, paper));
  if (read === undefined)
    throw new LandfallError('usage', {
      what: `${JSON.stringify(paper)} is neither a runbook of landfall nor the code of one`,
      next: ['the code stands at the foot of every page, behind --check: 4f2a91c3.77aa01bb.1289'],
    });
  const { valid, words } = judge(read, model);
  if (json) io.out(`${JSON.stringify({ v: 1, type: 'paper', valid, words, ...read })}\n`);
  else {
    io.out(`${valid ? 'valid' : 'NOT VALID'}: ${words.join('; ')}\n`);
    if (!valid)
      io.out(
        `next: print it again: landfall report ${model.evacuation.name} --kind runbook -o runbook.html\n`,
      );
  }
  return valid ? EXIT.ok : EXIT.drift;
}

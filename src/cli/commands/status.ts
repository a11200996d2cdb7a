import { EXIT } from '../../foundation/exit-codes.ts';
import { harmless } from '../../foundation/text.ts';
import { formatDuration } from '../../foundation/units.ts';
import type { EvacuationState } from '../../journal/state.ts';
import type { Report } from '../../reports/shape.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';
import { evacuationsRoot } from '../paths.ts';
import { createStyle } from '../style.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'what is ready, what would be lost now; exit code 3 when not ready',
  description:
    'Reads the journal of an evacuation, running or not, and shows one line for each machine and a verdict. It ' +
    'takes no lock, contacts no host and writes nothing. Evidence that is missing or too old never counts as ready.\n' +
    '\n' +
    'Exit code 0: ready as far as this version checks. Exit code 3: not ready.',
  arguments: [ARGUMENTS.evacuation],
  options: [
    COMMON.json,
    {
      name: 'one-line',
      description: 'Only the verdict, in one line: for a prompt, a status bar or a pager.',
    },
    {
      name: 'executive',
      description:
        'Ten lines for whoever decides, at most 72 columns wide: for an e-mail or a telephone call.',
    },
    { name: 'passes', description: 'Also every pass of every machine: how the copies converged.' },
    COMMON.state,
  ],
  examples: [
    { command: 'landfall status miami-to-dallas', does: 'the table and the verdict' },
    {
      command: 'landfall status plans/miami-to-dallas.yaml --one-line',
      does: 'the same evacuation, found through its plan',
    },
    { command: 'landfall status miami-to-dallas --executive', does: 'what the manager wants to hear' },
    { command: 'landfall status --json | jq .verdict', does: 'for programs' },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    json: words.flag('json'),
    oneLine: words.flag('one-line'),
    executive: words.flag('executive'),
    passes: words.flag('passes'),
    state: words.text('state'),
  }),
  async run(io, input) {
    const [{ loadEvacuation }, { reportOf }, { passTable, statusLine, statusTable }, timings] =
      await Promise.all([
        import('../recorded.ts'),
        import('../../reports/model.ts'),
        import('../../reports/text.ts'),
        import('../timings.ts'),
      ]);
    const { plan, state, planHash, tornBytes } = await loadEvacuation(io, input.evacuation, input.state);
    const root = evacuationsRoot(io, input.state);
    const report = reportOf({ plan, state }, io.clock.now(), {
      triage: true,
      ...timings.rehearsedAt(await timings.timingsKept(root, plan.name)),
      ...(planHash === undefined ? {} : { planHash }),
      ...(input.executive ? { checklist: {} } : {}),
    });
    if (tornBytes > 0) {
      io.err(
        `the last line of the journal is unfinished (${tornBytes} bytes): it is being written, or a crash cut it; the next run mends it\n`,
      );
    }
    const recovered = state.evacuation?.recovered;
    if (recovered !== undefined && !input.oneLine) io.err(`${recoveredWords(recovered, io.clock.now())}\n`);
    if (input.json) io.out(`${JSON.stringify({ type: 'status', ...report })}\n`);
    else if (input.executive) {
      const { executiveLines } = await import('../../reports/executive.ts');
      io.out(`${executiveLines(report).join('\n')}\n`);
    } else if (input.oneLine) io.out(`${statusLine(report, io)}\n`);
    else {
      const text = { width: io.columns, unicode: io.unicode };
      if (input.passes) io.out(`${passTable(report, text)}\n\n`);
      io.out(`${statusTable(report, text)}\n`);
      if (!isDone(report)) {
        const next = `next: landfall report ${report.evacuation.name} shows every gate with its remedy`;
        io.out(`${createStyle(io.colour, io.unicode).dim(next)}\n`);
      }
    }
    return isDone(report) ? EXIT.ok : EXIT.notReady;
  },
});

/** Ready, or beyond it: the copies are production. */
const isDone = ({ verdict, evacuation }: Report): boolean =>
  verdict.overall === 'ready' || evacuation.cutover?.phase === 'committed';

/** Whoever reads the table must know that its facts end where the lost control machine last wrote a copy. */
function recoveredWords(
  { from, upTo, lastAt, at, by }: NonNullable<EvacuationState['recovered']>,
  now: number,
): string {
  return harmless(
    `taken up again by ${by} from ${from} ${formatDuration(now - at)} ago: what the lost control machine saw after event ${upTo} (${formatDuration(now - lastAt)} ago) is not known here`,
  );
}

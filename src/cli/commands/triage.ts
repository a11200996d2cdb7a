import { EXIT } from '../../foundation/exit-codes.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';

export const triage = defineCommand({
  name: 'triage',
  summary: 'who makes it before the storm, in which order, and what would change that',
  description:
    'Reckons from the journal: what every machine and database has still to send, what the passes so far measured of the ' +
    'link, how far their forecasts were off, and the earliest loss. Machines of a higher priority come first, as many of ' +
    'them as can be saved; one that needs another counts only with it. Contacts no host and needs no engine.\n' +
    '\n' +
    'What would change the answer is tried before it is advised: more Mbit/s, the best order, a path left out, a writer ' +
    'stopped, another machine given up. "landfall mode PLAN squeeze" makes the order hold.\n' +
    '\n' +
    'Exit code 0: everybody makes it. Exit code 3: somebody may not, or nobody can say.',
  arguments: [ARGUMENTS.evacuation],
  options: [COMMON.json, COMMON.state],
  examples: [
    { command: 'landfall triage miami-to-dallas', does: 'the table, and what would save more' },
    {
      command: 'landfall triage miami-to-dallas --json | jq -r ".savers[].words"',
      does: 'for programs',
    },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    json: words.flag('json'),
    state: words.text('state'),
  }),
  async run(io, input) {
    const [{ loadEvacuation }, { triageOf }, { groupExposures }, { triageText }] = await Promise.all([
      import('../recorded.ts'),
      import('../../readiness/triage/index.ts'),
      import('../../readiness/group-exposure.ts'),
      import('../triage-table.ts'),
    ]);
    const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
    const now = io.clock.now();
    const answer = triageOf({ plan, state }, now);
    const groups = groupExposures({ plan, state }, now);
    if (input.json)
      io.out(
        `${JSON.stringify({ v: 1, type: 'triage', evacuation: plan.name, at: now, ...answer, groups })}\n`,
      );
    else {
      const { columns: width, unicode, colour } = io;
      io.out(triageText(plan.name, answer, groups, { now, width, unicode, colour }));
    }
    return answer.rows.every(({ verdict }) => verdict === 'will-make-it') ? EXIT.ok : EXIT.notReady;
  },
});

import { EXIT } from '../../foundation/exit-codes.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';

export const sizing = defineCommand({
  name: 'sizing',
  summary: 'how much leaves, how fast it changes, and how long that takes over the line',
  description:
    'Reckons from the journal: what each machine holds and writes, the first pass and the later ones by each mover, ' +
    'databases by their size, and all of it against the line as "landfall doctor PLAN --link" measured it, otherwise ' +
    'against the limit of the plan or what passes got. Once passes ran, what they took stands beside the estimate. ' +
    'What nobody has seen is named and never counted as nothing. Contacts no host and needs no engine.\n' +
    '\n' +
    'Exit code 0: it fits before the earliest loss. Exit code 3: it does not, or nobody can say.',
  arguments: [ARGUMENTS.evacuation],
  options: [COMMON.json, COMMON.state],
  examples: [
    {
      command: 'landfall sizing miami-to-dallas',
      does: 'the table, the line, and what is missing for a yes',
    },
    { command: 'landfall sizing miami-to-dallas --json | jq .totalMs', does: 'for programs' },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    json: words.flag('json'),
    state: words.text('state'),
  }),
  async run(io, input) {
    const [{ loadEvacuation }, { sizingOf }, { sizingText }] = await Promise.all([
      import('../recorded.ts'),
      import('../../estate/sizing/sizing.ts'),
      import('../sizing-table.ts'),
    ]);
    const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
    const now = io.clock.now();
    const found = sizingOf({ plan, state }, now);
    if (input.json)
      io.out(`${JSON.stringify({ v: 1, type: 'sizing', evacuation: plan.name, at: now, ...found })}\n`);
    else io.out(sizingText(plan.name, found, { now, width: io.columns, unicode: io.unicode }));
    return found.fits === true ? EXIT.ok : EXIT.notReady;
  },
});

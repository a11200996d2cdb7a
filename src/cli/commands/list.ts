import { EXIT } from '../../foundation/exit-codes.ts';
import { COMMON, defineCommand } from '../command.ts';
import { evacuationsRoot } from '../paths.ts';

export const list = defineCommand({
  name: 'list',
  summary: 'all evacuations here, and which of them an engine steers right now',
  description:
    'Reads the journals and locks of the state directory, takes none, and contacts no host. "engine gone": it was ' +
    'running when its engine died, nobody steers it, and it goes on where it was with the command that is named.',
  arguments: [],
  options: [COMMON.json, COMMON.state],
  examples: [
    { command: 'landfall list', does: 'the newest first' },
    {
      command: 'landfall list --json | jq -r ".evacuations[] | select(.running).name"',
      does: 'for programs',
    },
  ],
  input: words => ({ json: words.flag('json'), state: words.text('state') }),
  async run(io, input) {
    const [{ findEvacuations }, { evacuationList, howItGoesOn }] = await Promise.all([
      import('../../evacuation/engine/find.ts'),
      import('../evacuation-list.ts'),
    ]);
    const root = evacuationsRoot(io, input.state);
    const evacuations = await findEvacuations({ root });
    if (input.json) io.out(`${JSON.stringify({ v: 1, type: 'list', root, evacuations })}\n`);
    else if (evacuations.length > 0) {
      io.out(evacuationList(evacuations, io.clock.now()));
      for (const each of evacuations) if (each.interrupted) io.err(howItGoesOn(each));
    } else io.err(`no evacuations in ${root}\nstart one: landfall run PLAN, or try: landfall rehearse\n`);
    return EXIT.ok;
  },
});

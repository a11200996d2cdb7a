import { COMMON, defineCommand } from '../command.ts';
import { EVACUATION } from '../ordering.ts';
import { evacuationsRoot } from '../paths.ts';

export const attach = defineCommand({
  name: 'attach',
  summary: 'see a running evacuation; leaving it ends nothing',
  description:
    'On a terminal, the screens, with everything that can be ordered. With --plain, --json or without a terminal, ' +
    'every event from now on as a line, until Ctrl-C or until the engine ends. Any number of engineers may look on ' +
    'at once, and each sees who else does.',
  arguments: [EVACUATION],
  options: [
    { name: 'plain', description: 'Lines instead of screens.' },
    { ...COMMON.json, description: 'Every event and sample as one JSON object a line.' },
    COMMON.state,
  ],
  examples: [
    { command: 'landfall attach', does: 'the one that runs' },
    { command: 'landfall attach miami-to-dallas --plain', does: 'lines, for a terminal that cannot redraw' },
    {
      command: 'landfall attach miami-to-dallas --json | jq -c "select(.event).event.type"',
      does: 'events for programs',
    },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    plain: words.flag('plain'),
    json: words.flag('json'),
    state: words.text('state'),
  }),
  async run(io, input) {
    const [{ whichRunning }, { watchEngine }] = await Promise.all([
      import('../which.ts'),
      import('../watch.ts'),
    ]);
    const root = evacuationsRoot(io, input.state);
    const { canShowScreens, showScreens } = await import('../ui.ts');
    const name = await whichRunning(io, input.evacuation, root);
    // The screens show what the journal says where no engine runs, and can start one.
    if (canShowScreens(io) && !input.plain && !input.json) return showScreens(io, { root, name });
    return watchEngine(io, { root, name, json: input.json });
  },
});

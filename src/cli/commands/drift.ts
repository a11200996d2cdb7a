import { EXIT } from '../../foundation/exit-codes.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';

export const drift = defineCommand({
  name: 'drift',
  summary: 'where the plan and what was seen last differ, and what to do about it',
  description:
    'Compares the plan with what the inventory recorded: domains that nobody listed or that are gone, disks that came, went ' +
    'or grew after the target was built, networks and pools that are missing or stand still, addresses, jobs, snapshots, ' +
    'devices and processors that do not go with a copy, certificates and credentials that run out, and what is not as it was ' +
    'at the inventory before. Contacts no host: "landfall inventory" looks again.\n' +
    '\n' +
    'Exit code 0: nothing stands in the way. Exit code 3: something does.',
  arguments: [ARGUMENTS.evacuation],
  options: [COMMON.json, COMMON.state],
  examples: [
    { command: 'landfall drift miami-to-dallas', does: 'what differs, the worst first' },
    { command: 'landfall drift miami-to-dallas --json | jq -r ".drift[].what"', does: 'for programs' },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    json: words.flag('json'),
    state: words.text('state'),
  }),
  async run(io, input) {
    const [{ loadEvacuation }, { driftOf }, { driftText }] = await Promise.all([
      import('../recorded.ts'),
      import('../../estate/drift/drift.ts'),
      import('../drift-list.ts'),
    ]);
    const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
    const now = io.clock.now();
    const found = driftOf({ plan, state }, now);
    io.out(
      input.json
        ? `${JSON.stringify({ v: 1, type: 'drift', evacuation: plan.name, at: now, drift: found })}\n`
        : driftText({ plan, state }, found, {
            now,
            width: io.columns,
            unicode: io.unicode,
            colour: io.colour,
          }),
    );
    return found.some(({ severity }) => severity === 'critical') ? EXIT.notReady : EXIT.ok;
  },
});

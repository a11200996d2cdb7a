import { EXIT } from '../../foundation/exit-codes.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';

export const dependencies = defineCommand({
  name: 'dependencies',
  summary: 'who needs whom, what nobody has settled, and the order that follows',
  description:
    'Puts together what the inventory saw: sockets over time, file systems of other servers, what configuration names, ' +
    'addresses that stand in files, linked servers and references of databases. Each is in the plan, external, or unknown. ' +
    'Contacts no host and needs no engine.\n' +
    '\n' +
    'The order is a proposal: databases before applications before front ends, nothing before what it needs. Where the ' +
    "plan's order contradicts it, the line that sets it right is named.\n" +
    '\n' +
    'Exit code 0: everything is settled. Exit code 3: something is unknown, or lost with the source site.',
  arguments: [
    ARGUMENTS.evacuation,
    { name: 'machine', description: 'Only this machine or database.', required: false, completes: 'nothing' },
  ],
  options: [
    COMMON.json,
    { name: 'dot', description: 'The graph in the language of Graphviz.' },
    { name: 'mermaid', description: 'The graph as a Mermaid flowchart.' },
    COMMON.state,
  ],
  examples: [
    { command: 'landfall dependencies miami-to-dallas', does: 'the table, the findings, the order' },
    { command: 'landfall dependencies miami-to-dallas web1', does: 'in and out of one machine' },
    { command: 'landfall dependencies miami-to-dallas --dot | dot -Tsvg', does: 'a picture' },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    machine: words.text('machine'),
    json: words.flag('json'),
    dot: words.flag('dot'),
    mermaid: words.flag('mermaid'),
    state: words.text('state'),
  }),
  async run(io, input) {
    const [{ loadEvacuation }, { dependenciesOf }, text] = await Promise.all([
      import('../recorded.ts'),
      import('../../estate/dependencies/dependencies.ts'),
      import('../dependencies-text.ts'),
    ]);
    const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
    const now = io.clock.now();
    const whole = dependenciesOf({ plan, state }, now);
    const all = input.machine === undefined ? whole : text.onlyOf(plan, whole, input.machine);
    if (input.json)
      io.out(`${JSON.stringify({ v: 1, type: 'dependencies', evacuation: plan.name, at: now, ...all })}\n`);
    else if (input.dot) io.out(text.dotText(all));
    else if (input.mermaid) io.out(text.mermaidText(all));
    else {
      const looked = Object.values(state.machines).filter(({ surveyed }) => surveyed !== undefined).length;
      const asked = { machines: Object.keys(plan.machines).length, looked };
      io.out(
        text.dependenciesText(all, asked, { width: io.columns, unicode: io.unicode, colour: io.colour }),
      );
    }
    return all.findings.length === 0 ? EXIT.ok : EXIT.notReady;
  },
});

import { LandfallError } from '../../foundation/errors.ts';
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
    'Exit code 0: everything is settled. Exit code 3: something is unknown, or lost with the source site, or a machine was\n' +
    'not looked at.',
  arguments: [
    ARGUMENTS.evacuation,
    {
      name: 'machine',
      description: 'Only this machine, database, or place that something needs.',
      required: false,
      completes: 'nothing',
    },
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
    const forms = (['json', 'dot', 'mermaid'] as const).filter(form => input[form]);
    if (forms.length > 1)
      throw new LandfallError('usage', {
        what: `${forms.map(form => `--${form}`).join(' and ')} contradict each other: each is a form of the whole answer`,
        next: ['give one of them', 'landfall dependencies --help'],
      });
    const [{ loadEvacuation }, { dependenciesOf }, text, graph] = await Promise.all([
      import('../recorded.ts'),
      import('../../estate/dependencies/dependencies.ts'),
      import('../dependencies-text.ts'),
      import('../dependencies-graph.ts'),
    ]);
    const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
    const now = io.clock.now();
    const only = input.machine;
    const whole = dependenciesOf({ plan, state }, now);
    const all = only === undefined ? whole : text.onlyOf(plan, whole, only);
    const machines = Object.keys(plan.machines);
    const unseen = machines.filter(name => state.machines[name]?.surveyed === undefined);
    const own = only === undefined ? [...machines, ...Object.keys(plan.databases)] : [only];
    if (input.json)
      io.out(
        `${JSON.stringify({ v: 1, type: 'dependencies', evacuation: plan.name, at: now, ...all, unseen })}\n`,
      );
    else if (input.dot) io.out(graph.dotText(all, own));
    else if (input.mermaid) io.out(graph.mermaidText(all, own));
    else {
      const asked = { machines: machines.length, unseen, ...(only === undefined ? {} : { only }) };
      io.out(
        text.dependenciesText(all, asked, { width: io.columns, unicode: io.unicode, colour: io.colour }),
      );
    }
    return all.findings.length === 0 && unseen.length === 0 ? EXIT.ok : EXIT.notReady;
  },
});

import { LandfallError } from '../../foundation/errors.ts';
import { defineCommand } from '../command.ts';
import { EVACUATION, ORDER_OPTIONS, orderInput } from '../ordering.ts';
import { evacuationsRoot } from '../paths.ts';

export const note = defineCommand({
  name: 'note',
  summary: 'write a note into the journal, for the next shift',
  description:
    'The note stands in the journal with your name and the time, on the screens, in the report, and in notes.md of the ' +
    'evacuation, which also has every decision, waiver, milestone and item of the cutover. notes.md is in the Git history ' +
    'of the evacuation and lies at the target site; what you write into it yourself, above the line, stays. Whoever comes ' +
    'next reads it with: landfall since PLAN',
  arguments: [
    EVACUATION,
    { name: 'text', description: 'What to remember, in quotes.', required: true, completes: 'nothing' },
  ],
  options: ORDER_OPTIONS,
  examples: [
    {
      command: 'landfall note miami-to-dallas "mail1: the queue runner is stopped until 06:00"',
      does: 'what was discovered at 3 a.m. must not be lost',
    },
  ],
  input: words => ({ ...orderInput(words), text: words.text('text') ?? '' }),
  async run(io, input) {
    const [{ giveOrder }, { listEvacuations }] = await Promise.all([
      import('../order.ts'),
      import('../../journal/directory.ts'),
    ]);
    const { text, evacuation } = input;
    const root = evacuationsRoot(io, input.state);
    if (evacuation === undefined && (await listEvacuations(root)).includes(text)) {
      throw new LandfallError('usage', {
        what: `TEXT is missing: ${text} is an evacuation`,
        next: [`landfall note ${text} "what to remember"`],
      });
    }
    return giveOrder(io, input, `note: ${text}`, () => ({ kind: 'note', text }));
  },
});

import { defineCommand } from '../command.ts';
import { EVACUATION, machineScope, ORDER_OPTIONS, orderInput, REASON } from '../ordering.ts';

export const pause = defineCommand({
  name: 'pause',
  summary: 'stop copying, of everything or of one machine, until it is resumed',
  description:
    'Nothing new is started, and copies that run are stopped; what has arrived stays, and a resumed pass goes on from ' +
    'there. Short steps come to their end first. The engine stays, so that everything can be watched and ordered.',
  arguments: [EVACUATION, machineScope('pause')],
  options: [REASON, ...ORDER_OPTIONS],
  examples: [
    { command: 'landfall pause miami-to-dallas', does: 'everything' },
    {
      command: 'landfall pause miami-to-dallas db1 --reason "month-end batch"',
      does: 'one machine; the reason is in the journal and on every screen',
    },
  ],
  input: words => ({ ...orderInput(words), machine: words.text('machine'), reason: words.text('reason') }),
  async run(io, input) {
    const { giveOrder } = await import('../order.ts');
    const { machine, reason } = input;
    return giveOrder(io, input, `pause ${machine ?? 'everything'}`, () => ({
      kind: 'pause',
      ...(machine === undefined ? {} : { machine }),
      ...(reason === undefined ? {} : { reason }),
    }));
  },
});

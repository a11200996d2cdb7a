import { defineCommand } from '../command.ts';
import { EVACUATION, machineScope, ORDER_OPTIONS, orderInput } from '../ordering.ts';

export const resume = defineCommand({
  name: 'resume',
  summary: 'go on with what was paused',
  description:
    'Ends a pause of everything, or of one machine. A machine that was paused by itself stays paused when everything ' +
    'is resumed. To go on with an evacuation whose engine has ended, use "landfall run".',
  arguments: [EVACUATION, machineScope('resume')],
  options: ORDER_OPTIONS,
  examples: [
    { command: 'landfall resume miami-to-dallas', does: 'everything' },
    { command: 'landfall resume miami-to-dallas db1', does: 'one machine' },
  ],
  input: words => ({ ...orderInput(words), machine: words.text('machine') }),
  async run(io, input) {
    const { giveOrder } = await import('../order.ts');
    const { machine } = input;
    return giveOrder(io, input, `resume ${machine ?? 'everything'}`, () => ({
      kind: 'resume',
      ...(machine === undefined ? {} : { machine }),
    }));
  },
});

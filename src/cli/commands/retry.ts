import { defineCommand } from '../command.ts';
import { EVACUATION, machineScope, ORDER_OPTIONS, orderInput } from '../ordering.ts';

export const retry = defineCommand({
  name: 'retry',
  summary: 'try failed steps once more, after their cause was removed',
  description:
    'A step that has spent its retries stays failed, with a remedy, until an engineer says that it is worth another ' +
    'try: all failed steps, those of a machine, or one.',
  arguments: [EVACUATION, machineScope('try again')],
  options: [
    { name: 'step', value: 'ID', description: 'Only this step, such as build/web1/receiver.' },
    ...ORDER_OPTIONS,
  ],
  examples: [
    { command: 'landfall retry miami-to-dallas', does: 'everything that failed' },
    { command: 'landfall retry miami-to-dallas --step sync/web1/pass-2', does: 'one step' },
  ],
  input: words => ({ ...orderInput(words), machine: words.text('machine'), step: words.text('step') }),
  async run(io, input) {
    const { giveOrder } = await import('../order.ts');
    const { machine, step } = input;
    const what = step ?? (machine === undefined ? 'everything that failed' : `what failed of ${machine}`);
    return giveOrder(io, input, `try ${what} again`, () => ({
      kind: 'retry',
      ...(machine === undefined ? {} : { machine }),
      ...(step === undefined ? {} : { step }),
    }));
  },
});

import { defineCommand } from '../command.ts';
import { EVACUATION, machineScope, ORDER_OPTIONS, orderInput, REASON } from '../ordering.ts';

export const sync = defineCommand({
  name: 'sync',
  summary: 'one more pass and verification now; failed steps are tried again',
  description:
    'Asks a running engine for one more pass of every machine that has had one, or of one machine, and to try its ' +
    'failed steps again. Without a running engine: landfall run PLAN --another-pass.',
  arguments: [EVACUATION, machineScope('bring up to date')],
  options: [REASON, ...ORDER_OPTIONS],
  examples: [
    { command: 'landfall sync miami-to-dallas', does: 'bring every replica up to date' },
    { command: 'landfall sync miami-to-dallas web1', does: 'only this one' },
  ],
  input: words => ({ ...orderInput(words), machine: words.text('machine'), reason: words.text('reason') }),
  async run(io, input) {
    const { giveOrder } = await import('../order.ts');
    const { machine, reason } = input;
    return giveOrder(io, input, `one more pass of ${machine ?? 'every machine'}`, () => ({
      kind: 'sync',
      ...(machine === undefined ? {} : { machine }),
      ...(reason === undefined ? {} : { reason }),
    }));
  },
});

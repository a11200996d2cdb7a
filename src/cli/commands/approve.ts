import { defineCommand } from '../command.ts';
import { EVACUATION, ORDER_OPTIONS, orderInput } from '../ordering.ts';

export const approve = defineCommand({
  name: 'approve',
  summary: 'let a stage begin that waits for approval',
  description:
    'An evacuation that was started with --step-by-step, or from the screens, holds inventory, build and sync, each, until somebody has ' +
    'looked at what they would do ("landfall run PLAN --dry-run") and approves, in this order.',
  arguments: [
    EVACUATION,
    { name: 'stage', description: 'inventory, build or sync.', required: true, completes: 'nothing' },
  ],
  options: ORDER_OPTIONS,
  examples: [
    { command: 'landfall approve miami-to-dallas build', does: 'replicas and receivers may be made' },
    { command: 'landfall approve miami-to-dallas sync', does: 'copying may begin' },
  ],
  input: words => ({ ...orderInput(words), phase: words.text('stage') ?? '' }),
  async run(io, input) {
    const { giveOrder } = await import('../order.ts');
    const { phase } = input;
    return giveOrder(io, input, `let ${phase} begin`, () => ({ kind: 'approve', phase }));
  },
});

import { defineCommand } from '../command.ts';
import { NAMED_EVACUATION, ORDER_OPTIONS, orderInput, REASON } from '../ordering.ts';

export const stop = defineCommand({
  name: 'stop',
  summary: 'end the engine of an evacuation in good order; what runs on the hosts goes on',
  description:
    'The engine ends as on SIGTERM: nothing new is started, the journal is closed, and copies that run on the hosts ' +
    'go on and are found again by the next "landfall run". This command waits until it is gone. To stop the copies as well, pause first. The name has to ' +
    'be given in full: there is no default for it.',
  arguments: [NAMED_EVACUATION],
  options: [REASON, ...ORDER_OPTIONS],
  examples: [{ command: 'landfall stop miami-to-dallas', does: 'end the engine of this evacuation' }],
  input: words => ({ ...orderInput(words), reason: words.text('reason') }),
  async run(io, input) {
    const { giveOrder, hasLetGo } = await import('../order.ts');
    const { reason } = input;
    return giveOrder(
      io,
      input,
      'end',
      // What was typed is the confirmation: a plan file is no name.
      () => ({
        kind: 'stop',
        confirm: input.evacuation ?? '',
        ...(reason === undefined ? {} : { reason }),
      }),
      (name, root, engine) => hasLetGo(io, name, root, engine),
    );
  },
});

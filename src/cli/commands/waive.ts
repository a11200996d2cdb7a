import { LandfallError } from '../../foundation/errors.ts';
import { parseDuration } from '../../foundation/units.ts';
import { defineCommand } from '../command.ts';
import { EVACUATION, ORDER_OPTIONS, orderInput } from '../ordering.ts';
import { evacuationsRoot } from '../paths.ts';

export const waive = defineCommand({
  name: 'waive',
  summary: 'accept a gate that does not pass, with a reason and an end',
  description:
    'A waived gate no longer stands in the way of ready, and every screen and report says so, with your name, the ' +
    'reason, and until when. "landfall report" shows the gates by their ids.',
  arguments: [
    EVACUATION,
    {
      name: 'gate',
      description: 'Id of the gate, such as machine/web1/at-rest.',
      required: true,
      completes: 'nothing',
    },
  ],
  options: [
    { name: 'reason', value: 'TEXT', description: 'Why it is acceptable. Required, except with --withdraw.' },
    {
      name: 'for',
      value: 'DURATION',
      description:
        'How long, such as 12h or 3d, at most 14d (default 24h); from then on the gate speaks again.',
    },
    { name: 'withdraw', description: 'End the waiver now.' },
    ...ORDER_OPTIONS,
  ],
  examples: [
    {
      command: 'landfall waive miami-to-dallas machine/web1/at-rest --reason "static site" --for 3d',
      does: 'accept it until then',
    },
    {
      command: 'landfall waive miami-to-dallas machine/web1/at-rest --withdraw',
      does: 'let the gate speak again',
    },
  ],
  input: words => ({
    ...orderInput(words),
    gate: words.text('gate') ?? '',
    reason: words.text('reason'),
    lastsMs: lastsOf(words.text('for') ?? '24h'),
    withdraw: words.flag('withdraw'),
  }),
  async run(io, input) {
    const [{ giveOrder }, { whichRunning }] = await Promise.all([
      import('../order.ts'),
      import('../which.ts'),
    ]);
    const { gate, lastsMs, reason, withdraw } = input;
    if (withdraw)
      return giveOrder(io, input, `withdraw the waiver of ${gate}`, () => ({ kind: 'unwaive', gate }));
    if (reason === undefined || reason.trim() === '') {
      // Only for the words; where none can be meant, that is not what is wrong first.
      const root = evacuationsRoot(io, input.state);
      const name = await whichRunning(io, input.evacuation, root).catch(() => input.evacuation);
      throw new LandfallError('usage', {
        what: 'a waiver needs a reason',
        next: [`landfall waive ${name ?? 'EVACUATION'} ${gate} --reason "why it is acceptable"`],
      });
    }
    const until = io.clock.now() + lastsMs;
    const meaning = `waive ${gate} until ${new Date(until).toISOString()}: ${reason}`;
    return giveOrder(io, input, meaning, () => ({ kind: 'waive', gate, reason, until }));
  },
});

function lastsOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new LandfallError('usage', {
    what: `--for: "${text}" is no duration`,
    next: ['write it like 90m, 12h or 3d'],
  });
}

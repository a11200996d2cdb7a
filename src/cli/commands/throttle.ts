import { LandfallError } from '../../foundation/errors.ts';
import { formatBitRate, parseRate } from '../../foundation/units.ts';
import { defineCommand } from '../command.ts';
import { EVACUATION, ORDER_OPTIONS, orderInput, REASON } from '../ordering.ts';

export const throttle = defineCommand({
  name: 'throttle',
  summary: 'limit what landfall uses of the link, or lift the limit again',
  description:
    'Holds from now on, in place of the limit of the plan, for all streams together; "off" is the plan\'s limit again. ' +
    'A copy of files that runs goes on at the new rate within seconds, and keeps what has arrived.',
  arguments: [
    EVACUATION,
    {
      name: 'rate',
      description: 'Such as "200 Mbit/s" or "20 MB/s"; or off.',
      required: true,
      completes: 'nothing',
    },
  ],
  options: [REASON, ...ORDER_OPTIONS],
  examples: [
    {
      command: 'landfall throttle miami-to-dallas "200 Mbit/s" --reason "office hours"',
      does: 'leave room for others',
    },
    { command: 'landfall throttle miami-to-dallas off', does: 'the limit of the plan again' },
  ],
  input: words => ({
    ...orderInput(words),
    bytesPerSecond: rateOf(words.text('rate') ?? ''),
    reason: words.text('reason'),
  }),
  async run(io, input) {
    const { giveOrder } = await import('../order.ts');
    const { bytesPerSecond, reason } = input;
    const meaning =
      bytesPerSecond === null ? 'the limit of the plan again' : `at most ${formatBitRate(bytesPerSecond)}`;
    return giveOrder(io, input, meaning, () => ({
      kind: 'throttle',
      bytesPerSecond,
      ...(reason === undefined ? {} : { reason }),
    }));
  },
});

function rateOf(text: string): number | null {
  if (text === 'off') return null;
  const rate = parseRate(text);
  if (rate !== undefined && rate > 0) return rate;
  throw new LandfallError('usage', {
    what: `RATE: "${text}" is no rate`,
    next: ['write it like "200 Mbit/s", "20 MB/s", or off'],
  });
}

import { LandfallError } from '../../foundation/errors.ts';
import { EXIT } from '../../foundation/exit-codes.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';

export const since = defineCommand({
  name: 'since',
  summary: 'the shift hand-over: what happened since you left, what is open, what to do next',
  description:
    'Reads the journal and tells the passes, proofs, failures, decisions and notes since you last looked or ordered ' +
    'something, then what is open and the next thing to do. Takes no lock and contacts no host. Who has never been here ' +
    'is told everything from the beginning.',
  arguments: [ARGUMENTS.evacuation],
  options: [
    {
      name: 'me',
      value: 'NAME',
      description:
        'Whose absence: the engineer as the journal names them (LANDFALL_ENGINEER; by default your login).',
      completes: 'nothing',
    },
    {
      name: 'hours',
      value: 'N',
      description: 'The last N hours instead, whoever looked meanwhile.',
      completes: 'nothing',
    },
    COMMON.json,
    COMMON.state,
  ],
  examples: [
    { command: 'landfall since miami-to-dallas', does: 'what you missed' },
    { command: 'landfall since miami-to-dallas --hours 8', does: 'the last shift' },
    { command: 'landfall since miami-to-dallas --me sam --json', does: 'what Sam missed, for programs' },
  ],
  input: words => {
    const hours = words.text('hours');
    if (hours !== undefined && !/^(?:\d{1,4})(?:\.\d+)?$/.test(hours))
      throw new LandfallError('usage', {
        what: `--hours takes a number, not ${hours}`,
        next: ['landfall since PLAN --hours 8'],
      });
    return {
      evacuation: words.text('evacuation'),
      me: words.text('me'),
      hours: hours === undefined ? undefined : Number(hours),
      json: words.flag('json'),
      state: words.text('state'),
    };
  },
  async run(io, input) {
    const { showShift } = await import('../shift.ts');
    await showShift(io, input);
    return EXIT.ok;
  },
});

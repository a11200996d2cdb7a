import { LandfallError } from '../../foundation/errors.ts';
import { STORM_MODES } from '../../journal/storm-modes.ts';
import { COMMON, defineCommand } from '../command.ts';
import { EVACUATION, orderInput, REASON } from '../ordering.ts';

export const mode = defineCommand({
  name: 'mode',
  summary: 'how the storm is met: calm, squeeze, last-call or dark; without one, what is in force',
  description:
    'What lets run and what it holds:\n' +
    '\n' +
    '  calm       everything, as the plan says\n' +
    '  squeeze    new copies only of those that triage saves now, in its order; running copies of others end by themselves\n' +
    '  last-call  one last delta of every machine that has a copy, compared; no first copy, no proof, nothing after it\n' +
    '  dark       nothing is asked of the source any more, and what runs there is stopped; needs --confirm\n' +
    '\n' +
    'Look before you leap: --dry-run says for every machine and database what the mode would mean, from the journal ' +
    'alone. A squeeze keeps to whom it saved when it was ordered; order it again and triage is asked again. No mode ' +
    'holds a cutover.',
  arguments: [
    EVACUATION,
    {
      name: 'mode',
      description: `One of ${STORM_MODES.join(', ')}; without it, what is in force.`,
      required: false,
      completes: 'nothing',
    },
  ],
  options: [
    {
      name: 'dry-run',
      short: 'n',
      description: 'What the mode would hold and let begin, for everybody; order nothing.',
    },
    { name: 'confirm', value: 'NAME', description: 'For dark: the name of the evacuation, typed.' },
    REASON,
    COMMON.json,
    COMMON.state,
  ],
  examples: [
    { command: 'landfall mode miami-to-dallas', does: 'what is in force, and since when' },
    { command: 'landfall mode miami-to-dallas squeeze --dry-run', does: 'who would go on, who would wait' },
    {
      command: 'landfall mode miami-to-dallas last-call --reason "eye in 6 h"',
      does: 'one last copy of everything that has one',
    },
    {
      command: 'landfall mode miami-to-dallas dark --confirm miami-to-dallas',
      does: 'the source is gone, or counts as gone',
    },
  ],
  input: words => {
    const [evacuation, wanted] = namesOf(words.text('evacuation'), words.text('mode'));
    return {
      ...orderInput(words),
      evacuation,
      mode: wanted,
      confirm: words.text('confirm'),
      reason: words.text('reason'),
    };
  },
  async run(io, input) {
    const { orderMode, previewOf, presentMode } = await import('../mode.ts');
    if (input.mode === undefined) return presentMode(io, input);
    const ordered = { ...input, mode: input.mode };
    return input.dryRun ? previewOf(io, ordered) : orderMode(io, ordered);
  },
});

type Mode = (typeof STORM_MODES)[number];

const modeOf = (word: string | undefined): Mode | undefined => STORM_MODES.find(each => each === word);

/** The evacuation may be left out where one runs: a mode alone is no name of one. */
function namesOf(
  evacuation: string | undefined,
  mode: string | undefined,
): [string | undefined, Mode | undefined] {
  if (mode === undefined) {
    const alone = modeOf(evacuation);
    return alone === undefined ? [evacuation, undefined] : [undefined, alone];
  }
  const wanted = modeOf(mode);
  if (wanted !== undefined) return [evacuation, wanted];
  throw new LandfallError('usage', {
    what: `MODE: there is no mode called "${mode}"`,
    next: [`it is one of: ${STORM_MODES.join(', ')}`],
  });
}

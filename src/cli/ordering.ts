import { type Argument, COMMON, type Option } from './command.ts';
import type { Words } from './words.ts';

/** What the commands share that give orders to a running engine. */

export const EVACUATION: Argument = {
  name: 'evacuation',
  description: 'Name of the evacuation, or its plan file; by default the one that runs.',
  required: false,
  completes: 'evacuation',
};

/** For the one order where the name is the confirmation. */
export const NAMED_EVACUATION: Argument = {
  name: 'evacuation',
  description: 'Name of the evacuation.',
  required: true,
  completes: 'evacuation',
};

export const machineScope = (verb: string): Argument => ({
  name: 'machine',
  description: `The machine to ${verb}; by default all.`,
  required: false,
  completes: 'nothing',
});

export const REASON: Option = {
  name: 'reason',
  value: 'TEXT',
  description: 'Why; it stands in the journal beside your name.',
};

export const ORDER_OPTIONS: readonly Option[] = [
  {
    name: 'dry-run',
    short: 'n',
    description: 'Find the engine and say what it would be told; order nothing.',
  },
  COMMON.json,
  COMMON.state,
];

export const orderInput = (words: Words) => ({
  evacuation: words.text('evacuation'),
  dryRun: words.flag('dry-run'),
  json: words.flag('json'),
  state: words.text('state'),
});

import { LandfallError } from '../../foundation/errors.ts';
import { COMMON, defineCommand } from '../command.ts';
import { EVACUATION } from '../ordering.ts';

const CHOICES = ['files', 'blocks', 'auto'] as const;
export type MoverWord = (typeof CHOICES)[number];

export const mover = defineCommand({
  name: 'mover',
  summary: 'who moves each machine, its files or its blocks, and why; or order another',
  description:
    'A machine travels by one of two movers:\n' +
    '\n' +
    '  files   rsync inside the guest; needs a login. A clone at the target spares bytes. A plain live copy is smeared, of ' +
    'many instants; a snapshot or hooks in the plan mend that. Every pass looks at every file.\n' +
    "  blocks  what the source's hypervisor saw written (libvirt backup with checkpoints); needs qcow2 disks and no login: " +
    'any guest, Windows included. All disks of one instant. A pass costs what was written, nothing else.\n' +
    '\n' +
    'The plan says files, blocks or auto (machines.NAME.mover). auto decides once, from the inventory: what is impossible ' +
    'is out; blocks where a database runs or looking through the files is dear; else the cheaper first copy. Later it ' +
    'only suggests, unless blocks that it chose itself become impossible: then its files go on. Where what was asked for cannot be, the other one moves the machine, and ' +
    'why is shown everywhere (fallback).\n' +
    '\n' +
    'To order another needs a running engine. It takes effect with the next pass. Towards blocks that pass is a full ' +
    'copy: the copy that is there stays until the new one is whole, so the target needs room for both for a while. ' +
    'Towards files the copy that is there is compared and mended. --dry-run says what it would cost and orders nothing.',
  arguments: [
    { ...EVACUATION, description: 'Name of the evacuation, or its plan file; by default the only one.' },
    {
      name: 'machine',
      description: 'Only this machine, with all reasons.',
      required: false,
      completes: 'nothing',
    },
    {
      name: 'mover',
      description: `Order it: one of ${CHOICES.join(', ')}.`,
      required: false,
      completes: 'nothing',
    },
  ],
  options: [
    {
      name: 'dry-run',
      short: 'n',
      description: 'What the order would cost and what the engine would answer; order nothing.',
    },
    COMMON.json,
    COMMON.state,
  ],
  examples: [
    {
      command: 'landfall mover miami-to-dallas',
      does: 'all machines: mover, by whom decided, what the other would cost',
    },
    {
      command: 'landfall mover miami-to-dallas mail1',
      does: 'one machine, with every reason for and against',
    },
    { command: 'landfall mover miami-to-dallas mail1 blocks --dry-run', does: 'what a switch would cost' },
    { command: 'landfall mover miami-to-dallas mail1 blocks', does: 'switch, from the next pass on' },
  ],
  input: words => {
    const said = [words.text('evacuation'), words.text('machine'), words.text('mover')] as const;
    // The evacuation may be left out: `landfall mover mail1 blocks`. No machine is meant by the word of a mover.
    const isShifted = said[2] === undefined && CHOICES.some(each => each === said[1]);
    const [evacuation, machine, wanted] = isShifted ? [undefined, said[0], said[1]] : said;
    return {
      evacuation,
      machine,
      mover: moverOf(wanted),
      dryRun: words.flag('dry-run'),
      json: words.flag('json'),
      state: words.text('state'),
    };
  },
  async run(io, input) {
    const { machine, mover: wanted } = input;
    const { orderMover, previewMover, presentMovers } = await import('../mover.ts');
    if (machine === undefined || wanted === undefined) return presentMovers(io, input);
    const order = { ...input, machine, mover: wanted };
    return input.dryRun ? previewMover(io, order) : orderMover(io, order);
  },
});

function moverOf(word: string | undefined): MoverWord | undefined {
  if (word === undefined) return undefined;
  const found = CHOICES.find(each => each === word);
  if (found !== undefined) return found;
  throw new LandfallError('usage', {
    what: `MOVER: there is no mover called "${word}"`,
    next: [`it is one of: ${CHOICES.join(', ')}`],
  });
}

import { resolve } from 'node:path';
import { LandfallError } from '../../foundation/errors.ts';
import { COMMON, defineCommand } from '../command.ts';
import { evacuationsRoot } from '../paths.ts';
import { FAULTS, type WantedFault } from '../rehearsal/faults.ts';
import type { Story } from '../rehearsal/story.ts';

export const rehearse = defineCommand({
  name: 'rehearse',
  summary: 'a whole evacuation on this machine: simulated hosts, real SSH, rsync and files',
  description:
    'Makes two simulated sites on loopback addresses, six machines with some hundred MB in 20 000 files in the one, ' +
    'and evacuates them to the other while a writer keeps changing files; then the writer stops, a last pass runs, ' +
    'and every file is compared by checksum. Beside them a SQL Server double with writers is seeded from its development ' +
    'clone, followed, and compared row by row. It takes about a minute, needs no root and no virtual machines, and ' +
    'touches nothing outside its directory. Interrupted or killed, it goes on where it was. On a terminal it opens ' +
    'the screens, and its engine goes on when they are left.\n' +
    '\n' +
    'It is the same code that evacuates production; only the hosts are simulated, and every screen and report says LAB.',
  arguments: [],
  options: [
    {
      name: 'fault',
      value: 'KIND[:MACHINE]',
      description: `Break something while that machine is built or first copied. Kinds: ${FAULTS.join(', ')}.`,
      many: true,
    },
    {
      name: 'machines',
      value: 'LIST',
      description: 'Only some of db1,app1,app2,mail1,files1,web1: a shorter rehearsal.',
    },
    {
      name: 'seed',
      value: 'N',
      description: 'Seed of all simulated content and writes (default 1): the same seed, the same rehearsal.',
    },
    {
      name: 'scale',
      value: 'X',
      description: 'Size of the simulated machines, 0.01 to 10 (default 1: about 300 MB).',
    },
    { name: 'link', value: 'RATE', description: 'Limit of the simulated link (default "400 Mbit/s").' },
    {
      name: 'name',
      value: 'NAME',
      description:
        'Take up this rehearsal, also one that is over (default: the unfinished one, or else a new one).',
      completes: 'evacuation',
    },
    {
      name: 'cutover',
      description:
        'Then rehearse the cutover, too: the lab plays the people; services, files and rows are compared at the end.',
    },
    {
      name: 'abort',
      description: 'With --cutover: give up when the standbys run, and see that Miami serves again.',
    },
    {
      name: 'site-lost',
      description:
        'With --cutover: Miami is killed in the middle of a pass; the copies start from what has arrived, and the loss is compared with what was announced.',
    },
    { name: 'no-database', description: 'Leave the SQL Servers out: a shorter rehearsal.' },
    { name: 'lab', value: 'DIR', description: 'Where the simulated machines live.', completes: 'directory' },
    { name: 'keep', description: 'Leave the simulated hosts running afterwards, to look around with ssh.' },
    {
      name: 'headless',
      description: 'No screens, also on a terminal: lines, and the end after the comparison.',
    },
    {
      name: 'stay',
      description:
        'Go on after the comparison, for orders; until "landfall stop", or until nobody has looked on for 15 minutes.',
    },
    {
      name: 'step-by-step',
      description:
        'Inventory, build and sync wait, each, for "landfall approve" or its key, as in the screens.',
    },
    { name: 'detached', description: 'The engine that landfall starts for itself.', hidden: true },
    COMMON.json,
    COMMON.state,
  ],
  examples: [
    { command: 'landfall rehearse', does: 'from nothing to a verdict' },
    {
      command: 'landfall rehearse --fault link-drop:db1 --fault kill-rsync:web1',
      does: 'and see it recover',
    },
    {
      command: 'landfall rehearse --cutover',
      does: 'the whole story, with a point of no return; then once more with --abort, and with --site-lost',
    },
    {
      command: 'landfall rehearse --keep',
      does: 'then: landfall status, landfall report, ssh into the hosts',
    },
  ],
  input: words => ({
    fault: words.texts('fault').map(wantedFault),
    machines: words
      .text('machines')
      ?.split(',')
      .filter(name => name !== ''),
    seed: words.number('seed', { min: 0, max: Number.POSITIVE_INFINITY, whole: true }),
    scale: words.number('scale', { min: 0.01, max: 10 }),
    link: words.text('link') ?? '400 Mbit/s',
    lab: words.text('lab'),
    name: words.text('name'),
    story: storyOf(words.flag('cutover'), words.flag('abort'), words.flag('site-lost')),
    database: !words.flag('no-database'),
    keep: words.flag('keep'),
    stay: words.flag('stay'),
    stepByStep: words.flag('step-by-step'),
    headless: words.flag('headless'),
    detached: words.flag('detached'),
    json: words.flag('json'),
    state: words.text('state'),
  }),
  async run(io, { lab: named, ...wishes }) {
    // The engine that may be started for it has no working directory of ours.
    const input = { ...wishes, ...(named === undefined ? {} : { lab: resolve(io.cwd, named) }) };
    const { canShowScreens, showScreens } = await import('../ui.ts');
    if (canShowScreens(io) && !input.headless && !input.json && !input.detached) {
      const { startRehearsal } = await import('../engine-start.ts');
      const root = evacuationsRoot(io, input.state);
      const { name } = await startRehearsal(io, { ...input, root });
      return showScreens(io, { root, name });
    }
    const { runRehearsal } = await import('../rehearsal/rehearsal.ts');
    return runRehearsal(io, input);
  },
});

/** Undefined without the cutover. */
function storyOf(cutover: boolean, abort: boolean, siteLost: boolean): Story | undefined {
  if ((abort && siteLost) || ((abort || siteLost) && !cutover)) {
    throw new LandfallError('usage', {
      what:
        abort && siteLost
          ? 'it is either --abort or --site-lost'
          : `--${abort ? 'abort' : 'site-lost'} goes with --cutover`,
      next: ['landfall rehearse --help'],
    });
  }
  if (!cutover) return undefined;
  return abort ? 'abort' : siteLost ? 'site-lost' : 'cutover';
}

/** `KIND` or `KIND:MACHINE`. */
function wantedFault(text: string): WantedFault {
  const [kind, machine] = text.split(':', 2);
  const known = FAULTS.find(f => f === kind);
  if (known !== undefined) return { kind: known, machine };
  throw new LandfallError('usage', {
    what: `--fault: "${text}" is no fault; there are: ${FAULTS.join(', ')}`,
    next: ['landfall rehearse --help'],
  });
}

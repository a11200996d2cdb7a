import type { Shot } from './film.ts';

/** The walk that the README shows: from the first screen to a finished rehearsal, by keys alone. */

const SECOND = 1000;

type Seen = (lines: readonly string[]) => boolean;

/** The stage that is shown stands in brackets on the rail. */
const onStage = (name: string) => (lines: readonly string[]) =>
  new RegExp(`\\[\\d ${name}`).test(lines[1] ?? '');
const rows = (pattern: RegExp, least: number) => (lines: readonly string[]) =>
  lines.filter(line => pattern.test(line)).length >= least;

const all =
  (...conditions: readonly Seen[]): Seen =>
  lines =>
    conditions.every(condition => condition(lines));

const any =
  (...conditions: readonly Seen[]): Seen =>
  lines =>
    conditions.some(condition => condition(lines));

const still = (name: string, title: string, description: string): NonNullable<Shot['still']> => ({
  name,
  title: `landfall: ${title}`,
  description,
});

export const SCENES: readonly Shot[] = [
  {
    keys: [],
    until: lines =>
      lines.some(line => line.includes('rehearse')) && !lines.some(line => line.includes('looking for')),
    mark: 'First screen',
    frameMs: 2 * SECOND,
    still: still(
      'home',
      'the first screen',
      'Without anything read before: the evacuations and plans of this machine, and a rehearsal one key away.',
    ),
  },
  {
    keys: ['r'],
    until: lines => (lines[0] ?? '').includes('LAB') && /inventory/i.test(lines[1] ?? ''),
    within: 90 * SECOND,
    mark: 'Rehearsal begins',
  },
  {
    keys: ['1'],
    until: onStage('Check'),
    mark: 'Check',
    frameMs: 2 * SECOND,
    still: still(
      'check',
      'check',
      'Whether everything is here that the evacuation needs, and what to do where not.',
    ),
  },
  {
    keys: ['a'],
    until: 'enter approve inventory',
    within: 30 * SECOND,
    mark: 'What inventory will do',
  },
  {
    keys: ['enter'],
    until: all(onStage('Inventory'), lines => /Inventory\] ✔/.test(lines[1] ?? '')),
    within: 60 * SECOND,
    mark: 'Inventory',
    frameMs: 2 * SECOND,
    still: still(
      'inventory',
      'inventory',
      'What leaves, as the hypervisors and the machines themselves describe it.',
    ),
  },
  {
    keys: ['a'],
    until: 'enter approve build',
    within: 30 * SECOND,
    mark: 'What build will do',
    frameMs: 2 * SECOND,
    still: still(
      'approve',
      'what will be done',
      'The exact commands of a stage, and which of them change something, before it is approved.',
    ),
  },
  {
    keys: ['enter'],
    until: all(onStage('Build'), lines => /Build\] (… [3-6]|✔)/.test(lines[1] ?? '')),
    within: 60 * SECOND,
    mark: 'Build',
    frameMs: 2 * SECOND,
    still: still('build', 'build', 'Replicas and receivers at the target site, each with its steps.'),
  },
  {
    keys: ['a'],
    until: 'enter approve sync',
    within: 30 * SECOND,
    mark: 'What sync will do',
  },
  {
    keys: ['enter'],
    until: all(onStage('Sync'), any(rows(/copying +\d+%/, 2), rows(/✔ verified/, 6))),
    within: 90 * SECOND,
    mark: 'Sync',
    frameMs: 2 * SECOND,
    still: still('sync', 'sync', 'Passes of every machine with bytes, rate and the age of the sample.'),
  },
  {
    keys: ['o'],
    until: any(all(rows(/✔ (verified|converged)/, 1), rows(/copying/, 1)), rows(/✔ verified/, 6)),
    within: 120 * SECOND,
    mark: 'Overview',
    frameMs: 2 * SECOND,
    still: still(
      'overview',
      'the overview of a rehearsal',
      'Six machines on one screen with state, pass, new bytes, exposure and proof; on top the time to landfall.',
    ),
  },
  {
    keys: ['?'],
    until: 'type to filter',
    mark: 'Help',
    frameMs: 2 * SECOND,
    still: still(
      'help',
      'help',
      'Every key of the screen, grouped, with the reason where one does not work now.',
    ),
  },
  { keys: ['esc'], until: lines => !lines.some(line => line.includes('type to filter')) },
  {
    keys: [':'],
    until: 'esc',
    mark: 'Palette',
    frameMs: 1.5 * SECOND,
    still: still('palette', 'the palette', 'The verbs of the command line, found by a few letters.'),
  },
  { keys: ['esc'], until: '? help' },
  {
    keys: ['5'],
    until: onStage('Database'),
    mark: 'Database',
    still: still('database', 'database', 'How databases are seeded and replicated.'),
  },
  {
    keys: ['o'],
    until: rows(/✔ verified/, 6),
    within: 180 * SECOND,
    mark: 'Verified',
    frameMs: 2 * SECOND,
  },
  {
    keys: ['6'],
    until: all(onStage('Prove'), rows(/✔ [\d.]+[ms]\S* ago +\d+\/\d+/, 4)),
    within: 180 * SECOND,
    mark: 'Prove',
    frameMs: 2.5 * SECOND,
    still: still(
      'prove',
      'prove',
      'Copies that booted in isolation, with the evidence of each in the order of the boot.',
    ),
  },
  { keys: ['o'], until: rows(/✔ verified/, 6) },
  {
    keys: ['enter'],
    until: all(rows(/passes, newest first/, 1), lines => !lines.some(line => line.includes('reading it'))),
    mark: 'Machine',
    frameMs: 2.5 * SECOND,
    still: still(
      'machine',
      'one machine',
      'Identity on both sites, its passes predicted and actual, what ran for it.',
    ),
  },
  {
    keys: ['7'],
    until: onStage('Ready'),
    mark: 'Ready',
    frameMs: 3 * SECOND,
    still: still('ready', 'readiness', 'Every gate with verdict, evidence and remedy, red first.'),
  },
  {
    keys: ['8'],
    until: onStage('Cutover'),
    mark: 'Cutover',
    still: still('cutover', 'cutover', 'The checklist of the switch.'),
  },
  {
    keys: ['o'],
    until: all(rows(/✔ verified/, 6), lines => lines.some(line => line.includes('proven to boot'))),
    within: 180 * SECOND,
    frameMs: 3 * SECOND,
  },
  {
    keys: [],
    size: { columns: 80, rows: 24 },
    until: all(rows(/✔ verified/, 6), lines => (lines[0] ?? '').includes('landfall')),
    within: 120 * SECOND,
    mark: 'Small terminal',
    still: still(
      'overview-80x24',
      'the overview on a small terminal',
      'The same six machines on 80 columns and 24 rows; the rest is one key away.',
    ),
  },
  { keys: ['q'], until: lines => !lines.some(line => line.includes('q detach')) },
];

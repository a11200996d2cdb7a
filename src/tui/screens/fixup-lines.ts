import { own } from '../../readiness/copy.ts';
import { ago } from '../../readiness/evidence.ts';
import { type EditReport, type FixupReport, fixupReport } from '../../reports/fixups.ts';
import type { View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { diffLines } from './diff-lines.ts';

/** What is changed in the copied system so that it boots at the target: every file with its difference. */
export function fixupLines(view: View, name: string, width: number): Line[] {
  const planned = own(view.snapshot?.state.machines ?? {}, name)?.fixups;
  if (planned === undefined) return [];
  const { fixups, purpose, at } = planned;
  const where =
    purpose === 'proof'
      ? 'made in the overlay of the proof alone: the replica stays as the source is, and cutover makes the same'
      : 'made in the replica';
  return [
    [],
    line(span('Fix-ups', 'title', { bold: true }), span(`  planned ${ago(at, view.now)}`, 'muted')),
    ...wrap(where, width, 'muted'),
    ...(fixups.length === 0
      ? wrap('Nothing has to be changed in the copy: it fits as it is.', width, 'muted')
      : fixups.flatMap(each => oneFixup(view, fixupReport(each), width))),
  ];
}

function oneFixup(view: View, { title, why, files, commands, warnings }: FixupReport, width: number): Line[] {
  return [
    line(span(`${view.glyphs.dot} `, 'muted'), span(title, 'title')),
    ...wrap(`    ${why}`, width, 'muted'),
    ...warnings.flatMap(each => wrap(`  ${view.glyphs.warn} warning: ${each}`, width, 'warn')),
    ...files.flatMap(each => fileLines(each, width)),
    ...commands.flatMap(({ command, why: reason }) => [
      ...wrap(`    runs in the copy: ${command}`, width),
      ...wrap(`      ${reason}`, width, 'muted'),
    ]),
  ];
}

const CHANGE: Readonly<Record<EditReport['change'], string>> = {
  made: 'is made',
  changed: 'is changed',
  removed: 'is removed',
  same: 'keeps its content; its mode is set',
};

/** A file of landfall's own may be a whole script. */
const MADE_SHOWN = 16;

const fileLines = ({ path, change, diff }: EditReport, width: number): Line[] => [
  ...wrap(`    ${path} ${CHANGE[change]}`, width, 'accent'),
  ...diffLines(change === 'made' ? diff.slice(0, MADE_SHOWN) : diff, width, 6),
  ...(change === 'made' && diff.length > MADE_SHOWN
    ? wrap(
        `      and ${diff.length - MADE_SHOWN} more lines of it, as in what a proof will do`,
        width,
        'muted',
      )
    : []),
];

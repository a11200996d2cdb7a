import { type Checklist, isBehind, type Outage } from '../../checklist/index.ts';
import { formatDuration } from '../../foundation/units.ts';
import { nameOf } from '../../reports/say.ts';
import type { View } from '../screen.ts';
import { progressBar } from '../text/bars.ts';
import { type Line, type Span, wrap } from '../text/line.ts';
import { ageText, statusSpan } from './cells.ts';
import { labelled } from './parts.ts';

/** The two clocks of a cutover: since it began, and since users lost something against what its tier allows. */

/** The outage that is nearest to its limit, or beyond it; those that last come before those that are over. */
export function worstOutage(
  { outages }: Checklist,
  now: number,
): (Outage & { readonly ms: number; readonly over: boolean }) | undefined {
  const all = outages.flatMap(each => {
    if (each.lostAt === undefined) return [];
    const ms = Math.max(0, (each.backAt ?? now) - each.lostAt);
    return [{ ...each, ms, over: each.rtoMs !== undefined && ms > each.rtoMs }];
  });
  const weight = ({ ms, rtoMs }: { ms: number; rtoMs?: number }): number =>
    rtoMs === undefined ? 0 : (ms + 1) / rtoMs;
  return all.reduce<(typeof all)[number] | undefined>((a, b) => {
    if (a === undefined) return b;
    const lasts = Number(b.backAt === undefined) - Number(a.backAt === undefined);
    return lasts > 0 || (lasts === 0 && weight(b) > weight(a)) ? b : a;
  }, undefined);
}

const TITLE: Readonly<Partial<Record<Checklist['phase'], string>>> = {
  aborting: 'aborting',
  'rolled-back': 'rolled back',
  committed: 'committed',
};

/** Both clocks in as few columns as they take: `outage 6m12s/1h00m, 12/40, since start 14m02s`. */
export function clockTitle({ now }: View, list: Checklist): string {
  const count = `${list.items.filter(isBehind).length}/${list.items.length}`;
  const dark = list.dark ? ['dark'] : [];
  if (list.startedAt === undefined)
    return ['checklist', ...dark, `not begun, ${list.items.length} items`].join(', ');
  const outage = worstOutage(list, now);
  const allowed = outage?.rtoMs === undefined ? '' : `/${formatDuration(outage.rtoMs)}`;
  return [
    ...(TITLE[list.phase] === undefined ? [] : [TITLE[list.phase]]),
    ...dark,
    ...(outage === undefined ? [] : [`outage ${ageText(outage.ms)}${allowed}`]),
    count,
    `since start ${ageText((list.endedAt ?? now) - list.startedAt)}`,
  ].join(', ');
}

/** The same at length, with how it stands and whether it can still be taken back. */
export function clockLines(view: View, list: Checklist, width: number): Line[] {
  return [
    [phaseSpan(view, list)],
    ...(list.startedAt === undefined ? [] : sinceStart(view, list, list.startedAt, width)),
    ...(list.startedAt === undefined ? forecast(view, list, width) : outageLines(view, list, width)),
    ...wayBack(view, list, width),
  ];
}

const PHASE: Readonly<
  Record<Checklist['phase'], readonly ['ok' | 'busy' | 'warn' | 'bad' | 'unknown', string]>
> = {
  'not-begun': ['unknown', 'not begun'],
  running: ['busy', 'running'],
  aborting: ['warn', 'aborting: what was done is taken back, last first'],
  'rolled-back': ['ok', 'rolled back: everything is as it was before'],
  final: ['busy', 'behind the point of no return'],
  committed: ['ok', 'committed'],
};

export function phaseSpan(view: View, { phase, dark, rehearse }: Checklist): Span {
  const [kind, word] = PHASE[phase];
  const marks = [...(dark ? ['dark'] : []), ...(rehearse ? ['a rehearsal'] : [])];
  return statusSpan(view, kind, [word, ...marks].join(', '));
}

function sinceStart({ now }: View, list: Checklist, startedAt: number, width: number): Line[] {
  const expected = list.expectedMs === undefined ? '' : ` of ${formatDuration(list.expectedMs)} expected`;
  return labelled('since start', `${ageText((list.endedAt ?? now) - startedAt)}${expected}`, width);
}

function outageLines(view: View, list: Checklist, width: number): Line[] {
  const outage = worstOutage(list, view.now);
  if (outage === undefined) return labelled('outage', 'none yet: nothing was stopped', width, 'muted');
  const { ms, rtoMs, subject, backAt, over } = outage;
  const more = list.outages.filter(each => each.lostAt !== undefined && each.backAt === undefined).length - 1;
  const who = backAt === undefined ? `${subject}${more > 0 ? ` and ${more} more` : ''}` : `${subject}, over`;
  const allowed = rtoMs === undefined ? 'no limit in the plan' : `${formatDuration(rtoMs)} allowed`;
  const lines = labelled(
    'outage',
    `${over ? `${view.glyphs.warn} ` : ''}${ageText(ms)} of ${allowed}: ${who}`,
    width,
    over ? 'bad' : 'plain',
  );
  if (rtoMs === undefined || backAt !== undefined || view.glyphs.filled === '') return lines;
  const bar = progressBar(Math.min(1, ms / rtoMs), Math.max(8, Math.min(40, width - 24)), view.glyphs);
  return [
    ...lines,
    ...labelled('', `${bar} ${Math.floor((ms / rtoMs) * 100)}%`, width, over ? 'bad' : 'busy'),
  ];
}

function forecast(
  { gates, glyphs }: View,
  { expectedMs, expectedOutageMs }: Checklist,
  width: number,
): Line[] {
  const verdicts = gates?.verdicts();
  const known = (ms: number | undefined): string =>
    ms === undefined ? 'unknown: no rehearsal has measured it' : formatDuration(ms);
  return [
    ...(verdicts === undefined
      ? []
      : labelled(
          'gates',
          verdicts.line.replaceAll(' · ', ` ${glyphs.dot} `),
          width,
          verdicts.overall === 'ready' ? 'good' : 'bad',
        )),
    ...labelled('would take', known(expectedMs), width, expectedMs === undefined ? 'unknown' : 'plain'),
    ...labelled(
      'outage',
      known(expectedOutageMs),
      width,
      expectedOutageMs === undefined ? 'unknown' : 'plain',
    ),
  ];
}

function wayBack({ snapshot, now }: View, { phase, open }: Checklist, width: number): Line[] {
  const cutover = snapshot?.state.cutover;
  const aborted = cutover?.aborted;
  return [
    ...(open.length === 0 ? [] : labelled('open gates', `begun over ${open.join(', ')}`, width, 'warn')),
    ...(phase === 'running'
      ? labelled('abort', 'A takes everything back; no full copy is needed again', width, 'accent')
      : []),
    ...(phase === 'final' ? labelled('abort', 'no longer: the way back is the failback', width, 'warn') : []),
    ...(aborted === undefined || (phase !== 'aborting' && phase !== 'rolled-back')
      ? []
      : labelled(
          'aborted',
          `by ${nameOf(aborted.by)} ${ageText(now - aborted.at)} ago: ${aborted.reason ?? ''}`,
          width,
          'warn',
        )),
    ...(cutover?.ended?.lost ?? []).flatMap((each, at) =>
      labelled(at === 0 ? 'lost' : '', each, width, 'bad'),
    ),
    ...(phase === 'committed' && cutover?.ended?.lost.length === 0
      ? labelled('lost', 'nothing', width, 'good')
      : []),
    ...(phase === 'not-begun'
      ? wrap(':cutover begin dark starts the copies alone, once the source is gone.', width, 'muted')
      : []),
  ];
}

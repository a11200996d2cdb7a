import { freshness } from '../../estate/freshness.ts';
import { own } from '../../readiness/copy.ts';
import { gapWords } from '../../reports/inventory/findings/survey.ts';
import { certificateWords, serviceWords } from '../../reports/inventory/recovery/machine.ts';
import type { View } from '../screen.ts';
import { type Line, type Tone, wrap } from '../text/line.ts';
import { labelled } from './parts.ts';

/** More of a kind is a key away: --json has all of it. */
const MOST_OF_A_KIND = 12;

/** What is around a machine and would break where nobody knows of it; last what could not be learned, and how it could. */
export function surveyLines(view: View, name: string, width: number): Line[] {
  const survey = own(view.snapshot?.state.machines ?? {}, name)?.surveyed;
  if (survey === undefined) return [];
  const { words, stale } = freshness('inventory', survey.at, view.now);
  const group = (label: string, all: readonly string[] | undefined, tone?: Tone): Line[] => {
    if (all === undefined || all.length === 0) return [];
    const more = all.length - MOST_OF_A_KIND;
    const shown = more > 0 ? [...all.slice(0, MOST_OF_A_KIND), `and ${more} more`] : all;
    return shown.flatMap((each, index) => labelled(index === 0 ? label : '', each, width, tone));
  };
  return [
    ...labelled(
      'around it',
      `seen ${words}${survey.root ? '' : ', without root'}`,
      width,
      stale ? 'warn' : 'muted',
    ),
    ...group('data', survey.dataServices?.map(serviceWords)),
    ...group(
      'shares',
      survey.shares?.map(
        ({ mountpoint, type, server, path, answers }) =>
          `${mountpoint} from ${server}:${path} (${type})${answers === false ? ', does not answer' : ''}`,
      ),
    ),
    ...group(
      'schedules',
      survey.schedules?.map(
        ({ when, what, where, mails }) =>
          `${when}  ${what} (${where}${mails === true ? ', sends mail' : ''})`,
      ),
    ),
    ...group(
      'containers',
      survey.containers?.map(
        ({ engine, name: box, image, state, volumes }) =>
          `${box}: ${image}, ${engine}, ${state}${volumes.length === 0 ? '' : `, writes ${volumes.join(', ')}`}`,
      ),
    ),
    ...group(
      'certificates',
      survey.certificates?.map(each => certificateWords(each, view.now)),
    ),
    ...group('uses', [
      ...new Set(
        survey.upstreams?.map(
          ({ role, host, port, where }) =>
            `${role} ${host}${port === undefined ? '' : `:${port}`} (${where})`,
        ),
      ),
    ]),
    ...group(
      'bound to',
      survey.identity?.map(({ kind, where, detail }) => `${kind}: ${detail} (${where})`),
    ),
    ...survey.gaps.flatMap(gap => [
      ...wrap(`${view.glyphs.unknown} not learned: ${gapWords(gap)}`, width, 'warn'),
      ...(gap.help === undefined ? [] : labelled('  help', gap.help, width, 'accent')),
    ]),
  ];
}

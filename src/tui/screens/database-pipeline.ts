import { formatBytes, formatDuration } from '../../foundation/units.ts';
import type { Hop } from '../../journal/database-facts.ts';
import type { DatabaseState } from '../../journal/state.ts';
import { ago } from '../../readiness/evidence.ts';
import type { View } from '../screen.ts';
import { type Line, line, type Span, span, type Tone, wrap } from '../text/line.ts';
import { ageText } from './cells.ts';
import { labelled } from './parts.ts';

/** Publisher to subscriber with the latency of every arrow, and the newest commit that is proven to have arrived. */
export function pipelineLines(view: View, state: DatabaseState, width: number): Line[] {
  const sample = state.observed?.sample;
  const facts = state.assessed;
  if (sample === undefined || state.observed === undefined) {
    if (state.released === undefined) return [];
    return wrap(
      `${view.glyphs.unknown} The copy follows (${state.released.how}); nothing has been observed yet.`,
      width,
      'unknown',
    );
  }
  const { hops, proven, written, pendingCommands, logUsedBytes, logBytes, expiresInHours } = sample;
  const since = Math.max(0, view.now - state.observed.at);
  return [
    ...arrows(view, facts, hops, width),
    ...labelled(
      'proven',
      proven === undefined
        ? 'no commit has been proven in the copy yet'
        : `marker ${proven.id}${written === undefined || written.id === proven.id ? '' : ` of ${written.id}`}, committed ${ageText((sample.exposureMs ?? 0) + since)} ago: what is younger could be lost now`,
      width,
      proven === undefined ? 'warn' : 'plain',
    ),
    ...(pendingCommands === undefined
      ? []
      : labelled('pending', `${pendingCommands} commands in the distributor`, width)),
    ...(logUsedBytes === undefined || logBytes === undefined
      ? []
      : labelled(
          'log there',
          `${formatBytes(logUsedBytes)} used of ${formatBytes(logBytes)} on production`,
          width,
          sample.proposeDrop ? 'bad' : 'plain',
        )),
    ...(expiresInHours === undefined
      ? []
      : labelled(
          'expires',
          `in ${formatDuration(expiresInHours * 3600e3)}, where nothing is delivered until then`,
          width,
          'muted',
        )),
    ...labelled('observed', ago(state.observed.at, view.now), width, 'muted'),
  ];
}

/** `MIA-SQL1 → log reader ✔ 0.8s → DAL-SQL1 → distribution ✔ 1.2s → DAL-SQL1`, under each other where it is narrow. */
function arrows(view: View, facts: DatabaseState['assessed'], hops: readonly Hop[], width: number): Line[] {
  if (hops.length === 0) return [];
  const [reader, distribution] = [
    hops.find(({ name }) => name === 'log-reader'),
    hops.find(({ name }) => name === 'distribution'),
  ];
  const place = (role: string, name: string | undefined): Span =>
    span(name === undefined ? role : `${role} ${name}`, 'title');
  const arrow = span(` ${view.glyphs.arrow} `, 'muted');
  const parts: Span[][] = [
    [place('publisher', facts?.publisher.name)],
    ...(reader === undefined ? [] : [hopSpans(view, 'log reader', reader)]),
    [place('distributor', facts?.distributor.name)],
    ...(distribution === undefined ? [] : [hopSpans(view, 'distribution', distribution)]),
    [place('subscriber', facts?.subscriber.name)],
  ];
  const whole: Line = parts.flatMap((each, at) => (at === 0 ? each : [arrow, ...each]));
  const length = whole.reduce((sum, { text }) => sum + text.length, 0);
  if (length <= width) return [whole];
  return parts.map((each, at) =>
    line(...(at === 0 ? [span('  ')] : [span(`${view.glyphs.arrow} `, 'muted')]), ...each),
  );
}

const TONES: Readonly<Record<Hop['state'], Tone>> = {
  working: 'good',
  idle: 'good',
  starting: 'busy',
  retrying: 'warn',
  failed: 'bad',
  stopped: 'bad',
  absent: 'bad',
  unknown: 'unknown',
};

function hopSpans({ glyphs }: View, name: string, hop: Hop): Span[] {
  const tone = TONES[hop.state];
  const mark =
    tone === 'good'
      ? glyphs.ok
      : tone === 'bad'
        ? glyphs.bad
        : tone === 'warn'
          ? glyphs.warn
          : glyphs.unknown;
  const latency = hop.latencyMs === undefined ? '' : ` ${formatDuration(hop.latencyMs)}`;
  const backlog = hop.backlog === undefined || hop.backlog === 0 ? '' : `, ${hop.backlog} wait`;
  return [span(`${name} `), span(`${mark} ${hop.state}`, tone), span(`${latency}${backlog}`)];
}

/** What is wrong with replication, each with what to do. */
export function troubleLines(view: View, state: DatabaseState, width: number): Line[] {
  return (state.observed?.sample.troubles ?? []).flatMap(trouble => {
    const bad = trouble.severity === 'blocker';
    return [
      ...wrap(`${bad ? view.glyphs.bad : view.glyphs.warn} ${trouble.what}`, width, bad ? 'bad' : 'warn'),
      ...(trouble.number === undefined ? [] : labelled('error', String(trouble.number), width, 'muted')),
      ...trouble.evidence
        .slice(0, 3)
        .flatMap((each, at) => labelled(at === 0 ? 'evidence' : '', each, width, 'muted')),
      ...labelled('remedy', trouble.remedy, width, 'accent'),
    ];
  });
}

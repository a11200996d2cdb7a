import type { Event } from '../../journal/events.ts';
import { type Said, say } from '../../reports/say.ts';
import type { View } from '../screen.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { type Line, type Span, span, type Tone, widthOf, wrap } from '../text/line.ts';
import { dayNumber, dayOf, timeOfDay } from './times.ts';

export interface EventLinesOptions {
  /** Only what is about this machine, host or `landfall`. */
  readonly subject?: string;
  /** One line an event, however long: for a filter, which looks at lines. */
  readonly unbroken: boolean;
}

const WIDEST_SUBJECT = 14;

/** What happened in words, oldest first, with the time and a line where a new day begins. */
export function eventLines({ snapshot, glyphs }: View, width: number, options: EventLinesOptions): Line[] {
  const { subject: wanted, unbroken } = options;
  const told = (snapshot?.events ?? []).flatMap(event => {
    const said = say(event);
    return said === undefined || (wanted !== undefined && said.subject !== wanted) ? [] : [{ event, said }];
  });
  const longest = told.reduce((most, { said }) => Math.max(most, said.subject.length), 0);
  const subjectWidth = wanted === undefined && width >= 50 ? Math.min(WIDEST_SUBJECT, longest) : 0;
  const lines: Line[] = [];
  let day: number | undefined;
  for (const { event, said } of told) {
    const today = dayNumber(event.at);
    if (today !== day) lines.push([span(`${glyphs.rule.repeat(2)} ${dayOf(event.at)} UTC`, 'muted')]);
    day = today;
    lines.push(...oneEvent(event, said, { width, subjectWidth, unbroken, glyphs, wanted }));
  }
  return lines;
}

interface Layout {
  readonly width: number;
  readonly subjectWidth: number;
  readonly unbroken: boolean;
  readonly glyphs: Glyphs;
  readonly wanted: string | undefined;
}

function oneEvent(event: Event, said: Said, layout: Layout): Line[] {
  const { width, subjectWidth, unbroken, glyphs, wanted } = layout;
  const tone: Tone = said.tone === 'quiet' ? 'muted' : said.tone;
  const subject =
    subjectWidth > 0
      ? `${said.subject.slice(0, subjectWidth).padEnd(subjectWidth)} `
      : wanted === undefined
        ? `${said.subject}: `
        : '';
  const start: Span[] = [
    span(`${timeOfDay(event.at)} ${markOf(said, glyphs)} `, 'muted'),
    span(subject, said.tone === 'quiet' ? 'muted' : 'title'),
  ];
  const whole: Line = [...start, span(said.text, tone)];
  // Columns are counted only for what could be too long: a log is thousands of lines, every second.
  const isPlain = ASCII.test(said.text) && ASCII.test(subject);
  if (unbroken || (isPlain && PREFIX + subject.length + said.text.length <= width)) return [whole];
  const used = widthOf(start);
  return wrap(said.text, Math.max(10, width - used), tone).map((part, index) =>
    index === 0 ? [...start, ...part] : [{ text: ' '.repeat(used) }, ...part],
  );
}

/** Time, mark and the blanks beside it. */
const PREFIX = 11;
const ASCII = /^[\x20-\x7e]*$/;

function markOf({ tone }: Said, glyphs: Glyphs): string {
  if (tone === 'good') return glyphs.ok;
  if (tone === 'warn') return glyphs.warn;
  if (tone === 'bad') return glyphs.bad;
  return ' ';
}

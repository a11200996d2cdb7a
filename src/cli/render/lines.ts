import { say, saySample } from '../../reports/say.ts';
import { formatRecord } from '../failure.ts';
import type { Io } from '../io.ts';
import type { Style } from '../style.ts';
import type { Watcher } from './watcher.ts';

/** A sample at most this often per step, so that a log of hours stays readable. */
const SAMPLE_EVERY_MS = 10_000;

/** Timestamped lines on stderr, for a terminal that cannot redraw, for pipes and for CI. */
export function linesWatcher(io: Io, style: Style): Watcher {
  const sampled = new Map<string, number>();
  const write = (at: number, subject: string, text: string): void => {
    io.err(`${new Date(at).toISOString().slice(11, 19)} ${subject.padEnd(12)} ${text}\n`);
  };
  return {
    event(event) {
      const said = say(event);
      // Beginnings and ends of steps are in the journal; a log that people read says what came of them.
      if (said === undefined || said.tone === 'quiet') return;
      const mark =
        said.tone === 'good'
          ? `${style.good(style.marks.good)} `
          : said.tone === 'warn'
            ? `${style.warn(style.marks.warn)} `
            : said.tone === 'bad'
              ? `${style.bad(style.marks.bad)} `
              : '';
      write(event.at, said.subject, `${mark}${said.text}`);
      if (event.type === 'step.failed') io.err(formatRecord(event.error, style, ' '.repeat(9)));
    },
    sample(sample) {
      const last = sampled.get(sample.step);
      if (last === undefined) {
        // The first sample of a short step is noise; it is said once the step proves to be long.
        sampled.set(sample.step, sample.at);
        return;
      }
      if (sample.at - last < SAMPLE_EVERY_MS) return;
      sampled.set(sample.step, sample.at);
      write(sample.at, sample.subject, style.dim(saySample(sample)));
    },
    end: () => Promise.resolve(),
  };
}

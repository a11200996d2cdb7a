import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ageText } from '../../../src/tui/screens/cells.ts';
import { scriptsIn, shortCommand, tookText } from '../../../src/tui/screens/command-list.ts';
import { offByText } from '../../../src/tui/screens/machine-passes.ts';
import { dayNumber, dayOf, timeOfDay } from '../../../src/tui/screens/times.ts';
import { glyphsFor } from '../../../src/tui/text/glyphs.ts';
import { estate } from './estate.ts';

test('the time of day is that of the calendar, for every instant', () => {
  fc.assert(
    fc.property(
      fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2200-01-01') }),
      date => {
        const iso = date.toISOString();
        expect(timeOfDay(date.getTime())).toBe(iso.slice(11, 19));
        expect(dayOf(date.getTime())).toBe(iso.slice(0, 10));
        expect(dayOf(dayNumber(date.getTime()) * 86_400_000)).toBe(iso.slice(0, 10));
      },
    ),
  );
});

test.each([
  [-5, '0s'],
  [999, '0s'],
  [59_999, '59s'],
  [60_000, '1m00s'],
  [599_999, '9m59s'],
  [600_000, '10m'],
  [3_599_999, '59m'],
  [3_600_000, '1h00m'],
  [90_000_000, '1d 01h'],
])('an age of %i ms reads %s', (ms, text) => {
  expect(ageText(ms)).toBe(text);
});

test.each([
  [100, 116, '+16%'],
  [100, 100, '0%'],
  [100, 50, '-50%'],
  [0, 50, undefined],
  [undefined, 50, undefined],
  [100, undefined, undefined],
])('a forecast of %s that took %s was off by %s', (predicted, took, text) => {
  expect(offByText(predicted, took)).toBe(text);
});

test('a short command leaves out the names of scripts and what all of them share', () => {
  const { snapshot } = estate();
  const glyphs = glyphsFor(true);
  const command =
    'sh -c <script sha256:45abc18afdb2> sh /run/landfall/miami-to-dallas/web1-v3-0 /proc <script sha256:2e80fc1c9953> env rsync';
  expect(shortCommand({ snapshot, glyphs }, command)).toBe('script …/web1-v3-0 /proc script env rsync');
  expect(scriptsIn(command)).toEqual(['45abc18afdb2', '2e80fc1c9953']);
  expect(shortCommand({ snapshot, glyphs }, 'sh shell.sh')).toBe('sh shell.sh');
});

test('short commands are timed in milliseconds', () => {
  expect([tookText(0.4), tookText(999), tookText(1000)]).toEqual(['0ms', '999ms', '1.0s']);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { surveyStatements } from '../../../../src/database/survey/statements.ts';
import { COLUMN_SINCE, MAJOR, PERMISSION_SINCE } from '../../../../src/database/survey/versions.ts';
import { SYSTEM_VIEWS } from '../../../../src/lab/sqlserver/system/views/index.ts';

const majors = Object.entries(MAJOR).map(([year, major]) => ({ year: Number(year), major }));

/** Columns that the double, from documentation and apart from the survey, says came later: `name` -> year. */
const LATER_COLUMNS = new Map(
  SYSTEM_VIEWS.filter(({ name }) => ['databases', 'tables'].includes(name)).flatMap(view =>
    view.columns.flatMap(({ name, since }) => (since === undefined ? [] : [[name, since] as const])),
  ),
);

const textFor = (major: number): string =>
  surveyStatements('publisher', ['Orders', "O'R]"], major)
    .map(({ text }) => text)
    .join('\n');

const names = (text: string, word: string): boolean => new RegExp(`(?<![\\w])${word}(?![\\w])`).test(text);

describe('statements of the survey', () => {
  it.each(majors)(
    'name no column and no permission that SQL Server $year does not have',
    ({ year, major }) => {
      const text = textFor(major);
      for (const [column, since] of COLUMN_SINCE)
        if (since > major) expect(names(text, `\\w\\.${column.split('.')[1]}`), column).toBe(false);
      for (const [permission, since] of PERMISSION_SINCE)
        if (since > major) expect(text).not.toContain(permission);
      for (const [column, since] of LATER_COLUMNS)
        if (since > year) expect(names(text, `[a-z]\\.${column}`), column).toBe(false);
    },
  );

  it('name every later column where it is there', () => {
    const text = textFor(MAJOR[2025]);
    for (const column of COLUMN_SINCE.keys()) expect(text).toContain(column.split('.')[1]);
  });

  it('read only, whatever the version and the names', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 30 }),
        fc.array(fc.string({ minLength: 1 })),
        (major, databases) => {
          for (const { effect, text } of surveyStatements('publisher', databases, major)) {
            expect(effect).toBe('reads');
            expect(text).not.toMatch(
              /\b(?:INSERT|UPDATE|DELETE|ALTER|CREATE|DROP|GRANT|EXEC(?:UTE)?)\b(?! (?:ANY|DATABASE))/,
            );
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('say that a later version is asked for more where the version is not known', () => {
    expect(
      surveyStatements('publisher', ['Orders'], undefined).filter(({ title }) =>
        title.includes('later version'),
      ).length,
    ).toBe(3);
  });
});

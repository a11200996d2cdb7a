import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LandfallError } from '../../../../../src/foundation/errors.ts';
import { readGuest } from '../../../../../src/inventory/guest/guest.ts';
import { decodeSections, type Section, type Sections } from '../../../../../src/inventory/guest/sections.ts';
import { readSurvey } from '../../../../../src/inventory/survey/survey.ts';
import { surveyFacts } from '../../../../../src/journal/facts-survey.ts';
import { collectorOutput, GUESTS, recordedGuest } from '../../../../support/recorded-host.ts';

const OUTPUTS = GUESTS.map(name => collectorOutput(recordedGuest(name)));
const output = fc.constantFrom(...OUTPUTS);
const SECTIONS: readonly Sections[] = OUTPUTS.map(text => decodeSections(text, 'recorded'));
const NAMES = [...new Set(SECTIONS.flatMap(sections => [...sections.keys()]))];
const TEXTS = SECTIONS.flatMap(sections => [...sections.values()].map(({ text }) => text));

/** What tools say in other languages, that ignore LC_ALL or are wrapped by somebody. */
const LOCALIZED = [
  'bash: Zeile 1: nft: Kommando nicht gefunden.\n',
  'Lokale Zeit: Mo 2026-11-23 08:14:02 CET\nSystemuhr synchronisiert: ja\nNTP-Dienst: aktiv\n',
  'ファイルシステム   Iノード  I使用   I残り I使用% マウント位置\n/dev/vda1 10 3 7 30% /\n',
  'Dateisystem 1K-Blöcke Benutzt Verfügbar Verw% Eingehängt auf\n/dev/vda1 10 3 7 30% /\n',
  'EINHEIT LAST AKTIV SUB BESCHREIBUNG\n● cron.service geladen aktiv läuft Zeitgesteuerte Befehle\n',
  'エラー: 権限がありません\n',
];
const ESCAPES = '\u001b[2J\u001b]0;owned\u0007\u202e\u009b31m\r\u0000';

const wild = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.constantFrom(...LOCALIZED),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.json(),
  fc.tuple(fc.constantFrom(...TEXTS), fc.nat()).map(([text, at]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + ESCAPES + text.slice(place);
  }),
  fc.constantFrom(...TEXTS).map(text => text.replaceAll(/[a-z]{4,}/g, word => word + ESCAPES)),
);
const section = fc.record({ rc: fc.constantFrom(0, 0, 0, 1, 2, 124, 126, 127, 137, 255), text: wild });
/** A recording in which some answers are another's, in another language, full of escapes or nothing at all. */
const spoilt = fc
  .tuple(fc.constantFrom(...SECTIONS), fc.dictionary(fc.constantFrom(...NAMES), section, { maxKeys: 12 }))
  .map(([sections, others]): Sections => new Map<string, Section>([...sections, ...Object.entries(others)]));

const strings = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
};
const lists = (value: unknown): readonly unknown[][] => {
  if (Array.isArray(value)) return [value, ...value.flatMap(lists)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(lists) : [];
};
/** More than any list that a reader may keep. */
const LONGEST = 20_000;
const MOVES_A_CURSOR = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;

function survives(sections: Sections): void {
  const { survey, peers, digest } = readSurvey(sections);
  expect(surveyFacts.parse(survey)).toEqual(survey);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  const bad = strings([survey, peers ?? []]).filter(text => MOVES_A_CURSOR.test(text));
  expect(bad).toEqual([]);
  for (const list of lists([survey, peers ?? []])) expect(list.length).toBeLessThan(LONGEST);
}

/** Runs what may refuse; anything but a refusal in the house's own words is a defect. */
function refusesWell<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof LandfallError) return undefined;
    throw thrown;
  }
}

describe('recorded hosts on a bad day', () => {
  it.each(GUESTS)('%s as it was: a survey that the journal accepts', name => {
    survives(decodeSections(collectorOutput(recordedGuest(name)), name));
  });

  it('cut off at any byte: refused, or read as far as it came', () => {
    fc.assert(
      fc.property(output, fc.nat(), (text, at) => {
        const bytes = Buffer.from(text);
        const cut = bytes.subarray(0, at % (bytes.length + 1)).toString('utf8');
        const sections = refusesWell(() => decodeSections(cut, 'host'));
        if (sections === undefined) return;
        refusesWell(() => readGuest(sections, 'host'));
        survives(sections);
      }),
    );
  });

  it('with other bytes in between: refused, or read', () => {
    const noise = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(output, fc.nat(), noise, (text, at, wrong) => {
        const place = at % (text.length + 1);
        const sections = refusesWell(() =>
          decodeSections(text.slice(0, place) + wrong + text.slice(place), 'host'),
        );
        if (sections === undefined) return;
        refusesWell(() => readGuest(sections, 'host'));
        survives(sections);
      }),
    );
  });

  it('with answers that are garbage, localized, full of escapes or of another question', () => {
    fc.assert(
      fc.property(spoilt, sections => {
        refusesWell(() => readGuest(sections, 'host'));
        survives(sections);
      }),
    );
  });
});

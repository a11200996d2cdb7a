import fc from 'fast-check';
import { collectorCommand } from '../../../../src/inventory/collector/collector.ts';
import { round } from '../../../../src/inventory/collector/group.ts';
import { PEERS } from '../../../../src/inventory/collector/survey/surroundings/peers.ts';
import {
  FILES,
  lookAtPeers,
  SHARES,
  SHARES_AGAIN,
  UPSTREAMS,
} from '../../../../src/inventory/collector/survey/surroundings.ts';
import { decodeSections, type Section } from '../../../../src/inventory/guest/sections.ts';
import { Answers } from '../../../../src/inventory/survey/learn.ts';

/** What one question answered: its text where the tool ended well, or its exit code with what came before. */
export type Answered = string | number | { readonly rc: number; readonly text: string };

/** The answers of a guest from a record of sections: `{ 'load': '…', 'nft': 127 }`. What is not named was never asked. */
export function answersOf(sections: Readonly<Record<string, Answered>>): Answers {
  return new Answers(sectionsOf(sections));
}

export function sectionsOf(sections: Readonly<Record<string, Answered>>): ReadonlyMap<string, Section> {
  return new Map(Object.entries(sections).map(([name, answer]) => [name, sectionOf(answer)]));
}

function sectionOf(answer: Answered): Section {
  if (typeof answer === 'string') return { rc: 0, text: answer };
  return typeof answer === 'number' ? { rc: answer, text: '' } : answer;
}

/** The answers of a guest from what the collector printed. */
export function answersFrom(ndjson: string): Answers {
  return new Answers(decodeSections(ndjson, 'here'));
}

/** The collector with these questions alone behind what a copy needs: for a part under test, on this very machine. */
export const withPart = (part: string): readonly string[] => collectorCommand('/', part);

/**
 * Answers as hosts give them on a bad day: the given ones whole, cut off anywhere, with a character changed, in another
 * language, or something else altogether.
 */
export function wildAnswers(good: readonly string[]): fc.Arbitrary<Answered> {
  const whole = fc.constantFrom(...good, '');
  const cut = fc.tuple(whole, fc.nat(4096)).map(([text, at]) => text.slice(0, at % (text.length + 1)));
  const spoilt = fc
    .tuple(whole, fc.nat(4096), fc.string({ unit: 'binary', maxLength: 8 }))
    .map(([text, at, wrong]) => {
      const place = at % (text.length + 1);
      return `${text.slice(0, place)}${wrong}${text.slice(place + wrong.length)}`;
    });
  const shuffled = fc
    .tuple(whole, whole, fc.nat(4096))
    .map(([one, other, at]) => one.slice(at % (one.length + 1)) + other);
  const localized = fc.constantFrom(
    'Kommando nicht gefunden\n',
    'nom ou service inconnu : é\n',
    '不明なコマンド\n',
  );
  const text = fc.oneof(
    ...[whole, cut, spoilt, shuffled, localized],
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.json(),
  );
  return fc.oneof(
    { weight: 4, arbitrary: text },
    { weight: 1, arbitrary: fc.record({ rc: fc.constantFrom(0, 1, 2, 124, 126, 127, 137, 255), text }) },
  );
}

/** Arbitrary answers for some of these sections: each is there or not. */
export function wildSections(
  good: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<Record<string, Answered>> {
  const model = Object.fromEntries(Object.entries(good).map(([name, texts]) => [name, wildAnswers(texts)]));
  return fc
    .record(model, { requiredKeys: [] })
    .map(told =>
      Object.fromEntries(
        Object.entries(told).flatMap(([name, answer]) => (answer === undefined ? [] : [[name, answer]])),
      ),
    );
}

/** What the collector asks of a machine's surroundings, without the rest of the wide look. */
export const SURROUNDINGS =
  PEERS + round('surroundings', [lookAtPeers(1), SHARES, UPSTREAMS, FILES, SHARES_AGAIN, lookAtPeers(2)]);

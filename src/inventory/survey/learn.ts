import { harmless } from '../../foundation/text.ts';
import type { PeerFacts, SurveyFacts, SurveyGap } from '../../journal/facts-survey.ts';
import type { Section, Sections } from '../guest/sections.ts';

/** What one reader adds to the survey; a reader never throws: what it cannot read becomes a gap. */
export type Learned = Partial<Omit<SurveyFacts, 'root' | 'gaps'>>;

export interface PeerSample {
  readonly samples: number;
  readonly seconds: number;
  readonly peers: readonly PeerFacts[];
}

/** Characters of an answer that nobody understood which are kept for people. */
const RAW_KEPT = 400;

/** The answers of one guest, and what could not be learned from them. */
export class Answers {
  readonly gaps: SurveyGap[] = [];
  readonly #sections: Sections;

  constructor(sections: Sections) {
    this.#sections = sections;
  }

  /** The section as it came; undefined where it was never asked or never answered. */
  section(name: string): Section | undefined {
    return this.#sections.get(name);
  }

  /** Names of all sections that begin so: `certificate:` … */
  named(prefix: string): string[] {
    return [...this.#sections.keys()].filter(name => name.startsWith(prefix));
  }

  /** The text of a section that ended well. */
  text(name: string): string | undefined {
    const section = this.#sections.get(name);
    return section?.rc === 0 ? section.text : undefined;
  }

  /**
   * What a parser makes of an answer. A parser says that it does not understand by returning undefined; what it throws
   * is its own defect and must not cost the survey: both leave a gap with the beginning of the answer. Codes 124 and 137 are
   * those of a question that ran out of time, 126 and 127 those of a tool that is not there.
   */
  learn<T>(what: string, name: string, parse: (text: string) => T | undefined, help?: string): T | undefined {
    const section = this.#sections.get(name);
    if (section === undefined) {
      this.gap(what, 'cut-short', undefined, help);
      return undefined;
    }
    const { rc, text } = section;
    if (rc === 124 || rc === 137) this.gap(what, 'timed-out', undefined, help);
    else if (rc === 126 || rc === 127) this.gap(what, 'no-tool', undefined, help);
    else if (rc !== 0) this.gap(what, 'refused', text, help);
    else {
      const learned = understood(() => parse(text));
      if (learned !== undefined) return learned;
      this.gap(what, 'unreadable', text, help);
    }
    return undefined;
  }

  gap(what: string, why: SurveyGap['why'], raw?: string, help?: string): void {
    const kept = raw === undefined ? '' : harmless(raw.slice(0, RAW_KEPT)).trim();
    this.gaps.push({
      ...{ what, why },
      ...(kept === '' ? {} : { raw: kept }),
      ...(help === undefined ? {} : { help }),
    });
  }
}

function understood<T>(parse: () => T | undefined): T | undefined {
  try {
    return parse();
  } catch {
    // Told as a gap by the caller, with the text: a survey of fifty hosts must not fall over one of them.
    return undefined;
  }
}

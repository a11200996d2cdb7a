/** Figures to be drawn. Every text is plain; instants in epoch ms. The same figures stand in a table beside the drawing. */

export type Chart = Bars | Lines | TimeLine;

interface Drawn {
  /** Stable within a document: `passes-web1`. Letters, digits and "-" of it become the id of the drawing. */
  readonly id: string;
  readonly title: string;
  /** What one sees in it, in one sentence, for those who do not see it. */
  readonly description: string;
}

export interface Bars extends Drawn {
  readonly kind: 'bars';
  /** From left to right; without a value: not known. */
  readonly bars: ReadonlyArray<{ readonly label: string; readonly value?: number; readonly shown: string }>;
}

export interface Series {
  readonly name: string;
  /** In order of time. */
  readonly points: ReadonlyArray<{ readonly at: number; readonly value: number }>;
}

export interface Lines extends Drawn {
  readonly kind: 'lines';
  readonly series: readonly Series[];
  /** Formats a value of the upright axis. */
  readonly format: (value: number) => string;
}

export interface TimeLine extends Drawn {
  readonly kind: 'time-line';
  /** In order of time. */
  readonly marks: ReadonlyArray<{
    readonly at: number;
    readonly label: string;
    readonly tone: 'good' | 'bad' | 'plain';
  }>;
}

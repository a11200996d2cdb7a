import type { DriftItem } from '../../journal/database-facts.ts';
import type { Script, Statement } from '../../remote/sql/statement.ts';

/** Whether a change loses nothing: a SELECT of one bit `fits`, asked of the copy before anything is changed. */
export interface Question {
  readonly id: string;
  readonly statement: Statement;
}

/** What differs, and the script that makes the copy's schema equal to the source's as far as no data is lost. */
export interface Drift {
  readonly items: readonly DriftItem[];
  readonly align: Script;
  /** What has to be known of the rows before the refused items among `items` may be mended, too. */
  readonly questions: readonly Question[];
}

import { LandfallError } from '../../foundation/errors.ts';
import type { ReplicationSample, ReplicationTrouble } from '../../journal/database-facts.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { Scene, Stage, Work } from '../stage.ts';

export {
  isNewer,
  MARKER_DDL,
  MARKER_TABLE,
  readMarker,
  readMarkerStatement,
  writeMarker,
  writeMarkerStatement,
} from './marker.ts';

const unwritten = (what: string): LandfallError =>
  new LandfallError('bug', { what: `${what} is not written yet`, next: ['report this'] });

export interface Drained {
  readonly drained: boolean;
  /** One sentence for each proof that holds. */
  readonly evidence: string[];
  /** One sentence for each that does not, with what to do. */
  readonly missing: string[];
}

/** How the copy follows; never throws for a server that is away, but says so in the sample. */
export function observe(_work: Work): Promise<ReplicationSample> {
  return Promise.reject(unwritten('observe'));
}

/** Every statement that writes and that `observe` may send. */
export const observeStatements = (_scene: Scene): readonly Statement[] => [];

export const observeStage: Stage = {
  id: 'observe',
  title: ({ name }) => `look how the copy of ${name} follows`,
  preview: observeStatements,
  done: () => Promise.resolve(false),
  run: () => Promise.reject(unwritten('observe')),
};

/** All proofs of facts 8.4 together; asked after production's writers were stopped. Posts a marker and a tracer token. */
export function proveDrained(_work: Work): Promise<Drained> {
  return Promise.reject(unwritten('proveDrained'));
}

/** Every statement that writes and that `proveDrained` may send. */
export const drainedStatements = (_scene: Scene): readonly Statement[] => [];

/** What an error of an agent means, and its remedy. */
export function classify(_number: number, _text: string): Omit<ReplicationTrouble, 'at'> {
  throw unwritten('classify');
}

/** True where a sample says something that the last told one did not, or a minute has passed. */
export const isWorthTelling = (
  _before: { readonly sample: ReplicationSample; readonly at: number } | undefined,
  _sample: ReplicationSample,
  _now: number,
): boolean => true;

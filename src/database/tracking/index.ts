import { LandfallError } from '../../foundation/errors.ts';
import type { Marker } from '../../journal/database-facts.ts';
import type { Script } from '../../remote/sql/statement.ts';
import type { Scene, Stage, Work } from '../stage.ts';

const unwritten = (what: string): LandfallError =>
  new LandfallError('bug', { what: `${what} is not written yet`, next: ['report this'] });

export interface TrackingRound {
  /** Change tracking version of the publisher that the copy has now. */
  readonly version: string;
  readonly rows: number;
  /** Over both connections. */
  readonly bytes: number;
  /** The marker that arrived with it. */
  readonly marker?: Marker;
}

const stage = (id: string, title: (scene: Scene) => string): Stage => ({
  id,
  title,
  preview: () => [],
  done: () => Promise.resolve(false),
  run: () => Promise.reject(unwritten(id)),
});

/** Change tracking and SNAPSHOT isolation on the publisher; what was off before is recorded there. */
export const trackStage: Stage = stage('track', ({ name }) => `track the changes of ${name}`);

/** The first copy of every tracked table, with the version from which its rounds go on. */
export const copyStage: Stage = stage('copy', ({ name }) => `copy the tables of ${name}`);

/** Rounds until one brings the marker that was written when it began. */
export const followStage: Stage = stage('follow', ({ name }) => `let the copy of ${name} follow`);

/** One round: net changes since the last, applied in one transaction with their version. */
export function trackingRound(_work: Work): Promise<TrackingRound> {
  return Promise.reject(unwritten('trackingRound'));
}

/** Tables without a key, whole; only inside the freeze. */
export function reloadTables(_work: Work): Promise<{ readonly rows: number; readonly bytes: number }> {
  return Promise.reject(unwritten('reloadTables'));
}

/** Turns off what landfall turned on, and nothing else; part of the teardown. */
export const untrackScript = (_scene: Scene): Script => ({ title: 'stop tracking changes', deeds: [] });

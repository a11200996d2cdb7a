import type { DatabaseOrder, Lane } from '../journal/database-facts.ts';
import type { DatabaseState } from '../journal/state.ts';
import { planStage } from './advise/index.ts';
import { assessStage } from './assess/index.ts';
import { besidesStage } from './besides/index.ts';
import { alignStage } from './drift/index.ts';
import { handoverStage, thawStage } from './handover/index.ts';
import { observeStage } from './monitor/index.ts';
import { pinStage, reconcileStage, unpinStage } from './reconcile/index.ts';
import { captureStage, catchUpStage, releaseStage, teardownStage } from './replicate/index.ts';
import { backupStage, restoreStage, shipLogsStage } from './shipping/index.ts';
import type { Stage } from './stage.ts';
import { copyStage, followStage, trackStage } from './tracking/index.ts';
import { validateStage } from './validate/index.ts';

/** Which stages there are in which order: for each lane, and for what an engineer orders. */

/** Before anybody knows the lane. */
const FIRST: readonly Stage[] = [assessStage, planStage];

/** Until the copy follows. Capture first, seed second, release last: nothing that commits in between is lost. */
const SEEDING: Readonly<Record<Lane, readonly Stage[]>> = {
  clone: [captureStage, alignStage, pinStage, reconcileStage, releaseStage],
  backup: [captureStage, backupStage, restoreStage, releaseStage],
  snapshot: [captureStage, alignStage, releaseStage],
  'log-shipping': [backupStage, restoreStage, shipLogsStage],
  'change-tracking': [trackStage, alignStage, copyStage, followStage],
};

/**
 * Once it follows; the look at the end tells what the comparison has settled. A database that is being restored cannot be read: nothing in it can be
 * compared.
 */
const FOLLOWING: Readonly<Record<Lane, readonly Stage[]>> = {
  clone: [catchUpStage, unpinStage, besidesStage, validateStage, observeStage],
  backup: [catchUpStage, besidesStage, validateStage, observeStage],
  snapshot: [catchUpStage, besidesStage, validateStage, observeStage],
  'log-shipping': [besidesStage, observeStage],
  'change-tracking': [besidesStage, validateStage, observeStage],
};

/** The lane that was chosen, or that the plan names; undefined before the advice where the plan says `auto`. */
export const laneOf = (
  state: Pick<DatabaseState, 'lane'> | undefined,
  plan: { readonly lane: Lane | 'auto' },
): Lane | undefined => state?.lane?.lane ?? (plan.lane === 'auto' ? undefined : plan.lane);

/** Every stage of a lane, first to last; without a lane those that find it. */
export const stagesOf = (lane: Lane | undefined): readonly Stage[] =>
  lane === undefined ? FIRST : [...FIRST, ...SEEDING[lane], ...FOLLOWING[lane]];

/** The stages that make the copy follow, and by which it goes on to follow. */
export const followingStages = (lane: Lane): readonly Stage[] =>
  lane === 'log-shipping' ? [shipLogsStage] : lane === 'change-tracking' ? [followStage] : [];

/** Whether a stage comes after the release, when the copy follows. */
export const isAfterRelease = (lane: Lane, stage: Pick<Stage, 'id'>): boolean =>
  FOLLOWING[lane].some(({ id }) => id === stage.id);

/** Stages that an order repeats, whatever was done before; the others only go on with the lane. */
export const REPEATED: Readonly<Partial<Record<DatabaseOrder, readonly Stage[]>>> = {
  assess: [assessStage],
  plan: [planStage],
  reconcile: [pinStage, reconcileStage],
  validate: [validateStage],
  besides: [besidesStage],
  handover: [handoverStage],
  thaw: [thawStage],
  teardown: [teardownStage],
};

/** How far along the lane an order goes: up to and including this stage; undefined is all the way. */
export function lastStageFor(order: DatabaseOrder, lane: Lane | undefined): string | undefined {
  if (order === 'assess') return 'assess';
  if (order === 'plan') return 'plan';
  if (lane === undefined) return undefined;
  if (order === 'seed') return SEEDING[lane].at(-1)?.id;
  if (order === 'reconcile') return 'reconcile';
  return undefined;
}

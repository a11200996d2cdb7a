import type { ReplicationTrouble } from '../../journal/database-facts.ts';
import type { Scene } from '../stage.ts';
import { exposureOf } from './exposure.ts';
import { known, type Observation } from './observation.ts';

const FIVE_MINUTES = 5 * 60_000;
const HOUR = 3_600_000;

/** Troubles of following itself, by lane. */
export function laneTroubles({ state }: Scene, observation: Observation): ReplicationTrouble[] {
  switch (observation.lane) {
    case 'log-shipping':
      return shipping(observation, exposureOf(observation, state.observed));
    case 'change-tracking':
      return [
        ...tracking(observation),
        ...behind(
          exposureOf(observation, state.observed),
          FIVE_MINUTES,
          'rounds run with: landfall database replicate',
        ),
      ];
    default:
      return behind(
        exposureOf(observation, state.observed),
        FIVE_MINUTES,
        'look at the backlog of each hop: what is slow is where it waits',
      );
  }
}

function behind(exposure: number | undefined, limit: number, remedy: string): ReplicationTrouble[] {
  if (exposure === undefined || exposure < limit) return [];
  return [
    {
      code: 'falls-behind',
      severity: 'warning',
      what: `the copy lacks what production committed in the last ${Math.round(exposure / 60_000)} min`,
      remedy,
      evidence: [],
    },
  ];
}

function shipping(observation: Observation, exposure: number | undefined): ReplicationTrouble[] {
  if (observation.shipped?.answered !== true) return [];
  const shipped = observation.shipped.value;
  if (shipped === undefined)
    return [
      {
        code: 'no-log-restored',
        severity: 'blocker',
        what: 'the copy has no restored backup: it does not follow',
        remedy: 'restore the seed: landfall database seed',
        evidence: [],
      },
    ];
  if (shipped.state === 'ONLINE')
    return [
      {
        code: 'copy-recovered',
        severity: 'blocker',
        what: 'the copy was recovered: no further log can be restored on it',
        remedy: 'where that was not the hand-over, the copy has to be seeded again: landfall database seed',
        evidence: [`the last restored log ends at ${shipped.lastLsn}`],
      },
    ];
  return behind(exposure, HOUR, 'ship and restore the next log: landfall database replicate');
}

function tracking(observation: Observation): ReplicationTrouble[] {
  const followed = observation.followed;
  if (followed?.answered !== true) return [];
  const tables = known(followed);
  if (tables === undefined)
    return [
      {
        code: 'not-copied',
        severity: 'blocker',
        what: 'the copy has no version of change tracking yet: it does not follow',
        remedy: 'make the first copy: landfall database seed',
        evidence: [],
      },
    ];
  if (tables.behind.length === 0) return [];
  return [
    {
      code: 'tables-not-copied',
      severity: 'warning',
      what: `${tables.behind.length} of ${tables.tables} tables have to be copied whole before they follow`,
      remedy:
        'the next round does it; where it does not end, copy them in a quiet hour: landfall database seed',
      evidence: tables.behind.slice(0, 5),
    },
  ];
}

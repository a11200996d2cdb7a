import { formatBytes, formatDuration } from '../../foundation/units.ts';
import type { Lane, LaneForecast } from '../../journal/database-facts.ts';
import type { AdviceFacts } from './facts.ts';

export interface Recommendation {
  readonly lane: Lane;
  readonly reason: string;
}

/** A seed that takes more of the time that is left than this does not fit: something always goes wrong once. */
const MOST_OF_TIME = 0.5;
/** The clone is worth its reconcile from so much less time on. */
const WORTH = 2;
/** A backup that takes no longer than this is not worth anything cleverer. */
const QUICK_HOURS = 0.5;

const ms = (hours: number): string => formatDuration(hours * 3_600_000);

/**
 * A fresh backup where it fits: SQL Server itself keeps its start then. The clone where the link makes the difference.
 * Change tracking where the edition cannot publish; log shipping as what always goes. Undefined where all are closed.
 */
export function recommended(facts: AdviceFacts, lanes: readonly LaneForecast[]): Recommendation | undefined {
  const open = (lane: Lane): LaneForecast | undefined =>
    lanes.find(each => each.lane === lane && each.verdict !== 'closed');
  const [backup, clone, snapshot] = [open('backup'), open('clone'), open('snapshot')];
  const [shipping, tracking] = [open('log-shipping'), open('change-tracking')];
  const fits = (forecast: LaneForecast): boolean =>
    forecast.hours === undefined ||
    facts.hoursLeft === undefined ||
    forecast.hours <= facts.hoursLeft * MOST_OF_TIME;
  const byHand = facts.findings.some(({ code }) => code === 'files-by-hand');

  if (backup !== undefined && clone !== undefined) {
    if (byHand)
      return {
        lane: 'clone',
        reason: 'the files of a backup would have to be carried by hand; the clone needs nobody',
      };
    const saves = savings(backup, clone);
    if (saves !== undefined) return { lane: 'clone', reason: saves };
    if (!fits(backup) && fits(clone))
      return {
        lane: 'clone',
        reason: `a backup takes ${ms(backup.hours ?? 0)}, too much of the time that is left`,
      };
  }
  if (backup !== undefined && (fits(backup) || (clone ?? snapshot ?? tracking) === undefined))
    return {
      lane: 'backup',
      reason: `a fresh backup of production${backup.hours === undefined ? '' : ` takes ${ms(backup.hours)}`}; SQL Server takes the start from it by itself, no row is compared`,
    };
  if (clone !== undefined)
    return {
      lane: 'clone',
      reason: 'the clone is made equal to production: only what differs travels',
    };
  const cannotPublish = facts.findings.some(({ code }) => code === 'edition-cannot-publish');
  if (cannotPublish && tracking !== undefined)
    return {
      lane: 'change-tracking',
      reason:
        'this edition cannot publish; change tracking works with every edition, and the copy stays readable',
    };
  if (snapshot !== undefined && fits(snapshot))
    return { lane: 'snapshot', reason: 'neither backup nor clone are to be had; rows travel whole' };
  if (shipping !== undefined)
    return {
      lane: 'log-shipping',
      reason: 'what carries rows one by one is closed; log shipping carries the database whole',
    };
  const last = tracking ?? snapshot ?? backup;
  return last === undefined
    ? undefined
    : {
        lane: last.lane,
        reason: 'it is the quickest that is open; it may not fit into the time that is left',
      };
}

function savings(backup: LaneForecast, clone: LaneForecast): string | undefined {
  if (backup.hours === undefined || clone.hours === undefined) return undefined;
  if (backup.hours <= QUICK_HOURS || clone.hours * WORTH > backup.hours) return undefined;
  return `only what differs travels: ${formatBytes(clone.bytes ?? 0)} in ${ms(clone.hours)}, against ${formatBytes(backup.bytes ?? 0)} in ${ms(backup.hours)} for a backup`;
}

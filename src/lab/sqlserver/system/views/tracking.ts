import { catalogOf } from '../catalog-facts.ts';
import { view } from '../define-view.ts';

export const trackingDatabases = view(
  'change_tracking_databases',
  `database_id int
   is_auto_cleanup_on bit null
   retention_period int null
   retention_period_units tinyint null
   retention_period_units_desc nvarchar(60) null
   max_cleanup_version bigint null since 2014`,
  function* (context) {
    for (const database of context.instance.databases.values()) {
      const tracking = database.options.changeTracking;
      if (tracking === undefined) continue;
      const unit = retentionUnit(tracking.retentionMinutes);
      yield {
        database_id: database.id,
        is_auto_cleanup_on: tracking.autoCleanup,
        retention_period: tracking.retentionMinutes / unit.minutes,
        retention_period_units: unit.id,
        retention_period_units_desc: unit.name,
      };
    }
  },
);

/** The largest unit that the retention is a whole number of; the one it was written in is not kept. */
function retentionUnit(minutes: number): {
  readonly id: number;
  readonly name: string;
  readonly minutes: number;
} {
  if (minutes % 1440 === 0) return { id: 3, name: 'DAYS', minutes: 1440 };
  if (minutes % 60 === 0) return { id: 2, name: 'HOURS', minutes: 60 };
  return { id: 1, name: 'MINUTES', minutes: 1 };
}

export const trackingTables = view(
  'change_tracking_tables',
  `object_id int
   is_track_columns_updated_on bit
   min_valid_version bigint null
   begin_version bigint null
   cleanup_version bigint null`,
  function* (context, database) {
    for (const table of catalogOf(context, database).tables.values()) {
      if (table.changeTracking === undefined) continue;
      const minimum = database.store?.tracking.minimumValidVersion(table) ?? null;
      const { beginVersion, trackColumns } = table.changeTracking;
      yield {
        object_id: table.id,
        is_track_columns_updated_on: trackColumns,
        min_valid_version: minimum,
        begin_version: beginVersion,
        cleanup_version: minimum !== null && minimum > beginVersion ? minimum : 0n,
      };
    }
  },
);

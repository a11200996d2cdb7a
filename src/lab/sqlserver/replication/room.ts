import type { SystemRoom } from '../system/room.ts';
import { AGENT_PROCEDURES } from './procedures/agents.ts';
import { ARTICLE_PROCEDURES } from './procedures/article.ts';
import { ARTICLE_INFO_PROCEDURES } from './procedures/article-info.ts';
import { CHANGE_AGENT_PROCEDURES } from './procedures/change-agents.ts';
import { CHANGE_ARTICLE_PROCEDURES } from './procedures/change-article.ts';
import { CHANGE_PUBLICATION_PROCEDURES } from './procedures/change-publication.ts';
import { CLEANUP_PROCEDURES } from './procedures/cleanup.ts';
import { DATABASE_OPTION_PROCEDURES } from './procedures/database-option.ts';
import { DISTRIBUTOR_PROCEDURES } from './procedures/distributor.ts';
import { DISTRIBUTOR_INFO_PROCEDURES } from './procedures/distributor-info.ts';
import { LOG_PROCEDURES } from './procedures/log.ts';
import { LOG_REPAIR_PROCEDURES } from './procedures/log-repair.ts';
import { MONITOR_PROCEDURES } from './procedures/monitor.ts';
import { PROFILE_PROCEDURES } from './procedures/profiles.ts';
import { PUBLICATION_PROCEDURES } from './procedures/publication.ts';
import { PUBLICATION_INFO_PROCEDURES } from './procedures/publication-info.ts';
import { REFUSED_PROCEDURES } from './procedures/pull.ts';
import { REFRESH_PROCEDURES } from './procedures/refresh.ts';
import { REMOVAL_PROCEDURES } from './procedures/removal.ts';
import { SNAPSHOT_PROCEDURES } from './procedures/snapshot.ts';
import { SUBSCRIBER_PROCEDURES } from './procedures/subscriber.ts';
import { SUBSCRIPTION_PROCEDURES } from './procedures/subscription.ts';
import { TRACER_PROCEDURES } from './procedures/tracer.ts';
import { UPKEEP_PROCEDURES } from './procedures/upkeep.ts';
import { VALIDATION_PROCEDURES } from './procedures/validation.ts';

/** Transactional replication: its procedures; its tables are ordinary ones, its agents subsystems of SQL Server Agent. */
export const REPLICATION_ROOM: SystemRoom = {
  views: [],
  scalars: [],
  globals: [],
  procedures: [
    ...[
      ...DISTRIBUTOR_PROCEDURES,
      ...DATABASE_OPTION_PROCEDURES,
      ...PUBLICATION_PROCEDURES,
      ...AGENT_PROCEDURES,
      ...ARTICLE_PROCEDURES,
      ...SUBSCRIPTION_PROCEDURES,
    ],
    ...[
      ...LOG_PROCEDURES,
      ...TRACER_PROCEDURES,
      ...MONITOR_PROCEDURES,
      ...VALIDATION_PROCEDURES,
      ...REMOVAL_PROCEDURES,
      ...CLEANUP_PROCEDURES,
    ],
    ...[...DISTRIBUTOR_INFO_PROCEDURES, ...PUBLICATION_INFO_PROCEDURES, ...ARTICLE_INFO_PROCEDURES],
    ...[...CHANGE_PUBLICATION_PROCEDURES, ...CHANGE_ARTICLE_PROCEDURES, ...CHANGE_AGENT_PROCEDURES],
    ...[...PROFILE_PROCEDURES, ...REFRESH_PROCEDURES, ...SUBSCRIBER_PROCEDURES, ...REFUSED_PROCEDURES],
    ...[...LOG_REPAIR_PROCEDURES, ...SNAPSHOT_PROCEDURES, ...UPKEEP_PROCEDURES],
  ],
};

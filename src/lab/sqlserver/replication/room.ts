import type { SystemRoom } from '../system/room.ts';
import { AGENT_PROCEDURES } from './procedures/agents.ts';
import { ARTICLE_PROCEDURES } from './procedures/article.ts';
import { CLEANUP_PROCEDURES } from './procedures/cleanup.ts';
import { DATABASE_OPTION_PROCEDURES } from './procedures/database-option.ts';
import { DISTRIBUTOR_PROCEDURES } from './procedures/distributor.ts';
import { LOG_PROCEDURES } from './procedures/log.ts';
import { MONITOR_PROCEDURES } from './procedures/monitor.ts';
import { PUBLICATION_PROCEDURES } from './procedures/publication.ts';
import { REMOVAL_PROCEDURES } from './procedures/removal.ts';
import { SUBSCRIPTION_PROCEDURES } from './procedures/subscription.ts';
import { TRACER_PROCEDURES } from './procedures/tracer.ts';
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
  ],
};

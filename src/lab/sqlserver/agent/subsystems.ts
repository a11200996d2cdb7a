import { DISTRIBUTION } from '../replication/agents/distribution.ts';
import { LOG_READER } from '../replication/agents/log-reader.ts';
import { SNAPSHOT } from '../replication/agents/snapshot.ts';
import type { Subsystem } from './subsystem.ts';

/** What jobs can be made of besides Transact-SQL: replication adds its agents here. */
export const SUBSYSTEMS: readonly Subsystem[] = [LOG_READER, DISTRIBUTION, SNAPSHOT];

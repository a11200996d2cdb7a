import type { SystemRoom } from '../system/room.ts';
import { CONTROL_PROCEDURES } from './procedures/control.ts';
import { HELP_PROCEDURES } from './procedures/help.ts';
import { JOB_PROCEDURES } from './procedures/jobs.ts';
import { OPERATOR_PROCEDURES } from './procedures/operators.ts';
import { SCHEDULE_PROCEDURES } from './procedures/schedules.ts';
import { STEP_PROCEDURES } from './procedures/steps.ts';

/** msdb's procedures of SQL Server Agent. */
export const AGENT_ROOM: SystemRoom = {
  views: [],
  procedures: [
    ...JOB_PROCEDURES,
    ...STEP_PROCEDURES,
    ...SCHEDULE_PROCEDURES,
    ...OPERATOR_PROCEDURES,
    ...CONTROL_PROCEDURES,
    ...HELP_PROCEDURES,
  ],
  scalars: [],
  globals: [],
};

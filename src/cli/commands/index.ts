import type { Command } from '../command.ts';
import { approve } from './approve.ts';
import { attach } from './attach.ts';
import { check } from './check.ts';
import { clean } from './clean.ts';
import { completionCommand } from './completion.ts';
import { cutover } from './cutover.ts';
import { database } from './database.ts';
import { dependencies } from './dependencies.ts';
import { doctor } from './doctor.ts';
import { drift } from './drift.ts';
import { evidence } from './evidence.ts';
import { failback } from './failback.ts';
import { init } from './init.ts';
import { inventory } from './inventory.ts';
import { list } from './list.ts';
import { look } from './look.ts';
import { measure } from './measure.ts';
import { mode } from './mode.ts';
import { mover } from './mover.ts';
import { note } from './note.ts';
import { pause } from './pause.ts';
import { prove } from './prove.ts';
import { recover } from './recover.ts';
import { rehearse } from './rehearse.ts';
import { report } from './report.ts';
import { resume } from './resume.ts';
import { retry } from './retry.ts';
import { run } from './run.ts';
import { since } from './since.ts';
import { sizing } from './sizing.ts';
import { standby } from './standby.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { sync } from './sync.ts';
import { throttle } from './throttle.ts';
import { triage } from './triage.ts';
import { verifyEvidenceCommand } from './verify-evidence.ts';
import { waive } from './waive.ts';

/** Every command, in the order in which an engineer meets them. */
export const COMMANDS: readonly Command[] = [
  rehearse,
  init,
  check,
  doctor,
  look,
  inventory,
  dependencies,
  run,
  prove,
  database,
  cutover,
  attach,
  list,
  status,
  drift,
  triage,
  sizing,
  report,
  measure,
  standby,
  mode,
  mover,
  approve,
  pause,
  resume,
  sync,
  retry,
  throttle,
  waive,
  note,
  since,
  stop,
  failback,
  evidence,
  verifyEvidenceCommand,
  recover,
  clean,
  completionCommand(() => COMMANDS),
];

import type { Command } from '../command.ts';
import { check } from './check.ts';
import { clean } from './clean.ts';
import { completionCommand } from './completion.ts';
import { doctor } from './doctor.ts';
import { init } from './init.ts';
import { inventory } from './inventory.ts';
import { rehearse } from './rehearse.ts';
import { report } from './report.ts';
import { run } from './run.ts';
import { status } from './status.ts';

/** Every command, in the order in which an engineer meets them. */
export const COMMANDS: readonly Command[] = [
  rehearse,
  init,
  check,
  doctor,
  inventory,
  run,
  status,
  report,
  clean,
  completionCommand(() => COMMANDS),
];

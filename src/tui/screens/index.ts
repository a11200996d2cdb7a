import type { Screen, ScreenId } from '../screen.ts';
import { build } from './build.ts';
import { check } from './check.ts';
import { commands } from './commands.ts';
import { cutover } from './cutover.ts';
import { database } from './database.ts';
import { home } from './home.ts';
import { inventory } from './inventory.ts';
import { log } from './log.ts';
import { machine } from './machine.ts';
import { notes } from './notes.ts';
import { overview } from './overview.ts';
import { plan } from './plan.ts';
import { preview } from './preview.ts';
import { prove } from './prove.ts';
import { ready } from './ready.ts';
import { sync } from './sync.ts';

/** Every screen by its name. */
export const SCREENS: Readonly<Record<ScreenId, Screen>> = {
  home,
  overview,
  check,
  inventory,
  build,
  sync,
  database,
  prove,
  ready,
  cutover,
  machine,
  log,
  notes,
  commands,
  preview,
  plan,
};

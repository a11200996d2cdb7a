import type { Screen, ScreenId } from '../screen.ts';
import { build } from './build.ts';
import { check } from './check.ts';
import { commands } from './commands.ts';
import { home } from './home.ts';
import { inventory } from './inventory.ts';
import { log } from './log.ts';
import { machine } from './machine.ts';
import { notes } from './notes.ts';
import { overview } from './overview.ts';
import { preview } from './preview.ts';
import { ready } from './ready.ts';
import { sync } from './sync.ts';
import { toCome } from './to-come.ts';

/** Every screen by its name. */
export const SCREENS: Readonly<Record<ScreenId, Screen>> = {
  home,
  overview,
  check,
  inventory,
  build,
  sync,
  database: toCome('database'),
  prove: toCome('prove'),
  ready,
  cutover: toCome('cutover'),
  machine,
  log,
  notes,
  commands,
  preview,
  plan: toCome('plan'),
};

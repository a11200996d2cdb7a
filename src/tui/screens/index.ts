import type { Screen, ScreenId } from '../screen.ts';
import { check } from './check.ts';
import { commands } from './commands.ts';
import { home } from './home.ts';
import { log } from './log.ts';
import { machine } from './machine.ts';
import { overview } from './overview.ts';
import { ready } from './ready.ts';
import { sync } from './sync.ts';
import { toCome } from './to-come.ts';

/** Every screen by its name. */
export const SCREENS: Readonly<Record<ScreenId, Screen>> = {
  home,
  overview,
  check,
  inventory: toCome('inventory'),
  build: toCome('build'),
  sync,
  database: toCome('database'),
  prove: toCome('prove'),
  ready,
  cutover: toCome('cutover'),
  machine,
  log,
  notes: toCome('notes'),
  commands,
  preview: toCome('preview'),
  plan: toCome('plan'),
};

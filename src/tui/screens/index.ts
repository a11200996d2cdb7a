import type { Screen, ScreenId } from '../screen.ts';
import { home } from './home.ts';
import { overview } from './overview.ts';
import { toCome } from './to-come.ts';

/** Every screen by its name. */
export const SCREENS: Readonly<Record<ScreenId, Screen>> = {
  home,
  overview,
  check: toCome('check'),
  inventory: toCome('inventory'),
  build: toCome('build'),
  sync: toCome('sync'),
  database: toCome('database'),
  prove: toCome('prove'),
  ready: toCome('ready'),
  cutover: toCome('cutover'),
  machine: toCome('machine'),
  log: toCome('log'),
  notes: toCome('notes'),
  commands: toCome('commands'),
  preview: toCome('preview'),
  plan: toCome('plan'),
};

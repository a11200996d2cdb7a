import { PHASES } from '../step/step.ts';
import type { ScreenId } from './screen.ts';

/** Where keys work: screens that have something in common. */

/** Screens about an evacuation that is open. */
export const OPEN: readonly ScreenId[] = [
  'overview',
  ...PHASES,
  'machine',
  'log',
  'notes',
  'commands',
  'preview',
];
/** Screens that are read from their end. */
export const LOGS: readonly ScreenId[] = ['log', 'commands', 'machine'];
/** Screens with a machine in focus. */
export const MACHINES: readonly ScreenId[] = [
  'overview',
  'inventory',
  'build',
  'sync',
  'prove',
  'ready',
  'machine',
];

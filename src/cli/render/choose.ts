import type { Plan } from '../../plan/schema.ts';
import type { Io } from '../io.ts';
import type { Style } from '../style.ts';
import { linesWatcher } from './lines.ts';
import { listWatcher } from './list.ts';
import { ndjsonWatcher } from './ndjson.ts';
import type { Watcher } from './watcher.ts';

/** Machines read ND-JSON, a terminal that can redraw gets a live list, everything else gets lines. */
export function chooseWatcher(io: Io, style: Style, plan: Plan, json: boolean): Watcher {
  if (json) return ndjsonWatcher(io);
  return io.canAnimate ? listWatcher(io, plan, style) : linesWatcher(io, style);
}

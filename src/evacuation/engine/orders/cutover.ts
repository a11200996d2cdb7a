import type { CommandOf } from '../command.ts';
import { begin } from './cutover-begin.ts';
import { reopen, run, skip, tick } from './cutover-items.ts';
import { abort, noReturn } from './cutover-line.ts';
import { go, hold } from './cutover-pace.ts';
import type { Decide, Decision, Desktop } from './decision.ts';

type Order = CommandOf<'cutover'>;

const ACTS: Readonly<Record<Order['act'], Decide<Order>>> = {
  begin,
  go,
  hold,
  run,
  tick,
  skip,
  reopen,
  'no-return': noReturn,
  abort,
};

/** Orders along the checklist of the cutover. */
export const cutover = (command: Order, desk: Desktop): Decision => ACTS[command.act](command, desk);

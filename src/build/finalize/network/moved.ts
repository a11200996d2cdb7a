import type { Plan } from '../../../plan/schema.ts';
import { networkMoves } from '../wish.ts';
import { Mover, readMoves } from './mover.ts';

/** Where an address of a machine goes, by the networks of the plan; undefined where it stays or the plan cannot tell. */
export const movedAddress = (plan: Pick<Plan, 'networks'>, address: string): string | undefined =>
  new Mover(readMoves(networkMoves(plan)).moves).own(address);

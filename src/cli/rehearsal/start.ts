import { launchEngine } from '../engine-launch.ts';
import type { Io } from '../io.ts';
import { chooseRehearsal, type RehearsalInput } from './rehearsal.ts';

export type RehearsalWishes = Partial<Omit<RehearsalInput, 'json' | 'state' | 'stay'>> & {
  /** The directory of all evacuations. */
  readonly root: string;
};

/**
 * For the UI: starts a pocket rehearsal, or the one that was interrupted, with an engine in a process and a session of
 * its own. It stays after the comparison until it is stopped or nobody has looked on for a while. Throws what the
 * rehearsal may meet before it listens.
 */
export async function startRehearsal(io: Io, wishes: RehearsalWishes): Promise<{ readonly name: string }> {
  const { root, fault = [], machines, seed, scale, link, lab, keep, stepByStep, database } = wishes;
  const { name } = await chooseRehearsal(root, wishes.name);
  const words = [
    ...['rehearse', '--detached', '--stay', '--state', root],
    ...(wishes.name === undefined ? [] : ['--name', name]),
    ...fault.flatMap(({ kind, machine }) => ['--fault', machine === undefined ? kind : `${kind}:${machine}`]),
    ...(machines === undefined ? [] : ['--machines', machines.join()]),
    ...(seed === undefined ? [] : ['--seed', String(seed)]),
    ...(scale === undefined ? [] : ['--scale', String(scale)]),
    ...(link === undefined ? [] : ['--link', link]),
    ...(lab === undefined ? [] : ['--lab', lab]),
    ...(database === false ? ['--no-database'] : []),
    ...(keep === true ? ['--keep'] : []),
    ...(stepByStep === true ? ['--step-by-step'] : []),
    ...(wishes.story === undefined ? [] : ['--cutover']),
    ...(wishes.story === undefined || wishes.story === 'cutover' ? [] : [`--${wishes.story}`]),
  ];
  const engine = await launchEngine(io, { root, name, words });
  engine.leave();
  if (engine.isServing) return { name };
  await engine.ended;
  throw await engine.speechless();
}

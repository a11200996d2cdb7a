import { harmless } from '../foundation/text.ts';
import type { Io } from './io.ts';

const LONGEST = 100;

/** Whose orders these are: LANDFALL_ENGINEER, then whoever called sudo, then the login. */
export function engineerOf(io: Pick<Io, 'env' | 'process'>): string {
  const named = [io.env['LANDFALL_ENGINEER'], io.env['SUDO_USER']].find(each => (each ?? '').trim() !== '');
  return harmless((named ?? io.process.user).trim()).slice(0, LONGEST);
}

/** What an engine is told about this client. */
export function clientOf(io: Io, client: 'ui' | 'cli') {
  return { who: engineerOf(io), host: io.process.host, client, clock: io.clock } as const;
}

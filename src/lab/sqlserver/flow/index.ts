import type { Instance } from '../server/instance.ts';
import { EngineSession } from './session.ts';
import type { SessionLogin } from './state.ts';

export type { SessionLogin } from './state.ts';

/**
 * The session of one connection.
 *
 * @param onEnd called when nothing of it is left: its transaction rolled back, its temporary tables dropped
 */
export const createSession = (
  instance: Instance,
  login: SessionLogin,
  onEnd: () => void = () => undefined,
): EngineSession => new EngineSession(instance, login, onEnd);

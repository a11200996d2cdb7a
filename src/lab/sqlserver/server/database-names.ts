import type { Execution } from '../flow/execution.ts';
import type { ServerDatabase } from './database-state.ts';
import { ServerInstance } from './server.ts';

/** The server behind an execution: databases are made and dropped by its own hand. */
export function serverOf({ instance }: Execution): ServerInstance {
  if (instance instanceof ServerInstance) return instance;
  throw new TypeError('databases are changed on a server of the double only');
}

export const findDatabase = (execution: Execution, name: string): ServerDatabase | undefined =>
  serverOf(execution).databases.get(name.toLowerCase());

import { installReplication } from '../replication/install.ts';
import type { Instance } from '../server/instance.ts';
import { createAgent } from './agent.ts';
import { installMsdb } from './install.ts';
import type { Subsystem } from './subsystem.ts';

/** Makes msdb's tables where they are missing, and starts SQL Server Agent where the edition has one. */
export async function setUpAgent(instance: Instance, subsystems: readonly Subsystem[]): Promise<void> {
  await installMsdb(instance);
  await installReplication(instance);
  if (!instance.product.hasAgent) return;
  instance.agent = createAgent(instance, subsystems);
  await instance.agent.start();
}

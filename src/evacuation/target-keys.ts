import { controlKeys } from '../remote/control-identities.ts';
import { resolveSsh } from '../remote/ssh-config.ts';
import type { EvacuateOptions } from './evacuate.ts';

/** The public keys with which this machine can log in at the target; receivers will be told to accept them. */
export async function keysOfTargets(
  options: Pick<EvacuateOptions, 'plan' | 'database' | 'agentSocket'>,
  configFile: string | undefined,
): Promise<string[]> {
  const keys = new Set<string>();
  // What is done with a database needs no login at a machine.
  if (options.database !== undefined) return [];
  for (const { target } of Object.values(options.plan.plan.machines)) {
    const resolved = await resolveSsh({
      address: target.address,
      port: target.port,
      user: target.user,
      configFile,
    });
    for (const key of await controlKeys({ target: resolved, agentSocket: options.agentSocket }))
      keys.add(key);
  }
  return [...keys];
}

import type { Plan } from '../../plan/schema.ts';

export interface PlannedServer {
  /** Address and port, as `state.servers` is keyed. */
  readonly key: string;
  readonly databases: readonly string[];
}

/** The SQL Servers from which databases of the plan leave, each once. */
export function serversOf({ databases }: Pick<Plan, 'databases'>): PlannedServer[] {
  const named = Object.entries(databases).map(([name, { publisher }]) => ({
    name,
    key: `${publisher.address}:${publisher.port}`,
  }));
  return [...Map.groupBy(named, ({ key }) => key)].map(([key, all]) => ({
    key,
    databases: all.map(({ name }) => name),
  }));
}

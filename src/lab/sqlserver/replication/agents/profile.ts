import type { Instance } from '../../server/instance.ts';

export interface Profile {
  /** Transactions of one delivery. */
  readonly batch: number;
  /** Commands after which a delivery takes no further transaction. */
  readonly threshold: number;
  /** Error numbers whose command is passed over. */
  readonly skip: ReadonlySet<number>;
}

/** What an agent profile says of a distribution agent; read when the agent starts. */
export async function profileOf(instance: Instance, id: number): Promise<Profile> {
  const rows = await instance.run(
    'msdb',
    `SELECT parameter_name, value FROM dbo.MSagent_parameters WHERE profile_id = ${id}`,
  );
  const values = new Map(rows.map(([name, value]) => [String(name).toLowerCase(), String(value)]));
  const skip = (values.get('-skiperrors') ?? '').split(':').filter(text => text !== '');
  return {
    batch: Number(values.get('-commitbatchsize') ?? 100),
    threshold: Number(values.get('-commitbatchthreshold') ?? 1000),
    skip: new Set(skip.map(Number)),
  };
}

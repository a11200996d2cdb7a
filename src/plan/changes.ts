import type { Plan } from './schema.ts';

/**
 * What a changed plan touches, as `<subject>/<part>`: what was found out about such a part before the change counts no
 * more. Words on a machine (description, owner, tier) touch nothing that was found out.
 */
export type PlanPart =
  /** Where a machine is, and as what it is reached. */
  | 'source'
  /** Where and from what its target is built. */
  | 'target'
  /** What travels, and how. */
  | 'copy'
  /** What a boot proof tries, and what it holds back. */
  | 'proof'
  /** The servers of a database, and from what its copy is made. */
  | 'servers';

/** The parts of the machines and databases of `after` that are not as they were in `before`, in its order. */
export function changedParts(before: Plan, after: Plan): string[] {
  return [
    ...changes('machine', machineParts, before, after, Object.keys(after.machines)),
    ...changes('database', databaseParts, before, after, Object.keys(after.databases)),
  ];
}

type Parts = Partial<Record<PlanPart, unknown>>;

function changes(
  kind: string,
  partsOf: (plan: Plan, name: string) => Parts | undefined,
  before: Plan,
  after: Plan,
  names: readonly string[],
): string[] {
  return names.flatMap(name => {
    const [old, now] = [partsOf(before, name), partsOf(after, name)];
    // What is new in the plan has no evidence that could be out of date.
    if (old === undefined || now === undefined) return [];
    const known: Readonly<Record<string, unknown>> = old;
    return Object.entries(now)
      .filter(([part, value]) => JSON.stringify(value) !== JSON.stringify(known[part]))
      .map(([part]) => `${kind}/${name}/${part}`);
  });
}

function machineParts(plan: Plan, name: string): Parts | undefined {
  const machine = Object.hasOwn(plan.machines, name) ? plan.machines[name] : undefined;
  if (machine === undefined) return undefined;
  const { source, target, mover, exclude, checks, hold } = machine;
  const replacing = Object.values(plan.networks).filter(({ replaces }) => replaces !== undefined);
  return {
    source: [source, plan.hypervisors[source.hypervisor]],
    target: [
      target,
      plan.hypervisors[target.hypervisor],
      plan.images[target.image],
      plan.networks[target.network],
      replacing,
    ],
    copy: [mover, exclude],
    proof: [checks, hold, plan.proof.memory],
  };
}

function databaseParts(plan: Plan, name: string): Parts | undefined {
  const database = Object.hasOwn(plan.databases, name) ? plan.databases[name] : undefined;
  if (database === undefined) return undefined;
  const { publisher, subscriber, distributor, clone } = database;
  const place = (server: typeof publisher | undefined): unknown =>
    server === undefined ? undefined : [server.address, server.port];
  return { servers: [place(publisher), place(subscriber), subscriber.database, place(distributor), clone] };
}

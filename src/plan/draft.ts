import type { z } from 'zod';
import { type Plan, planSchema } from './schema.ts';

/** One named section: which names are written there, and the entries that can be read. */
export interface Section<T> {
  /** False where the section is absent or no mapping: the schema has said so, and nothing follows from it. */
  readonly written: boolean;
  readonly names: ReadonlySet<string>;
  readonly entries: ReadonlyMap<string, T>;
}

/**
 * A plan that may still have faults, as far as it can be understood. The checks work on this, so that a typing
 * error in one machine does not hide a dangling reference in another: all problems are told at once.
 */
export interface Draft {
  readonly name: string | undefined;
  readonly deadline: Plan['deadline'] | undefined;
  readonly link: Plan['link'] | undefined;
  readonly dns: Plan['dns'];
  readonly contacts: Plan['contacts'];
  readonly cutover: Plan['cutover'] | undefined;
  readonly sites: Section<Plan['sites'][string]>;
  readonly hypervisors: Section<Plan['hypervisors'][string]>;
  readonly networks: Section<Plan['networks'][string]>;
  readonly images: Section<Plan['images'][string]>;
  readonly tiers: Section<Plan['tiers'][string]>;
  readonly machines: Section<Plan['machines'][string]>;
  readonly databases: Section<Plan['databases'][string]>;
  readonly external: Section<Plan['external'][string]>;
}

export function draftOf(raw: unknown): Draft {
  const { shape } = planSchema;
  const at = (key: keyof Plan): unknown => (isMapping(raw) ? raw[key] : undefined);
  return {
    name: lenient(shape.name, at('name')),
    deadline: lenient(shape.deadline, at('deadline')),
    link: lenient(shape.link, at('link')),
    dns: lenient(shape.dns, at('dns')) ?? [],
    contacts: lenient(shape.contacts, at('contacts')) ?? [],
    cutover: lenient(shape.cutover, at('cutover')),
    sites: section(shape.sites.valueType, at('sites')),
    hypervisors: section(shape.hypervisors.valueType, at('hypervisors')),
    networks: section(shape.networks.unwrap().valueType, at('networks')),
    images: section(shape.images.valueType, at('images')),
    tiers: section(shape.tiers.valueType, at('tiers')),
    machines: section(shape.machines.valueType, at('machines')),
    databases: section(shape.databases.unwrap().valueType, at('databases')),
    external: section(shape.external.unwrap().valueType, at('external')),
  };
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function section<S extends z.ZodType>(schema: S, raw: unknown): Section<z.output<S>> {
  const entries = new Map<string, z.output<S>>();
  if (!isMapping(raw)) return { written: false, names: new Set(), entries };
  for (const [name, value] of Object.entries(raw)) {
    const entry = lenient(schema, value);
    if (entry !== undefined) entries.set(name, entry);
  }
  return { written: true, names: new Set(Object.keys(raw)), entries };
}

/** The value, if need be without the parts that are at fault: what is optional there falls back to its default. */
function lenient<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> | undefined {
  const first = schema.safeParse(raw);
  if (first.success) return first.data;
  if (!isMapping(raw)) return undefined;
  const pruned = structuredClone(raw);
  for (const issue of first.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) prune(pruned, [...issue.path, key]);
    } else prune(pruned, issue.path);
  }
  const second = schema.safeParse(pruned);
  return second.success ? second.data : undefined;
}

/** Removes what stands at the path; a list goes as a whole, so that the indexes of the rest stay true. */
function prune(value: Record<string, unknown>, path: readonly PropertyKey[]): void {
  let parent = value;
  for (const [depth, key] of path.entries()) {
    if (!Object.hasOwn(parent, key)) return;
    const child = parent[String(key)];
    if (depth < path.length - 1 && isMapping(child)) {
      parent = child;
    } else {
      delete parent[String(key)];
      return;
    }
  }
}

import { z } from 'zod';
import { planSchema } from './schema.ts';

/** The part of draft-7 that our own schema uses. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly propertyNames?: SchemaNode;
}

/** The plan as JSON Schema draft-7: what a person writes, so keys with a default are not required. */
export function planJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(planSchema, { target: 'draft-7', io: 'input' });
  return { $schema, title: 'landfall plan', ...rest };
}

/** As it is kept in plans/plan.schema.json. */
export const planJsonSchemaText = (): string => `${JSON.stringify(planJsonSchema(), null, 2)}\n`;

// toJSONSchema gives every node this shape; what it does not use is absent.
const ROOT = planJsonSchema() as SchemaNode;

/** What the schema says about a place in the plan; undefined where there is no such place. */
export function schemaAt(path: readonly (string | number)[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = ROOT;
  for (const key of path) {
    if (node === undefined) return undefined;
    node = typeof key === 'number' ? node.items : childOf(node, key);
  }
  return node;
}

function childOf(node: SchemaNode, key: string): SchemaNode | undefined {
  if (node.properties !== undefined) {
    return Object.hasOwn(node.properties, key) ? node.properties[key] : undefined;
  }
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
}

/** The keys that may stand at a place; empty where any name may. */
export const keysAt = (path: readonly (string | number)[]): string[] =>
  Object.keys(schemaAt(path)?.properties ?? {});

import type { Module } from '../syntax/definitions.ts';
import { parseBatch } from '../syntax/parse.ts';
import type { DeclaredVariable, Statement } from '../syntax/statements.ts';
import { checkNames } from './check.ts';

/** A batch or a body that has been parsed and checked: it may run any number of times. */
export interface Plan {
  readonly statements: readonly Statement[];
  /** All variables it declares, wherever: they are there from its beginning. */
  readonly declared: readonly DeclaredVariable[];
}

const REMEMBERED = 400;
const LONGEST = 65_536;
const plans = new Map<string, Plan>();

/**
 * The plan of a text.
 *
 * @param known names of variables that are there before it (parameters), in lower case with @
 * @throws SqlError of the parser; 137, 134, 133 for its names
 */
export function planOf(text: string, quotedIdentifier: boolean, known: readonly string[] = []): Plan {
  const key = `${quotedIdentifier ? 1 : 0}${known.join()}\n${text}`;
  const remembered = plans.get(key);
  if (remembered) {
    // The one that was used longest ago goes first.
    plans.delete(key);
    plans.set(key, remembered);
    return remembered;
  }
  const plan = planOfStatements(parseBatch(text, { quotedIdentifier }), known);
  if (text.length <= LONGEST) {
    plans.set(key, plan);
    for (const oldest of plans.keys()) {
      if (plans.size <= REMEMBERED) break;
      plans.delete(oldest);
    }
  }
  return plan;
}

const bodies = new WeakMap<Module, Plan>();

/** The plan of a procedure's, trigger's or function's body. */
export function planOfModule(module: Module): Plan {
  const known = bodies.get(module);
  if (known) return known;
  const { definition } = module;
  if (!('body' in definition)) return { statements: [], declared: [] };
  const names = 'parameters' in definition ? definition.parameters.map(each => each.name.toLowerCase()) : [];
  if (definition.kind === 'table-function') names.push(definition.variable.toLowerCase());
  const plan = planOfStatements(definition.body, names);
  bodies.set(module, plan);
  return plan;
}

function planOfStatements(statements: readonly Statement[], known: readonly string[]): Plan {
  return { statements, declared: checkNames(statements, new Set(known)) };
}

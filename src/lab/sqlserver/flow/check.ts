import { SqlError } from '../errors.ts';
import type { DeclaredVariable, Statement } from '../syntax/statements.ts';

/**
 * What is wrong with the names of a batch before any of it runs: variables that are not declared above their use (137, 1087),
 * declared twice (134), labels that are not there (133).
 *
 * @param known names of variables from outside, in lower case with @
 * @returns the variables that it declares
 */
export function checkNames(
  statements: readonly Statement[],
  known: ReadonlySet<string>,
): readonly DeclaredVariable[] {
  const names = new Set(known);
  const declared: DeclaredVariable[] = [];
  const labels = new Set<string>();
  const jumps: { readonly label: string; readonly line: number }[] = [];

  const use = (name: string, line: number): void => {
    if (names.has(name.toLowerCase())) return;
    throw new SqlError(137, `Must declare the scalar variable "${name}".`, {
      severity: 15,
      state: 2,
      line,
      endsBatch: true,
    });
  };

  const declare = (variable: DeclaredVariable, line: number): void => {
    if (variable.value) visit(variable.value, line);
    const name = variable.name.toLowerCase();
    if (names.has(name))
      throw new SqlError(
        134,
        `The variable name '${variable.name}' has already been declared. Variable names must be unique within a query batch or stored procedure.`,
        { severity: 15, line, endsBatch: true },
      );
    names.add(name);
    declared.push(variable);
  };

  const visit = (part: unknown, line: number): void => {
    if (Array.isArray(part)) {
      for (const each of part) visit(each, line);
      return;
    }
    if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return;
    const here = 'line' in part && typeof part.line === 'number' ? part.line : line;
    if ('node' in part && part.node === 'variable' && 'name' in part && typeof part.name === 'string')
      use(part.name, here);
    if (isStatement(part)) visitStatement(part, here);
    else for (const each of Object.values(part)) visit(each, here);
  };

  let loops = 0;
  const visitStatement = (statement: Statement, line: number): void => {
    switch (statement.statement) {
      case 'while':
        visit(statement.condition, line);
        loops += 1;
        visit(statement.body, line);
        loops -= 1;
        return;
      case 'break':
      case 'continue':
        if (loops === 0) throw outsideLoop(statement.statement, line);
        break;
      case 'declare':
        for (const variable of statement.variables) declare(variable, line);
        return;
      case 'create-module':
        return;
      case 'set-variable':
        use(statement.variable, line);
        break;
      case 'execute':
        if (statement.result !== undefined) use(statement.result, line);
        if (statement.target.kind === 'variable') use(statement.target.name, line);
        break;
      case 'fetch':
        for (const name of statement.into) use(name, line);
        break;
      case 'label':
        if (labels.has(statement.label.toLowerCase()))
          throw new SqlError(
            132,
            `The label '${statement.label}' has already been declared. Label names must be unique within a query batch or stored procedure.`,
            { severity: 15, line, endsBatch: true },
          );
        labels.add(statement.label.toLowerCase());
        break;
      case 'goto':
        jumps.push({ label: statement.label, line });
        break;
    }
    for (const each of Object.values(statement)) visit(each, line);
  };

  visit(statements, 1);
  for (const { label, line } of jumps)
    if (!labels.has(label.toLowerCase()))
      throw new SqlError(
        133,
        `A GOTO statement references the label '${label}' but the label has not been declared.`,
        { severity: 15, line, endsBatch: true },
      );
  return declared;
}

const outsideLoop = (statement: 'break' | 'continue', line: number): SqlError =>
  new SqlError(
    statement === 'break' ? 135 : 136,
    `Cannot use a ${statement.toUpperCase()} statement outside the scope of a WHILE statement.`,
    { severity: 15, line, endsBatch: true },
  );

const isStatement = (part: object): part is Statement =>
  'statement' in part && typeof part.statement === 'string';

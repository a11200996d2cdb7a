import { sameName } from '../catalog/find.ts';
import type { Scope } from '../query/scope.ts';
import type { Parameter } from '../syntax/definitions.ts';
import { resolveType } from '../values/index.ts';
import { userType } from './columns.ts';
import { fault } from './faults.ts';

/** Parameters of a module have types that are there; a table comes READONLY. @throws SqlError 2715, 352, 346 */
export function requireTypes(parameters: readonly Parameter[], scope: Scope): void {
  parameters.forEach(({ name, type, readOnly, line }, at) => {
    const [first = ''] = type.name;
    const parts = type.name.length > 1 && sameName(first, 'sys') ? type.name.slice(1) : type.name;
    const built =
      parts.length === 1 ? resolveType({ ...type, name: parts }, scope.database.collation) : undefined;
    const user = built ? undefined : userType(parts, scope);
    if (!built && !user)
      throw fault(
        2715,
        `Column, parameter, or variable #${at + 1}: Cannot find data type ${type.name.join('.')}.`,
        line,
        6,
      );
    if (user?.table && !readOnly)
      throw fault(
        352,
        `The table-valued parameter "${name}" must be declared with the READONLY option.`,
        line,
      );
    if (!user?.table && readOnly)
      throw fault(
        346,
        `The parameter "${name}" can not be declared READONLY since it is not a table-valued parameter.`,
        line,
      );
  });
}

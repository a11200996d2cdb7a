import type { GlobalVariable, ScalarFunction } from '../functions/function.ts';
import type { SystemProcedure } from './procedure.ts';
import type { SystemView } from './view.ts';

/** What one room of the double brings into every database: `systemObjects` collects them. */
export interface SystemRoom {
  readonly views: readonly SystemView[];
  readonly procedures: readonly SystemProcedure[];
  readonly scalars: readonly ScalarFunction[];
  readonly globals: readonly GlobalVariable[];
}

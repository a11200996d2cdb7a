import type { SystemProcedure } from '../procedure.ts';

export const PROCEDURES: readonly SystemProcedure[] = [];

import type { ScalarFunction } from '../../functions/function.ts';

export const FUNCTIONS: readonly ScalarFunction[] = [];

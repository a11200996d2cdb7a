export { canonical, kindOf, restored, typeText } from './canonical.ts';
export { nameOf } from './examine.ts';
export { type Looks, openLooks, type Seen } from './look.ts';
export { compareTable } from './table.ts';
export type {
  CompareOptions,
  Difference,
  Key,
  KeyRange,
  RangeVerdict,
  Side,
  WholeVerdict,
} from './types.ts';
export { compareRange, compareWhole } from './whole.ts';

export { arithmetic, invert, negate, type Unary } from './arithmetic.ts';
export { type ArithmeticOperator, arithmeticType, integerAsDecimal } from './arithmetic-types.ts';
export { assigner, assignValue, type Target } from './assign.ts';
export {
  type CalendarDate,
  dateAt,
  dateOf,
  datetime2At,
  datetimeAt,
  datetimeoffsetAt,
  daysInMonth,
  daysOf,
  smalldatetimeAt,
} from './calendar.ts';
export { type Collation, collation, collationNames } from './collation.ts';
export { comparator, comparisonKey, storageKey } from './compare.ts';
export { converter, convertValue, implicitConverter, isImplicit, tryConvert, trying } from './convert.ts';
export { formatDecimal, parseDecimal } from './decimals.ts';
export { like, patternIndex } from './like.ts';
export { literalValue, type TypedValue } from './literal.ts';
export { millisecondsOf } from './moments.ts';
export { kindOf, type TypeFacts, typeFacts, typeName, typeText } from './names.ts';
export { asDecimal, commonType, comparisonType, isBinary, isString } from './precedence.ts';
export { resolveType, type TypeUse } from './resolve.ts';
export { guidBytes, guidText } from './to-bytes.ts';
export { textOf } from './to-text.ts';
export * from './types.ts';

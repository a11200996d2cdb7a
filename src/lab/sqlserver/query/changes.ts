import { unsupported } from '../errors.ts';
import type { Source } from '../syntax/queries.ts';
import type { From, NewLeaf } from './from.ts';
import type { Names } from './names.ts';

/** CHANGETABLE. */
export function bindChangeTable(
  source: Extract<Source, { source: 'changetable' }>,
  _from: From,
  _lateral: Names | undefined,
): NewLeaf {
  throw unsupported('CHANGETABLE', source.line);
}

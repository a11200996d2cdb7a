import { unsupported } from '../errors.ts';
import type { ForClause } from '../syntax/queries.ts';
import type { Binding } from './binding.ts';
import type { InnerQuery } from './query.ts';

export function forXml(
  _inner: InnerQuery,
  _clause: Extract<ForClause, { kind: 'xml' }>,
  _binding: Binding,
  line: number,
): InnerQuery {
  throw unsupported('FOR XML', line);
}

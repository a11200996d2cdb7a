import { SqlError } from '../errors.ts';
import type { Value } from '../values/types.ts';
import type { Reply } from './replies.ts';

/**
 * The rows of the last result of a request.
 *
 * @throws SqlError the first error that it gave
 */
export async function resultRows(replies: AsyncIterable<Reply>): Promise<readonly (readonly Value[])[]> {
  let rows: (readonly Value[])[] = [];
  let failure: SqlError | undefined;
  for await (const reply of replies) {
    if (reply.reply === 'columns') rows = [];
    else if (reply.reply === 'rows') rows.push(...reply.rows);
    else if (reply.reply === 'message' && reply.message.severity > 10 && !failure) {
      const { number, text, severity, state, line, procedure } = reply.message;
      failure = new SqlError(number, text, { severity, state, line, procedure });
    }
  }
  if (failure) throw failure;
  return rows;
}

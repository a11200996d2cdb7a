import { formatMessage } from '../../flow/format-message.ts';
import type { ScalarFunction } from '../../functions/function.ts';
import { textOf } from '../../values/index.ts';
import { nvarchar } from '../../values/types.ts';
import { findMessage } from '../messages.ts';

/** FORMATMESSAGE: a number of sys.messages, from 2016 a text too; NULL for a number that is none. */
export const FORMAT_MESSAGE: ScalarFunction = {
  name: 'formatmessage',
  minimum: 1,
  maximum: 21,
  type: () => nvarchar(2048),
  evaluate(values, types, { instance }) {
    const [message] = values;
    const [type] = types;
    if (message === null || message === undefined || type === undefined) return null;
    const isText = 'collation' in type;
    if (isText && instance.product.release < 2016) return null;
    const text = isText ? textOf(message, type) : findMessage(instance, Number(message))?.text;
    if (text === undefined) return null;
    // %.*ls takes its length from the text itself: the message's own places have one argument each.
    const format = text
      .replaceAll('%.*ls', '%s')
      .replaceAll('%ls', '%s')
      .replaceAll('%S_MSG', '%s')
      .replaceAll('%ld', '%d');
    return formatMessage(
      format,
      values.slice(1).map((value, place) => ({ type: types[place + 1], value })),
    );
  },
};

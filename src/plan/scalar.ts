import { parseDocument } from 'yaml';

/** What YAML reads as text without quotes wherever it stands, in a list in brackets as well. */
const PLAIN = /^[A-Za-z0-9_/][A-Za-z0-9_./+-]*(?:[ :][A-Za-z0-9_./+-]+)*$/;

/** A text as one word of YAML: bare where YAML reads it back as that text, otherwise in double quotes. */
export function scalar(text: string): string {
  return PLAIN.test(text) && parseDocument(text, { schema: 'core' }).toJS() === text
    ? text
    : JSON.stringify(text);
}

import { harmless } from '../../foundation/text.ts';

/** What can be read out of an error of the driver. */

export interface ServerMessage {
  readonly number: number;
  readonly text: string;
  readonly line?: number;
  readonly procedure?: string;
}

const get = (thrown: unknown, key: string): unknown =>
  typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, key) : undefined;

export const textOf = (thrown: unknown): string => {
  const message = get(thrown, 'message');
  return harmless(typeof message === 'string' ? message : String(thrown));
};

/** Every error that the server sent, first first: replication's procedures send several, and the first one says why. */
export function serverMessages(thrown: unknown): ServerMessage[] {
  const before = get(thrown, 'precedingErrors');
  const all = [...(Array.isArray(before) ? before : []), thrown];
  return all.flatMap(each => {
    const info = get(each, 'info') ?? get(get(each, 'originalError'), 'info') ?? each;
    const number = get(info, 'number') ?? get(each, 'number');
    if (typeof number !== 'number') return [];
    const line = get(info, 'lineNumber') ?? get(each, 'lineNumber');
    const procedure = get(info, 'procName') ?? get(each, 'procName');
    return [
      {
        number,
        text: textOf(each),
        ...(typeof line === 'number' && line > 0 ? { line } : {}),
        ...(typeof procedure === 'string' && procedure !== '' ? { procedure: harmless(procedure) } : {}),
      },
    ];
  });
}

export const codeOf = (thrown: unknown): string => {
  const code = get(thrown, 'code');
  const inner = get(get(thrown, 'originalError'), 'code');
  return [inner, code].find(each => typeof each === 'string') ?? '';
};

/** Codes of the error and of all that it was made from: the operating system's own is the innermost. */
export function codesOf(thrown: unknown): ReadonlySet<string> {
  const codes = new Set<string>();
  const seen = new Set<unknown>();
  const look = (error: unknown): void => {
    if (typeof error !== 'object' || error === null || seen.has(error)) return;
    seen.add(error);
    const code = get(error, 'code');
    if (typeof code === 'string') codes.add(code);
    const several = get(error, 'errors');
    for (const inner of [
      get(error, 'originalError'),
      get(error, 'cause'),
      ...(Array.isArray(several) ? several : []),
    ])
      look(inner);
  };
  look(thrown);
  return codes;
}

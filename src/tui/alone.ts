import { harmless } from '../foundation/text.ts';

const ENTER_ALTERNATE = '\u001B[?1049h\u001B[2J\u001B[H';
const LEAVE_ALTERNATE = '\u001B[?1049l';

export interface AloneOptions {
  readonly signal: AbortSignal;
  /** On a screen of its own; false for a screen reader, which hears lines as they come. */
  readonly alternate: boolean;
}

/**
 * Shows one text alone on the terminal until a key is pressed. The terminal itself breaks its long lines, and so copies
 * them whole; lines that were drawn into a frame would be copied with their breaks. Ends early when the signal aborts.
 */
export async function showAlone(
  { stdin, stdout }: { readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream },
  text: string,
  { signal, alternate }: AloneOptions,
): Promise<void> {
  stdout.write(`${alternate ? ENTER_ALTERNATE : '\n'}${harmless(text)}\n\n(any key: back to landfall)\n`);
  stdin.setRawMode(true);
  stdin.ref();
  try {
    await keyOn(stdin, signal);
  } finally {
    stdin.setRawMode(false);
    if (alternate) stdout.write(LEAVE_ALTERNATE);
  }
}

function keyOn(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const over = (): void => {
      stdin.off('readable', read);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const read = (): void => {
      if (stdin.read() !== null) over();
    };
    stdin.on('readable', read);
    signal.addEventListener('abort', over, { once: true });
    if (signal.aborted) over();
  });
}

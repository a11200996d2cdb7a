import { harmless } from '../foundation/text.ts';

const ENTER_ALTERNATE = '\u001B[?1049h\u001B[2J\u001B[H';
const LEAVE_ALTERNATE = '\u001B[?1049l';

/**
 * Shows one text alone on the terminal until a key is pressed. The terminal itself breaks its long lines, and so copies
 * them whole; lines that were drawn into a frame would be copied with their breaks. Ends early when `signal` aborts.
 */
export async function showAlone(
  { stdin, stdout }: { readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream },
  text: string,
  signal: AbortSignal,
): Promise<void> {
  stdout.write(`${ENTER_ALTERNATE}${harmless(text)}\n\n(any key: back to landfall)`);
  stdin.setRawMode(true);
  stdin.ref();
  try {
    await keyOn(stdin, signal);
  } finally {
    stdin.setRawMode(false);
    stdout.write(LEAVE_ALTERNATE);
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

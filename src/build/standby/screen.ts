import type { Argv } from '../../remote/host.ts';
import { virshWrite } from '../../tools/virsh.ts';

const COLUMNS = 80;
const ROWS = 25;
/** Physical address of the text page of a VGA card: one 16-bit word a cell, the character in its lower byte. */
const TEXT_PAGE = '0xb8000';

/** Asks QEMU for the cells of a domain's screen in text mode: where a boot loader speaks that knows no serial port. */
export const screenTextArgv = (uri: string, domain: string): Argv =>
  virshWrite(uri, 'qemu-monitor-command', domain, '--hmp', `xp /${COLUMNS * ROWS}hx ${TEXT_PAGE}`);

/**
 * The lines on the screen, from the monitor's answer, without blanks at their ends and without empty lines below.
 * Empty where the card is in a graphics mode, and where the answer is no dump of memory.
 */
export function parseScreen(answer: string): string[] {
  const cells = answer.split(/\r?\n/).flatMap(line => {
    const [, words] = /^[0-9a-f]+:((?:\s+0x[0-9a-f]{1,4})+)\s*$/i.exec(line) ?? [];
    return words === undefined ? [] : words.trim().split(/\s+/).map(Number);
  });
  // Memory that nobody decodes reads as all ones; a page that was never drawn is all zeros.
  if (cells.every(cell => cell === 0xffff || cell === 0)) return [];
  const lines: string[] = [];
  for (let at = 0; at < Math.min(cells.length, COLUMNS * ROWS); at += COLUMNS) {
    lines.push(
      cells
        .slice(at, at + COLUMNS)
        .map(character)
        .join('')
        .trimEnd(),
    );
  }
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** ASCII as it is; what the card's own code page has beyond that, frames above all, is a blank. */
function character(cell: number): string {
  const code = cell & 0xff;
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : ' ';
}

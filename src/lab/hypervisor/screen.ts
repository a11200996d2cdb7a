import { type Answer, answer, refusal } from '../world/world.ts';

/** The VGA text page of a running copy, as `xp /2000hx 0xb8000` of QEMU's monitor prints memory. */

const COLUMNS = 80;
const ROWS = 25;
const PAGE = 0xb8000;
/** Light grey on black. */
const ATTRIBUTE = 0x07;
const A_LINE = 8;

export function screenDump(lines: readonly string[], command: string): Answer {
  const [, count, address] = /^xp \/(\d+)hx (0x[0-9a-f]+)$/i.exec(command.trim()) ?? [];
  if (count === undefined || Number(address) !== PAGE) {
    return refusal(`unknown command: '${command}'\r\n`);
  }
  const rows = lines.flatMap(wrapped).slice(-ROWS);
  const text = Array.from({ length: ROWS }, (_, at) => (rows[at] ?? '').padEnd(COLUMNS)).join('');
  const cells = [...text.slice(0, Number(count))].map(
    character => (ATTRIBUTE << 8) | (character.charCodeAt(0) & 0xff),
  );
  const out: string[] = [];
  for (let at = 0; at < cells.length; at += A_LINE) {
    const words = cells.slice(at, at + A_LINE).map(cell => `0x${cell.toString(16).padStart(4, '0')}`);
    out.push(`${(PAGE + at * 2).toString(16).padStart(16, '0')}: ${words.join(' ')}\r\n`);
  }
  return answer(out.join(''));
}

const wrapped = (line: string): string[] =>
  Array.from({ length: Math.max(1, Math.ceil(line.length / COLUMNS)) }, (_, at) =>
    line.slice(at * COLUMNS, (at + 1) * COLUMNS),
  );

import { harmless } from '../foundation/text.ts';

/** What a console has shown, as lines for people and patterns: without colours, cursor movements and overstrikes. */
export function consoleLines(text: string): string[] {
  return text
    .replaceAll(ESCAPES, '')
    .split(/\r*\n|\r/)
    .map(line => harmless(line).trimEnd())
    .filter(line => line !== '');
}

const ESC = String.fromCharCode(27);
/** CSI sequences, OSC strings, and two-byte escapes: boot loaders and systemd use all three. */
const ESCAPES = new RegExp(
  `${ESC}\\[[0-9;?]*[ -/]*[@-~]|${ESC}\\][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)|${ESC}[@-Z\\\\-_c]`,
  'g',
);

const KERNEL = /^(?:\[ *0\.000000\] )?Linux version \d|^\[ *0\.0+\] /;

/** Whether a kernel has begun to speak. */
export const hasKernelLine = (lines: readonly string[]): boolean =>
  lines.some(line => /^\[ *\d+\.\d+\]|Linux version \d/.test(line));

/** How often a kernel began: more than once is a restart nobody asked for. */
export function kernelStarts(lines: readonly string[]): number {
  return lines.filter(line => KERNEL.test(line) && line.includes('Linux version')).length;
}

/** The mark that the first unit of the copy prints; it may stand behind other text of the same line. */
export const hasUserspaceMark = (text: string, nonce: string): boolean =>
  text.includes(`LANDFALL-USERSPACE ${nonce}`);

/** Whether the system asks for a login: without a unit of ours in it, that is what a console tells of its userspace. */
export const hasLoginPrompt = (lines: readonly string[]): boolean =>
  lines.some(line => /(?:^|\s)login:(?:\s|$)/.test(line) && !/^\[ *\d+\.\d+\]/.test(line));

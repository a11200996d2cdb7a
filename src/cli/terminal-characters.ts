/**
 * Whether more than ASCII may be written. The first of LC_ALL, LC_CTYPE and LANG that is set names the character set,
 * as setlocale(3) has it; where none is set, the terminal decides.
 */
export function canWriteUnicode(
  env: Readonly<Record<string, string | undefined>>,
  isTerminalAble: boolean,
): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(each => (each ?? '') !== '');
  return isTerminalAble && (locale === undefined || /utf-?8/i.test(locale));
}

/** The marks of what is yet to be found, for terminals that write ASCII alone; all else stays as it is. */
export const inAscii = (text: string): string =>
  text.replaceAll('‹', '<').replaceAll('›', '>').replaceAll('…', '...').replaceAll('→', '->');

import { LandfallError } from '../../foundation/errors.ts';
import { THEMES, type ThemeName } from '../../tui/theme.ts';
import type { Io } from '../io.ts';

/**
 * LANDFALL_THEME; otherwise no colours where NO_COLOR asks for none, and light where the terminal says that its
 * background is (COLORFGBG, `15` or `7` last: rxvt, Konsole and others set it).
 */
export function systemTheme(io: Pick<Io, 'env' | 'colour'>): ThemeName {
  const wanted = io.env['LANDFALL_THEME'];
  if (wanted !== undefined && wanted !== '') {
    const known = THEMES.find(each => each === wanted);
    if (known !== undefined) return known;
    throw new LandfallError('usage', {
      what: `LANDFALL_THEME is "${wanted}", and there is no such theme`,
      next: [`use one of: ${THEMES.join(', ')}`],
    });
  }
  if (!io.colour) return 'none';
  const background = io.env['COLORFGBG']?.split(';').at(-1);
  return background === '15' || background === '7' ? 'light' : 'dark';
}

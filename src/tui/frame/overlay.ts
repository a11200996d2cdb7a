import type { View } from '../screen.ts';
import type { Line } from '../text/line.ts';
import type { Overlay } from '../ui-state.ts';
import { askLines } from './ask.ts';
import type { ComposeOptions } from './compose.ts';
import { helpLines } from './help.ts';
import { paletteLines } from './palette.ts';
import { windowed } from './window.ts';

/** What lies over the screen: help, palette or a question, in `height` rows. */
export function overlayLines(
  view: View,
  overlay: Overlay,
  width: number,
  height: number,
  options: ComposeOptions,
): Line[] {
  switch (overlay.kind) {
    case 'help':
      return windowed(helpLines(view, overlay.filter, width, options.disabled), overlay.scroll, height);
    case 'palette':
      return paletteLines(view, overlay, width, height, options);
    case 'ask':
      return askLines(view, overlay, width, height);
  }
}

import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import type { UiOptions } from '../tui/options.ts';
import { engineerOf } from './engineer.ts';
import { goesOn } from './goes-on.ts';
import type { Io } from './io.ts';

export interface ScreensOptions {
  /** The directory of all evacuations. */
  readonly root: string;
  /** The evacuation to show; the list of all without it. */
  readonly name?: string;
  readonly sshConfig?: string | undefined;
}

/** Whether the screens can be shown: a terminal on both sides that can redraw, and somebody at it. */
export const canShowScreens = (io: Io): boolean => io.terminal !== undefined && io.canAnimate && io.canPrompt;

/**
 * Shows the screens until the engineer leaves; an engine goes on. Loaded only here, so that no short command pays for
 * the screens.
 */
export async function showScreens(io: Io, options: ScreensOptions): Promise<ExitCode> {
  const { terminal } = io;
  if (terminal === undefined) throw new RangeError('the screens were asked for without a terminal');
  const [{ showFirstFrame }, { servicesOf }, { systemTheme }] = await Promise.all([
    import('../tui/first-frame.ts'),
    import('./ui/services.ts'),
    import('./ui/theme.ts'),
  ]);
  // Ctrl-C is a key of the screens; a line about stopping would spoil them.
  io.sayOnInterrupt('');
  const ui: UiOptions = {
    services: servicesOf(io, options),
    clock: io.clock,
    who: engineerOf(io),
    begin: options.name === undefined ? { kind: 'home' } : { kind: 'evacuation', name: options.name },
    terminal: terminal.streams,
    stopProcess: terminal.stop,
    unicode: io.unicode,
    theme: systemTheme(io),
    screenReader: isOn(io.env['INK_SCREEN_READER']) || isOn(io.env['LANDFALL_SCREEN_READER']),
    incremental: io.env['LANDFALL_INCREMENTAL'] !== 'off',
    signal: io.signal,
  };
  const giveBack = ui.screenReader ? () => {} : showFirstFrame(ui);
  const { openUi } = await import('../tui/open.tsx').finally(giveBack);
  const left = await openUi(ui);
  if (left.evacuation !== undefined) {
    const { name, engineRuns } = left.evacuation;
    io.err(
      engineRuns
        ? `${goesOn(name)}\n`
        : `no engine runs for ${name}; start it again: landfall attach ${name}, then e\n`,
    );
  }
  return EXIT.ok;
}

const isOn = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false', 'no'].includes(value);

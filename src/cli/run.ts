import { asLandfallError } from '../foundation/errors.ts';
import type { ExitCode } from '../foundation/exit-codes.ts';
import { bareOptions } from './bare.ts';
import { failureJson, formatFailure } from './failure.ts';
import type { Io } from './io.ts';
import { evacuationsRoot } from './paths.ts';
import { createStyle } from './style.ts';

/** argv in, exit code out. The one place that shows a fatal error. */
export async function runCli(argv: readonly string[], given: Io): Promise<ExitCode> {
  const io = argv.includes('--screen-reader')
    ? { ...given, env: { ...given.env, LANDFALL_SCREEN_READER: '1' } }
    : given;
  // Whoever starts an engine reads from its log what kept it from coming up.
  const isDetached = argv.includes('--detached');
  let json = isDetached || argv.includes('--json');
  try {
    const bare = bareOptions(argv);
    if (bare !== undefined && io.terminal !== undefined) {
      const { canShowScreens, showScreens } = await import('./ui.ts');
      if (canShowScreens(io))
        return await showScreens(io, { ...bare, root: evacuationsRoot(io, bare.state) });
    }
    const [{ parseArgv }, { COMMANDS }, { VERSION }] = await Promise.all([
      import('./parse.ts'),
      import('./commands/index.ts'),
      import('./version.ts'),
    ]);
    // Where no screens can be shown, landfall alone says what it can be told, whatever they would have been shown with.
    const parsed = parseArgv(bare === undefined ? argv : [], COMMANDS, io, VERSION);
    if (typeof parsed === 'number') return parsed;
    json = isDetached || parsed.json;
    return await parsed.command.run(io, parsed.raw);
  } catch (thrown) {
    const error = asLandfallError(thrown);
    if (json) io.out(failureJson(error, isDetached ? io.process.pid : undefined));
    io.err(formatFailure(error, createStyle(io.colour, io.unicode)));
    return error.exit;
  }
}

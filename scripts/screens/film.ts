import { openPty } from '../../test/support/terminal-pty.ts';
import type { Condition } from '../../test/support/terminal-screen.ts';
import type { KeyFrame } from './animation.ts';
import { type Cast, recordCast } from './cast.ts';
import type { Picture } from './svg.ts';

/** One thing that the engineer does, and what is seen when it has had its effect. */
export interface Shot {
  readonly keys: readonly string[];
  /** The picture is taken as soon as this holds. */
  readonly until: Condition;
  /** How long that may take, in milliseconds; default 20 s. */
  readonly within?: number;
  /** Another size of the terminal from here on. */
  readonly size?: { readonly columns: number; readonly rows: number };
  /** Kept as a picture of its own under this name. */
  readonly still?: { readonly name: string; readonly title: string; readonly description: string };
  /** A place of this name in the recording. */
  readonly mark?: string;
  /** Milliseconds in the animation; left out of it when absent. */
  readonly frameMs?: number;
}

export interface Script {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  readonly shots: readonly Shot[];
  /** Told before each shot. */
  readonly onShot?: (shot: Shot) => void;
}

export interface Film {
  readonly stills: readonly { readonly name: string; readonly picture: Picture }[];
  readonly frames: readonly KeyFrame[];
  readonly cast: Cast;
  readonly exitCode: number;
}

/**
 * Runs a program in a terminal, does what the script says, and keeps what was seen. The script has to end the program. Rejects
 * with a drawing of the screen when something does not come.
 */
export async function film(script: Script): Promise<Film> {
  const { columns, rows, title } = script;
  const recorder = recordCast({ columns, rows, title, now: () => performance.now() });
  const pty = openPty({ ...script, onOutput: recorder.output });
  const stills: { name: string; picture: Picture }[] = [];
  const frames: KeyFrame[] = [];
  try {
    for (const shot of script.shots) {
      script.onShot?.(shot);
      if (shot.mark !== undefined) recorder.mark(shot.mark);
      if (shot.size !== undefined) {
        pty.resize(shot.size.columns, shot.size.rows);
        recorder.resize(shot.size.columns, shot.size.rows);
      }
      pty.press(...shot.keys);
      await pty.screen.waitFor(shot.until, { within: shot.within ?? 20_000 });
      const grid = pty.screen.grid();
      if (shot.frameMs !== undefined) frames.push({ grid, ms: shot.frameMs });
      if (shot.still !== undefined) stills.push({ name: shot.still.name, picture: { ...shot.still, grid } });
    }
    const { code } = await pty.exited;
    return { stills, frames, cast: recorder.cast(), exitCode: code };
  } finally {
    await pty.close();
  }
}

import type { Terminal as XtermTerminal } from '@xterm/headless';
import xterm from '@xterm/headless';
import stringWidth from 'string-width';

/** 'default', an index into the palette (0..255), or '#rrggbb'. */
export type CellColour = 'default' | number | `#${string}`;

export interface Cell {
  /** Empty for the right half of a wide character; a space where nothing was written. */
  readonly text: string;
  /** Columns taken: 0 for the right half of a wide character. */
  readonly width: number;
  readonly colour: CellColour;
  readonly background: CellColour;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
  readonly strikethrough: boolean;
}

/** What a person would see as a jump of the picture. */
export interface Flicker {
  readonly kind: 'taller than the terminal' | 'cleared without a resize';
  /** Frames that had been drawn before. */
  readonly frame: number;
}

/** A condition on the screen: text somewhere in a line, a pattern over the whole, or any question about the lines. */
export type Condition = string | RegExp | ((lines: readonly string[]) => boolean);

export interface WaitOptions {
  /** Milliseconds; the screen is looked at after every write that completes a frame, never by polling. */
  readonly within?: number;
  /** What one waits for, in words, for the message of the failure. */
  readonly what?: string;
}

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Every line of the terminal, top to bottom, without blanks at the end. */
  lines(): string[];
  text(): string;
  cell(x: number, y: number): Cell;
  /** Rows of cells, exactly rows × columns. */
  grid(): Cell[][];
  readonly isAlternate: boolean;
  readonly isCursorVisible: boolean;
  readonly isBracketedPaste: boolean;
  readonly title: string;
  /** Frames drawn so far: Ink brackets each one as a synchronised update. */
  readonly frames: number;
  readonly flickers: readonly Flicker[];
  /** Resolves when these bytes are on the screen. */
  write(data: string): Promise<void>;
  /** Resolves when everything written until now is on the screen. */
  drained(): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Resolves when the condition holds; rejects with a drawing of the screen when time is up. */
  waitFor(condition: Condition, options?: WaitOptions): Promise<void>;
  /** From now on nothing more can appear: whoever still waits is told, with the reason. */
  end(reason: string): void;
  dispose(): void;
}

const WAIT_MS = 10_000;

/**
 * After a resize a program may first draw a frame that it had begun before the signal reached it; then Ink draws once
 * with the old layout, and then clears and draws with the new one.
 */
const FRAMES_EXCUSED = 3;

export interface ScreenOptions {
  readonly columns: number;
  readonly rows: number;
  /** True where no kernel stands between: a line feed then also returns to the first column, as a tty makes it. */
  readonly convertEol?: boolean;
}

export function createScreen(size: ScreenOptions): Screen {
  const terminal = new xterm.Terminal({
    cols: size.columns,
    rows: size.rows,
    convertEol: size.convertEol ?? false,
    allowProposedApi: true,
    scrollback: 2000,
    logLevel: 'off',
  });
  measureLikeInk(terminal);

  let frames = 0;
  let isCursorVisible = true;
  let title = '';
  let ended: string | undefined;
  let excusedFrames = FRAMES_EXCUSED;
  // Between the two marks of a synchronised update the screen is half old, half new: nobody looks at it then.
  let isDrawing = false;
  let isSwitchingBuffer = false;
  // A clear that is the last thing before the alternate screen is left is nobody's flicker.
  let unconfirmedClear: Flicker | undefined;
  const flickers: Flicker[] = [];
  const waiters = new Set<() => void>();
  const isAlternate = (): boolean => terminal.buffer.active.type === 'alternate';

  const confirmClear = (): void => {
    if (unconfirmedClear !== undefined) flickers.push(unconfirmedClear);
    unconfirmedClear = undefined;
  };
  const setModes = (isOn: boolean) => (params: (number | number[])[]) => {
    for (const mode of params) {
      if (mode === 25) isCursorVisible = isOn;
      if (mode === 1049 || mode === 1047 || mode === 47) {
        isSwitchingBuffer = true;
        excusedFrames = FRAMES_EXCUSED;
        unconfirmedClear = undefined;
      }
      if (mode === 2026) isDrawing = isOn;
      if (mode === 2026 && isOn) confirmClear();
      if (mode === 2026 && !isOn) {
        frames += 1;
        excusedFrames -= 1;
      }
    }
    return false;
  };
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, setModes(true));
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, setModes(false));
  terminal.parser.registerCsiHandler({ final: 'J' }, ([mode = 0]) => {
    const { cursorX, cursorY } = terminal.buffer.active;
    const isWhole = mode === 2 || mode === 3 || (mode === 0 && cursorX === 0 && cursorY === 0);
    if (isWhole && isAlternate() && excusedFrames <= 0) {
      unconfirmedClear ??= { kind: 'cleared without a resize', frame: frames };
    }
    return false;
  });
  terminal.onScroll(() => {
    // xterm also reports a scroll when it swaps its buffers.
    if (isSwitchingBuffer || excusedFrames > 0) return;
    if (isAlternate()) flickers.push({ kind: 'taller than the terminal', frame: frames });
  });
  terminal.buffer.onBufferChange(() => {
    isSwitchingBuffer = false;
  });
  terminal.onTitleChange(next => {
    title = next;
  });
  terminal.onWriteParsed(() => {
    for (const look of [...waiters]) look();
  });

  const lines = (): string[] => {
    const buffer = terminal.buffer.active;
    return Array.from(
      { length: terminal.rows },
      (_, y) => buffer.getLine(buffer.baseY + y)?.translateToString(true) ?? '',
    );
  };
  const text = (): string => lines().join('\n');
  const cell = (x: number, y: number): Cell => readCell(terminal, x, y);
  const holds = (condition: Condition): boolean => {
    if (typeof condition === 'string') return lines().some(line => line.includes(condition));
    if (typeof condition === 'function') return condition(lines());
    return condition.test(text());
  };
  const drained = async (): Promise<void> => {
    await new Promise<void>(resolve => terminal.write('', resolve));
  };

  return {
    get columns() {
      return terminal.cols;
    },
    get rows() {
      return terminal.rows;
    },
    lines,
    text,
    cell,
    grid: () =>
      Array.from({ length: terminal.rows }, (_, y) =>
        Array.from({ length: terminal.cols }, (__, x) => cell(x, y)),
      ),
    get isAlternate() {
      return isAlternate();
    },
    get isCursorVisible() {
      return isCursorVisible;
    },
    get isBracketedPaste() {
      return terminal.modes.bracketedPasteMode;
    },
    get title() {
      return title;
    },
    get frames() {
      return frames;
    },
    get flickers() {
      return unconfirmedClear === undefined ? flickers : [...flickers, unconfirmedClear];
    },
    write: data => new Promise<void>(resolve => terminal.write(data, resolve)),
    drained,
    resize(columns, rows) {
      excusedFrames = FRAMES_EXCUSED;
      terminal.resize(columns, rows);
    },
    async waitFor(condition, { within = WAIT_MS, what = describe(condition) } = {}) {
      await drained();
      if (!isDrawing && holds(condition)) return;
      await new Promise<void>((resolve, reject) => {
        const finish = (settle: () => void): void => {
          clearTimeout(timer);
          waiters.delete(look);
          settle();
        };
        const fail = (why: string): void =>
          finish(() => reject(new Error(`${why}: ${what}\n${drawn(lines(), terminal.cols)}`)));
        const look = (): void => {
          if (isDrawing && ended === undefined) return;
          if (holds(condition)) finish(resolve);
          else if (ended !== undefined) fail(`${ended}, and never came`);
        };
        const timer = setTimeout(() => fail(`did not come within ${within} ms`), within);
        waiters.add(look);
        if (ended !== undefined) look();
      });
    },
    end(reason) {
      ended = reason;
      for (const look of [...waiters]) look();
    },
    dispose: () => terminal.dispose(),
  };
}

/** The terminal must agree with Ink about the width of a character, or columns drift: both ask string-width. */
function measureLikeInk(terminal: XtermTerminal): void {
  const known = new Map<number, 0 | 1 | 2>();
  const wcwidth = (codepoint: number): 0 | 1 | 2 => {
    const before = known.get(codepoint);
    if (before !== undefined) return before;
    const width = Math.min(2, stringWidth(String.fromCodePoint(codepoint)));
    const columns = width === 2 ? 2 : width === 1 ? 1 : 0;
    known.set(codepoint, columns);
    return columns;
  };
  terminal.unicode.register({
    version: 'ink',
    wcwidth,
    // xterm packs the answer: bit 0 says "joins the character before", bits 1 and 2 are the width.
    charProperties(codepoint, preceding) {
      const own = wcwidth(codepoint);
      const before = (preceding >> 1) & 3;
      const joins = own === 0 && before > 0;
      return ((joins ? before : own) << 1) | (joins ? 1 : 0);
    },
  });
  terminal.unicode.activeVersion = 'ink';
}

const BLANK: Cell = {
  text: ' ',
  width: 1,
  colour: 'default',
  background: 'default',
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
  strikethrough: false,
};

function readCell(terminal: XtermTerminal, x: number, y: number): Cell {
  const buffer = terminal.buffer.active;
  const cell = buffer.getLine(buffer.baseY + y)?.getCell(x);
  if (cell === undefined) return BLANK;
  const width = cell.getWidth();
  return {
    text: width === 0 ? '' : cell.getChars() || ' ',
    width,
    colour: colourOf(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
    background: colourOf(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
    strikethrough: cell.isStrikethrough() !== 0,
  };
}

function colourOf(isDefault: boolean, isRgb: boolean, value: number): CellColour {
  if (isDefault) return 'default';
  return isRgb ? `#${value.toString(16).padStart(6, '0')}` : value;
}

function describe(condition: Condition): string {
  return typeof condition === 'function' ? 'a condition on the screen' : String(condition);
}

/** The screen with its border, for messages of failed tests. */
export function drawn(lines: readonly string[], columns: number): string {
  const bar = '─'.repeat(columns);
  return [
    `┌${bar}┐`,
    ...lines.map(line => `│${line}${' '.repeat(Math.max(0, columns - stringWidth(line)))}│`),
    `└${bar}┘`,
  ].join('\n');
}

/** asciicast v2: a header line, then one JSON array a line: [seconds, kind, data]. */
export type CastEvent = readonly [seconds: number, kind: 'o' | 'r' | 'm', data: string];

export interface Cast {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  /** In order of time. */
  readonly events: readonly CastEvent[];
  /** True where the recorder stopped because its bound was reached. */
  readonly truncated: boolean;
}

export interface CastRecorder {
  output(text: string): void;
  resize(columns: number, rows: number): void;
  /** A named place that players can jump to. */
  mark(label: string): void;
  cast(): Cast;
}

export interface RecorderOptions {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  /** Milliseconds of any clock that does not go back. */
  readonly now: () => number;
  /** Characters of output that are kept; what comes later is left out. */
  readonly limit?: number;
}

const LIMIT = 20_000_000;

/** Keeps what a terminal shows, with its moments, until the bound is reached. */
export function recordCast({ columns, rows, title, now, limit = LIMIT }: RecorderOptions): CastRecorder {
  const start = now();
  const events: CastEvent[] = [];
  let kept = 0;
  let truncated = false;
  const add = (kind: CastEvent[1], data: string): void => {
    truncated ||= kept + data.length > limit;
    if (truncated) return;
    kept += data.length;
    events.push([(now() - start) / 1000, kind, data]);
  };
  return {
    output: text => add('o', text),
    resize: (nextColumns, nextRows) => add('r', `${nextColumns}x${nextRows}`),
    mark: label => add('m', label),
    cast: () => ({ columns, rows, title, events: [...events], truncated }),
  };
}

export interface Tightening {
  /** No pause between two pieces of output is longer, in seconds; waiting is cut. */
  readonly idleLimit: number;
  /** 2 plays twice as fast. Pauses are cut first. */
  readonly speed: number;
}

/** Output that came within one frame of thirty a second is one event: nobody sees the difference, the file does. */
const TOGETHER_S = 1 / 30;

/** The same pictures in less time. */
export function tightened(cast: Cast, { idleLimit, speed }: Tightening): Cast {
  const events: [number, CastEvent[1], string][] = [];
  let clock = 0;
  let before = 0;
  for (const [seconds, kind, data] of cast.events) {
    clock += Math.min(Math.max(0, seconds - before), idleLimit) / speed;
    before = seconds;
    const last = events.at(-1);
    if (kind === 'o' && last?.[1] === 'o' && clock - last[0] < TOGETHER_S) last[2] += data;
    else events.push([clock, kind, data]);
  }
  return { ...cast, events };
}

/** The text of a .cast file. Times have three decimals. No date and no machine are told: it is the same for everybody. */
export function castText(cast: Cast): string {
  const header = {
    version: 2,
    width: cast.columns,
    height: cast.rows,
    title: cast.title,
    env: { TERM: 'xterm-256color' },
  };
  const lines = cast.events.map(([seconds, kind, data]) => JSON.stringify([round(seconds), kind, data]));
  return `${[JSON.stringify(header), ...lines].join('\n')}\n`;
}

/** What two recordings of one script have in common: the size, and which places come in which order. */
export function castShape(cast: Cast): string[] {
  return [
    `${cast.columns}x${cast.rows} ${cast.title}`,
    ...cast.events.flatMap(([, kind, data]) => (kind === 'o' ? [] : [`${kind} ${data}`])),
  ];
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

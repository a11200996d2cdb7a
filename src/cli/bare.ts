/** Words that say how to show, not what to do. */
const LOOKS: readonly string[] = ['--no-color', '--screen-reader'];

export interface BareOptions {
  readonly sshConfig?: string;
  readonly state?: string;
}

const VALUED = { '--ssh-config': 'sshConfig', '--state': 'state' } as const satisfies Record<
  string,
  keyof BareOptions
>;

const isValued = (word: string): word is keyof typeof VALUED => Object.hasOwn(VALUED, word);

/** The options of `landfall` alone, which opens the screens; undefined where a command or anything else is named. */
export function bareOptions(argv: readonly string[]): BareOptions | undefined {
  const options: { sshConfig?: string; state?: string } = {};
  const words = argv[Symbol.iterator]();
  for (const word of words) {
    if (LOOKS.includes(word)) continue;
    const [flag = '', ...joined] = word.split('=');
    if (!isValued(flag)) return undefined;
    const value = joined.length > 0 ? joined.join('=') : words.next().value;
    // A value that is missing, or another option in its place, is for the parser to complain about.
    if (value === undefined || value === '' || value.startsWith('-')) return undefined;
    options[VALUED[flag]] = value;
  }
  return options;
}

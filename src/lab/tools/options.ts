/** Reads the words of a simulated tool. Whatever is not declared is refused, as the tools themselves do. */

export interface ToolOptions {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

export type Parsed =
  | ({ readonly ok: true } & ToolOptions)
  | { readonly ok: false; readonly unknown: string; readonly missing: boolean };

/** `flags` stand alone, `valued` take the next word or `=word`. Short flags may be bundled (`-dn`). */
export function parseOptions(
  args: readonly string[],
  flags: readonly string[],
  valued: readonly string[],
): Parsed {
  const seen = new Set<string>();
  const values = new Map<string, string>();
  const operands: string[] = [];
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      operands.push(...rest);
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const [name = word, ...inline] = word.startsWith('--') ? word.split('=') : [word];
    if (valued.includes(name)) {
      const value = inline.length > 0 ? inline.join('=') : rest.shift();
      if (value === undefined) return { ok: false, unknown: name, missing: true };
      values.set(name, value);
    } else if (flags.includes(name) && inline.length === 0) {
      seen.add(name);
    } else if (!word.startsWith('--') && word.length > 2) {
      // A bundle: all but the last must be flags; the last may take a value.
      rest.unshift(...[...word.slice(1)].map(letter => `-${letter}`));
    } else {
      return { ok: false, unknown: name, missing: false };
    }
  }
  return { ok: true, flags: seen, values, operands };
}

/** The usage error that util-linux and coreutils print. */
export function usageError(tool: string, parsed: Extract<Parsed, { ok: false }>): string {
  const { unknown, missing } = parsed;
  const long = unknown.startsWith('--');
  const what = missing
    ? `option requires an argument -- '${unknown.replace(/^-+/, '')}'`
    : long
      ? `unrecognized option '${unknown}'`
      : `invalid option -- '${unknown.slice(1)}'`;
  return `${tool}: ${what}\nTry '${tool} --help' for more information.\n`;
}

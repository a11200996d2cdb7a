import { SqlError } from '../../errors.ts';

/** An agent's command line: `-Publisher [MIA-SQL1] -PublisherDB [Loans] -Continuous`. */
export interface AgentCommand {
  /** @throws SqlError 20024-like where the option is missing */
  value(name: string): string;
  optional(name: string): string | undefined;
  flag(name: string): boolean;
}

const OPTION = /-([A-Za-z0-9]+)(?:\s+(?:\[((?:[^\]]|\]\])*)\]|([^\s-]\S*)))?/g;

export function readCommand(text: string): AgentCommand {
  const options = new Map<string, string | true>();
  for (const [, name = '', bracketed, plain] of text.matchAll(OPTION)) {
    options.set(name.toLowerCase(), bracketed?.replaceAll(']]', ']') ?? plain ?? true);
  }
  const optional = (name: string): string | undefined => {
    const value = options.get(name.toLowerCase());
    return typeof value === 'string' ? value : undefined;
  };
  return {
    optional,
    flag: name => options.has(name.toLowerCase()),
    value(name) {
      const value = optional(name);
      if (value === undefined) throw new SqlError(20024, `The agent's command line lacks -${name}.`);
      return value;
    },
  };
}

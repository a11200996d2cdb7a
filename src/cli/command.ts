import type { ExitCode } from '../foundation/exit-codes.ts';
import type { Io } from './io.ts';
import { type Words, wordsOf } from './words.ts';

/** What can stand at a place of the command line, for shell completion. */
export type Completes = 'plan' | 'evacuation' | 'file' | 'directory' | 'nothing';

export interface Argument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly completes: Completes;
}

export interface Option {
  /** Long name without dashes: `dry-run`. */
  readonly name: string;
  readonly short?: string;
  readonly description: string;
  /** Name of its value; a flag without one is a switch. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
  /** May be given several times. */
  readonly many?: boolean;
  /** For landfall's own use when it starts itself: in no help and no completion. */
  readonly hidden?: boolean;
}

export interface Example {
  readonly command: string;
  readonly does: string;
}

/** A command as data: help, completion, the README's table and the parser are all made from this. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it does, what it touches, what it leaves alone. */
  readonly description: string;
  readonly arguments: readonly Argument[];
  readonly options: readonly Option[];
  readonly examples: readonly Example[];
  /** `raw`: what the parser found; keys are the names above in camelCase. Throws `usage` before it touches anything. */
  run(io: Io, raw: Readonly<Record<string, unknown>>): Promise<ExitCode>;
}

/** A command as its file writes it: what it reads from its words, and what it does with that. */
export interface CommandDefinition<Input> extends Omit<Command, 'run'> {
  readonly input: (words: Words) => Input;
  run(io: Io, input: Input): Promise<ExitCode>;
}

/** Ties the input type to the handler and forgets it again, so that the table can hold every command. */
export function defineCommand<Input>(definition: CommandDefinition<Input>): Command {
  const { input: reader, run, ...command } = definition;
  return {
    ...command,
    run: async (io, raw) => run(io, reader(wordsOf(command, raw))),
  };
}

/** Arguments that mean the same wherever they appear. */
export const ARGUMENTS = {
  plan: { name: 'plan', description: 'The plan file (YAML).', required: false, completes: 'plan' },
  evacuation: {
    name: 'evacuation',
    description: 'Name of the evacuation, or its plan file.',
    required: false,
    completes: 'evacuation',
  },
} as const satisfies Record<string, Argument>;

/** Options that mean the same wherever they appear. */
export const COMMON = {
  json: { name: 'json', description: 'Print the result as JSON on stdout.' },
  state: {
    name: 'state',
    value: 'DIR',
    description: 'Where evacuations are kept (LANDFALL_STATE; by default in XDG_STATE_HOME).',
    completes: 'directory',
  },
  sshConfig: {
    name: 'ssh-config',
    value: 'FILE',
    description:
      'An ssh_config to use instead of the one that the plan or ~/.ssh names (LANDFALL_SSH_CONFIG).',
    completes: 'file',
  },
  dryRun: {
    name: 'dry-run',
    short: 'n',
    description: 'Print every action in order and do nothing; no network is touched.',
  },
} as const satisfies Record<string, Option>;

import { EXIT } from '../../foundation/exit-codes.ts';
import { type Command, defineCommand } from '../command.ts';
import { completionScript, SHELLS } from '../completion.ts';

/** Needs the table that it is itself part of, so the table is handed in lazily. */
export const completionCommand = (commands: () => readonly Command[]): Command =>
  defineCommand({
    name: 'completion',
    summary: 'print a completion script for bash, zsh or fish',
    description: 'Prints a static script. Nothing is installed and nothing is run when you press Tab.',
    arguments: [
      { name: 'shell', description: `One of: ${SHELLS.join(', ')}.`, required: true, completes: 'nothing' },
    ],
    options: [],
    examples: [
      { command: 'eval "$(landfall completion bash)"', does: 'completion in this bash' },
      {
        command: 'landfall completion fish > ~/.config/fish/completions/landfall.fish',
        does: 'for fish, for good',
      },
    ],
    input: words => ({ shell: words.oneOf('shell', SHELLS) }),
    run(io, { shell }) {
      io.out(completionScript(shell, commands()));
      return Promise.resolve(EXIT.ok);
    },
  });

import { CommanderError, Command as Parser, Option as ParserOption } from 'commander';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import type { Command, Option } from './command.ts';
import { commandHelp, overview, TOPICS, topicText } from './help.ts';
import type { Io } from './io.ts';
import { camel } from './words.ts';

export interface Parsed {
  readonly command: Command;
  /** Arguments and options by their names in camelCase. */
  readonly raw: Readonly<Record<string, unknown>>;
  readonly json: boolean;
}

/**
 * argv to a command and its input, or text that was already printed (help, version) with its exit code.
 * Bad words are refused with `usage` (exit 2) before anything is touched.
 */
export function parseArgv(
  argv: readonly string[],
  commands: readonly Command[],
  io: Io,
  version: string,
): Parsed | ExitCode {
  let parsed: Parsed | undefined;
  const complaints: string[] = [];
  const quiet = (parser: Parser): Parser =>
    parser
      .exitOverride()
      .configureOutput({
        writeOut: text => io.out(text),
        writeErr: text => complaints.push(text),
        outputError: () => {},
      })
      .helpOption('-h, --help', 'Show help.')
      .option('--no-color', 'No colour (NO_COLOR does the same).')
      .option('--screen-reader', 'The screens as sentences, for a screen reader.');

  const program = quiet(new Parser('landfall'))
    .version(version, '-V, --version', 'Show the version.')
    .helpCommand(false)
    .enablePositionalOptions();
  program.helpInformation = () => overview(commands, version);

  for (const command of commands) {
    const sub = quiet(program.command(command.name)).description(command.summary);
    for (const argument of command.arguments) {
      sub.argument(argument.required ? `<${argument.name}>` : `[${argument.name}]`, argument.description);
    }
    for (const option of command.options) sub.addOption(parserOption(option));
    sub.helpInformation = () => commandHelp(command);
    sub.action(() => {
      const options: Readonly<Record<string, unknown>> = sub.opts();
      const words: readonly unknown[] = sub.processedArgs;
      const named = Object.fromEntries(
        command.arguments.map((argument, i) => [camel(argument.name), words[i]]),
      );
      parsed = { command, raw: { ...options, ...named }, json: options['json'] === true };
    });
  }
  quiet(program.command('help', { hidden: true }))
    .argument('[topic]')
    .action((topic: string | undefined) => {
      const named = commands.find(c => c.name === topic);
      const text =
        topic === undefined
          ? overview(commands, version)
          : named
            ? commandHelp(named)
            : topicText(topic, commands);
      if (text === undefined) {
        throw usage(`there is no help on "${topic}"`, [
          `landfall help, or one of: ${TOPICS.map(t => t.name).join(', ')}`,
        ]);
      }
      io.out(text);
    });

  try {
    if (argv.length === 0) {
      io.out(overview(commands, version));
      return EXIT.ok;
    }
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    throw usage(error.message.replace(/^error: /, '').replace(/\n/g, ' '), [
      'landfall --help shows the commands, landfall COMMAND --help one of them',
    ]);
  }
  return parsed ?? EXIT.ok;
}

function parserOption(option: Option): ParserOption {
  const flags = `${option.short === undefined ? '' : `-${option.short}, `}--${option.name}${option.value === undefined ? '' : ` <${option.value}>`}`;
  const made = new ParserOption(flags, option.description);
  if (option.choices !== undefined && option.many !== true) made.choices([...option.choices]);
  if (option.many === true) {
    made.argParser((value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value]);
  }
  return made;
}

function usage(what: string, next: string[]): LandfallError {
  return new LandfallError('usage', { what, next });
}

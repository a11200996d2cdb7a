import { CommanderError, Command as Parser, Option as ParserOption } from 'commander';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import type { Command, Option } from './command.ts';
import { commandHelp, overview, TOPICS, topicText, usageLine } from './help.ts';
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
      // Which are missing is said below, in the words of this command.
      sub.argument(`[${argument.name}]`, argument.description);
    }
    for (const option of command.options) sub.addOption(parserOption(option));
    sub.helpInformation = () => commandHelp(command);
    sub.action(() => {
      const options: Readonly<Record<string, unknown>> = sub.opts();
      const words = placed(command, sub.args);
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
    const meant = commands.find(each => each.name === argv[0]);
    throw usage(error.message.replace(/^error: /, '').replace(/\n/g, ' '), [
      ...(meant === undefined
        ? ['landfall --help shows the commands, landfall COMMAND --help one of them']
        : [usageLine(meant), `landfall ${meant.name} --help`]),
    ]);
  }
  return parsed ?? EXIT.ok;
}

/**
 * The words in the places of the arguments. What may be left out in front of something required is left out where the
 * words are too few for both: `landfall throttle off`. Throws `usage` where one is missing.
 */
function placed(command: Command, words: readonly string[]): readonly (string | undefined)[] {
  const wanted = command.arguments;
  const required = wanted.filter(each => each.required).length;
  const isElided =
    wanted[0]?.required === false && wanted.at(-1)?.required === true && words.length <= required;
  const inPlace = isElided ? [undefined, ...words] : words;
  const missing = wanted.find((each, index) => each.required && inPlace[index] === undefined);
  if (missing === undefined) return inPlace;
  throw usage(`${missing.name.toUpperCase()} is missing: ${missing.description}`, [
    usageLine(command),
    `landfall ${command.name} --help`,
  ]);
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

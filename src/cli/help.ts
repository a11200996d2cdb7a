import { EXIT_MEANING } from '../foundation/exit-codes.ts';
import type { Command, Option } from './command.ts';

/** Help that teaches by example; all of it made from the command table. */

export interface Topic {
  readonly name: string;
  readonly summary: string;
}

export const TOPICS: readonly Topic[] = [
  { name: 'exit-codes', summary: 'what the exit codes mean' },
  { name: 'environment', summary: 'environment variables and where things are kept' },
  { name: 'terminal', summary: 'a terminal that cannot draw, or that was left in disorder' },
];

export function overview(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map(c => c.name.length));
  return [
    `landfall ${version}: evacuate servers to another site before the storm, while they keep running`,
    '',
    'Usage: landfall COMMAND [ARGUMENTS]',
    '',
    'Commands, in the order in which you need them:',
    ...commands.map(c => `  ${c.name.padEnd(width)}  ${c.summary}`),
    '',
    'First time here? Nothing of yours is touched by:',
    '  landfall rehearse                              a whole evacuation on this machine, in a minute',
    '  landfall check plans/miami-to-dallas.yaml      read a plan as landfall reads it',
    '  landfall run PLAN --dry-run                    every action of an evacuation, without executing one',
    '',
    'On a terminal, landfall alone opens the screens: what runs, what can begin, and a rehearsal to start with.',
    '',
    'More: landfall COMMAND --help,',
    ...TOPICS.map(t => `      landfall help ${t.name}  (${t.summary})`),
    '',
  ].join('\n');
}

/** `landfall throttle [EVACUATION] RATE [OPTIONS]`. */
export function usageLine(command: Command): string {
  const words = command.arguments.map(a => (a.required ? a.name.toUpperCase() : `[${a.name.toUpperCase()}]`));
  return ['landfall', command.name, ...words, '[OPTIONS]'].join(' ');
}

export function commandHelp(command: Command): string {
  const lines = [`landfall ${command.name}: ${command.summary}`, '', `Usage: ${usageLine(command)}`, ''];
  lines.push(...wrap(command.description), '');
  if (command.examples.length > 0) {
    lines.push('Examples:');
    for (const { command: line, does } of command.examples) lines.push(`  ${line}`, `      ${does}`);
    lines.push('');
  }
  if (command.arguments.length > 0) {
    lines.push('Arguments:', ...table(command.arguments.map(a => [a.name.toUpperCase(), a.description])), '');
  }
  const options = [
    ...command.options.filter(o => o.hidden !== true).map(o => [flags(o), describeOption(o)] as const),
    ['-h, --help', 'Show this help.'] as const,
  ];
  lines.push('Options:', ...table(options), '');
  return lines.join('\n');
}

export function topicText(topic: string, commands: readonly Command[]): string | undefined {
  if (topic === 'exit-codes') {
    return [
      'Exit codes of landfall:',
      '',
      ...table(EXIT_MEANING.map(([code, meaning]) => [String(code), meaning])),
      '',
    ].join('\n');
  }
  if (topic === 'terminal') {
    return [
      'The terminal:',
      '',
      ...table([
        [
          'reset',
          'Type it, blindly if need be, where screens that were killed (kill -9) left the terminal in disorder.',
        ],
        ['--headless', 'run and rehearse without screens: lines, also on a terminal.'],
        ['attach --plain', 'Every event of a running evacuation as a line; Ctrl-C leaves it running.'],
        ['--screen-reader', 'The screens as sentences.'],
        ['LANG=C, LC_ALL=C', 'ASCII only; so is every other locale that is not UTF-8.'],
        ['NO_COLOR=1', 'No colour.'],
        ['Ctrl-L', 'In the screens: draw everything again.'],
      ]),
      '',
      'Whatever becomes of a terminal, the engine goes on: landfall attach.',
      '',
    ].join('\n');
  }
  if (topic === 'environment') {
    return [
      'Environment variables:',
      '',
      ...table([
        ['LANDFALL_PLAN', 'The plan to use where a command wants one and none is given.'],
        ['LANDFALL_STATE', 'Where evacuations are kept; --state is stronger.'],
        ['LANDFALL_ENGINEER', 'Your name in the journal; by default the one who called sudo, or the login.'],
        ['LANDFALL_SSH_CONFIG', 'An ssh_config to use; --ssh-config is stronger.'],
        ['SSH_AUTH_SOCK', 'The SSH agent.'],
        ['XDG_STATE_HOME', 'Base of the default state directory (landfall/evacuations in it).'],
        ['LANDFALL_THEME', 'Colours of the screens: dark, light, colour-blind or none; T changes them.'],
        [
          'LANDFALL_SCREEN_READER',
          'Any value: the screens as sentences, for a screen reader; --screen-reader does the same.',
        ],
        [
          'LANDFALL_INCREMENTAL',
          '"off": every frame is drawn whole, for terminals that draw wide characters wrongly.',
        ],
        ['LC_ALL, LC_CTYPE, LANG', 'The first that is set: ASCII only where it names no UTF-8, such as C.'],
        ['NO_COLOR', 'Any value: no colour.'],
        ['CI', 'Any value: no prompts, no live lists.'],
      ]),
      '',
      'Without PLAN and LANDFALL_PLAN, commands use the only *.yaml file in ./plans, if there is just one.',
      `Commands: ${commands.map(c => c.name).join(', ')}.`,
      '',
    ].join('\n');
  }
  return undefined;
}

export function flags(option: Option): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
}

const describeOption = (option: Option): string =>
  option.description + (option.choices === undefined ? '' : ` One of: ${option.choices.join(', ')}.`);

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.flatMap(([left, right]) => {
    const [first = '', ...rest] = wrap(right, 78 - width - 4);
    return [`  ${left.padEnd(width)}  ${first}`, ...rest.map(line => `${' '.repeat(width + 4)}${line}`)];
  });
}

/**
 * Breaks prose at `width` columns; blank lines between paragraphs stay. A line that begins with blanks and a word in a column
 * of its own (`  once    one cycle`) goes on below its text.
 */
export function wrap(text: string, width = 78): string[] {
  return text.split('\n').flatMap(paragraph => {
    const lead = /^ +(?:\S+ {2,})?/.exec(paragraph)?.[0] ?? '';
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.slice(lead.length).split(' ')) {
      if (line !== '' && lead.length + line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    return [...lines, line].map((each, at) => `${at === 0 ? lead : ' '.repeat(lead.length)}${each}`);
  });
}

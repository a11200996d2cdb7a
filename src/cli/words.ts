import { LandfallError } from '../foundation/errors.ts';
import type { Argument, Option } from './command.ts';

/**
 * The words of a command line after the parser split them, read by the names in the command's own table. No schema
 * library here: this is loaded before every command, and most of what a command line costs is loading.
 */
export interface Words {
  /** A switch: was it given? */
  flag(name: string): boolean;
  /** The value of an argument or option, where it was given. */
  text(name: string): string | undefined;
  /** The values of an option that may be given several times. */
  texts(name: string): readonly string[];
  /** A number within bounds, both included. Throws `usage` for anything else. */
  number(name: string, bounds: NumberBounds): number | undefined;
  /** One of a fixed set. Throws `usage` for anything else, and where it is missing. */
  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice;
}

export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

interface Table {
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly options: readonly Option[];
}

/** `raw` is keyed by the names of the table in camelCase. Asking for a name that the table lacks is a `bug`. */
export function wordsOf(command: Table, raw: Readonly<Record<string, unknown>>): Words {
  const refuse = (name: string, complaint: string): LandfallError =>
    new LandfallError('usage', {
      what: `${shown(command, name)}: ${complaint}`,
      next: [`landfall ${command.name} --help`],
    });
  const value = (name: string): unknown => {
    if (![...command.arguments, ...command.options].some(known => known.name === name))
      throw new LandfallError('bug', {
        what: `landfall ${command.name} reads the word ${name}, which its table does not name`,
        next: ['report this'],
      });
    return raw[camel(name)];
  };
  const text = (name: string): string | undefined => {
    const given = value(name);
    if (given === undefined || typeof given === 'string') return given;
    throw refuse(name, 'it takes one value');
  };
  return {
    // The parser keeps --no-database as a database that is false.
    flag: name =>
      name.startsWith('no-')
        ? value(name) === undefined && raw[camel(name.slice(3))] === false
        : value(name) === true,
    text,
    texts(name) {
      const given = value(name);
      return Array.isArray(given) ? given.map(String) : [];
    },
    number(name, { min, max, whole = false }) {
      const given = text(name);
      if (given === undefined) return undefined;
      const number = given.trim() === '' ? Number.NaN : Number(given);
      if (number >= min && number <= max && (!whole || Number.isSafeInteger(number))) return number;
      const kind = whole ? 'a whole number' : 'a number';
      throw refuse(
        name,
        max === Number.POSITIVE_INFINITY
          ? `"${given}" is not ${kind} of at least ${min}`
          : `"${given}" is not ${kind} from ${min} to ${max}`,
      );
    },
    oneOf(name, choices) {
      const given = text(name);
      const choice = choices.find(known => known === given);
      if (choice !== undefined) return choice;
      const known = choices.join(', ');
      throw refuse(
        name,
        given === undefined ? `give one of: ${known}` : `"${given}" is not one of: ${known}`,
      );
    },
  };
}

/** `dry-run` as the parser keys it: `dryRun`. */
export const camel = (name: string): string =>
  name.toLowerCase().replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());

const shown = (command: Table, name: string): string =>
  command.options.some(option => option.name === name) ? `--${name}` : name.toUpperCase();

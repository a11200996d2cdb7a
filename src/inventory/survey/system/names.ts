import { isIP } from 'node:net';
import { harmless } from '../../../foundation/text.ts';
import type { SurveyFacts } from '../../../journal/facts-survey.ts';
import { parseAddresses, parsePlainAddresses } from '../../guest/addresses.ts';
import type { Answers } from '../learn.ts';
import { bounded } from './bounds.ts';

type StaticName = NonNullable<SurveyFacts['staticNames']>[number];

const LINES_KEPT = 200;
const NAMES_KEPT = 20;

/** What /etc/hosts says of others. */
export function readStaticNames(answers: Answers): StaticName[] | undefined {
  const found = answers.learn('names in /etc/hosts', 'static-names', parseHosts);
  if (found === undefined) return undefined;
  const host = answers.text('hostname')?.trim().toLowerCase() ?? '';
  const short = host.split('.')[0] ?? '';
  const own = new Set(ownAddresses(answers));
  const others = found.flatMap(({ address, names }) => {
    if (own.has(address)) return [];
    const foreign = names.filter(name => !isOwn(name.toLowerCase(), host, short));
    return foreign.length === 0 ? [] : [{ address, names: foreign }];
  });
  return bounded(answers, 'lines of /etc/hosts', others, LINES_KEPT);
}

/** Lines of an address and its names. Undefined where there are words and none of them is one. */
export function parseHosts(text: string): StaticName[] | undefined {
  const lines = text.split('\n').map(line => line.replace(/#.*/, '').trim());
  const told = lines.flatMap(line => {
    const [address = '', ...names] = line.split(/\s+/);
    if (isIP(address.replace(/%.*$/, '')) === 0 || names.length === 0) return [];
    const kept = names.slice(0, NAMES_KEPT).map(name => harmless(name.slice(0, 255)));
    return [{ address: harmless(address.slice(0, 64)), names: kept }];
  });
  return told.length === 0 && lines.some(line => line !== '') ? undefined : told;
}

function isOwn(name: string, host: string, short: string): boolean {
  if (name === host || name === short) return true;
  if (short !== '' && host === short && name.startsWith(`${short}.`)) return true;
  return /^(?:localhost\d?|localhost\.localdomain|localhost[46]\S*|ip6-\S+|ipv6-\S+|broadcasthost|loopback)$/.test(
    name,
  );
}

function ownAddresses(answers: Answers): readonly string[] {
  const json = answers.text('ip');
  if (json !== undefined) return parseAddresses(json)?.addresses ?? [];
  const plain = answers.text('ip-addresses');
  return plain === undefined ? [] : parsePlainAddresses(plain, answers.text('ip-links') ?? '').addresses;
}

import { harmless } from '../../../foundation/text.ts';
import type { IdentityFacts } from '../../../journal/facts-survey.ts';
import type { Answers } from '../learn.ts';
import { bounded } from './bounds.ts';
import { AGENTS, PROGRAMS, SETTINGS } from './identity-table.ts';

const KEPT = 200;
/** Values of one file, principals of one keytab, hosts of one licence. */
const VALUES_KEPT = 10;
const WIDTH = 80;

/** What is bound to this very machine, and breaks or collides where a copy of it runs. */
export function readIdentity(answers: Answers): IdentityFacts[] | undefined {
  if (answers.section('agents') === undefined) {
    answers.gap('what is bound to this machine', 'cut-short');
    return undefined;
  }
  const configured = parseSettings(answers.text('settings') ?? '');
  const found = [
    ...machineIds(answers),
    ...configured,
    ...boundPlaces(answers.text('agents') ?? ''),
    ...keytabs(answers),
    ...vpns(answers),
    ...subscriptions(answers),
    ...licences(answers),
    ...programs(answers.text('programs') ?? ''),
  ];
  return bounded(answers, 'things bound to this machine', withoutRepetition(found), KEPT);
}

function machineIds(answers: Answers): IdentityFacts[] {
  const own = idOf(answers.text('machine-id'));
  const bus = idOf(answers.text('bus-machine-id'));
  const host = /^\s*([0-9a-f]{8})\s*$/.exec(answers.text('host-id') ?? '')?.[1];
  return [
    ...(own === undefined ? [] : [identity('machine-id', '/etc/machine-id', own)]),
    ...(bus === undefined || own === undefined || bus === own
      ? []
      : [
          identity(
            'machine-id',
            '/var/lib/dbus/machine-id',
            `${bus}: another than /etc/machine-id, as on a machine that was made from a template`,
          ),
        ]),
    ...(host === undefined ? [] : [identity('host-id', '/etc/hostid', host)]),
  ];
}

function idOf(text: string | undefined): string | undefined {
  return /^([0-9a-f]{32})\s*$/.exec(text ?? '')?.[1];
}

/** Lines `FILE<tab>KEY<tab>VALUE`: one item a file, with what it says of the machine. */
export function parseSettings(text: string): IdentityFacts[] {
  const files = new Map<string, { readonly kind: IdentityFacts['kind']; name: string; said: string[] }>();
  for (const line of text.split('\n')) {
    const [file, key = '', value = ''] = line.split('\t');
    if (file === undefined || value.trim() === '') continue;
    for (const { kind, name, place, keys } of SETTINGS) {
      const where = below(file, place);
      if (where === undefined || !keys.includes(key)) continue;
      const own = files.get(where) ?? { kind, name, said: [] };
      files.set(where, own);
      const shown = harmless(value.trim().slice(0, WIDTH));
      const said = key === '=' ? shown : `${key} ${shown}`;
      if (own.said.length < VALUES_KEPT && !own.said.includes(said)) own.said.push(said);
      break;
    }
  }
  return [...files].map(([where, { kind, name, said }]) =>
    identity(kind, where, `${name}: ${said.join(', ')}`),
  );
}

/** Where a place of the table lies in what a host told, if it lies there. */
function below(file: string, place: string): string | undefined {
  const at = file.indexOf(place);
  if (at < 0) return undefined;
  const rest = file.slice(at + place.length);
  return rest === '' || rest.startsWith('/') ? harmless(file.slice(at, at + 300)) : undefined;
}

function boundPlaces(text: string): IdentityFacts[] {
  return text.split('\n').flatMap(line => {
    const known = AGENTS.find(({ place }) => line.endsWith(place));
    return known === undefined ? [] : [identity(known.kind, known.place, known.detail)];
  });
}

/** Files with what was said of them: lines `@@ FILE`, and below each its words. */
export function parseBlocks(text: string): { readonly file: string; readonly words: string[] }[] {
  const blocks: { file: string; words: string[] }[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('@@ ')) blocks.push({ file: line.slice(3), words: [] });
    else if (line.trim() !== '') blocks.at(-1)?.words.push(line.trim());
  }
  return blocks;
}

function keytabs(answers: Answers): IdentityFacts[] {
  const blocks = parseBlocks(answers.text('keytabs') ?? '');
  if (blocks.some(({ words }) => words.length === 0)) {
    const root = answers.text('survey-user')?.trim() === '0';
    answers.gap(
      'principals in keytabs',
      root ? 'no-tool' : 'needs-root',
      undefined,
      root
        ? 'klist -k, of the package krb5-user or krb5-workstation'
        : 'docs/inventory-sudoers.conf lets a login of the group landfall-inv ask klist -k /etc/krb5.keytab',
    );
  }
  return blocks.map(({ file, words }) =>
    identity('keytab', fromRoot(file), words.length === 0 ? 'keys of Kerberos' : `keys of ${several(words)}`),
  );
}

function vpns(answers: Answers): IdentityFacts[] {
  const lines = (answers.text('vpn-names') ?? '').split('\n').filter(line => line !== '');
  const closed = lines.filter(line => line.startsWith('! ')).map(line => fromRoot(line.slice(2)));
  if (closed.length > 0)
    answers.gap(
      `names of tunnels below ${closed.join(' and ')}`,
      'needs-root',
      undefined,
      'sudo: true in the plan',
    );
  return lines
    .filter(line => !line.startsWith('! '))
    .map(fromRoot)
    .map(where => {
      const name = /([^/]+)\.(?:conf|ovpn)$/.exec(where)?.[1] ?? where;
      const kind = where.startsWith('/etc/wireguard')
        ? 'WireGuard'
        : where.startsWith('/etc/openvpn')
          ? 'OpenVPN'
          : 'IPsec';
      return identity('vpn', where, `${kind}: ${name}`);
    });
}

function subscriptions(answers: Answers): IdentityFacts[] {
  return /"attached": *true/.test(answers.text('ubuntu-pro') ?? '')
    ? [identity('subscription', '/var/lib/ubuntu-advantage/status.json', 'Ubuntu Pro')]
    : [];
}

function licences(answers: Answers): IdentityFacts[] {
  return parseBlocks(answers.text('licences') ?? '').map(({ file, words }) =>
    identity(
      'licence',
      fromRoot(file),
      words.length === 0
        ? 'licence file that names no host'
        : `bound to the host ${several(words.filter(word => /^[A-Za-z_=0-9:.-]{1,64}$/.test(word)))}`,
    ),
  );
}

function programs(text: string): IdentityFacts[] {
  return text.split('\n').flatMap(name => {
    const known = Object.hasOwn(PROGRAMS, name.trim()) ? PROGRAMS[name.trim()] : undefined;
    return known === undefined ? [] : [identity(known.kind, `process ${name.trim()}`, known.detail)];
  });
}

/** A place that says no more than another of the same thing does is left out: what a file says comes first. */
function withoutRepetition(found: readonly IdentityFacts[]): IdentityFacts[] {
  const kept: IdentityFacts[] = [];
  for (const item of found) {
    const again = kept.some(
      ({ kind, detail }) =>
        kind === item.kind && (detail === item.detail || detail.startsWith(`${item.detail}: `)),
    );
    const elsewhere = kept.some(({ where }) => where === item.where);
    if (!elsewhere && !(again && item.kind !== 'keytab' && item.kind !== 'licence')) kept.push(item);
  }
  return kept;
}

function several(words: readonly string[]): string {
  const shown = words.slice(0, VALUES_KEPT).map(word => harmless(word.slice(0, WIDTH)));
  return words.length > shown.length
    ? `${shown.join(', ')} and ${words.length - shown.length} more`
    : shown.join(', ');
}

/** A path as the machine has it: what comes before its first known directory is where it is mounted for us. */
function fromRoot(file: string): string {
  const at = file.search(/\/(?:etc|opt|usr|var|srv)\//);
  const whole = file.startsWith('/') && at >= 0 ? file.slice(at) : file;
  return harmless(whole.replace(/\/$/, '').slice(0, 300));
}

function identity(kind: IdentityFacts['kind'], where: string, detail: string): IdentityFacts {
  return { kind, where, detail: detail.slice(0, 600) };
}

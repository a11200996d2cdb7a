import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { surveyByInput } from '../../src/inventory/collector/collector.ts';
import { decodeSections } from '../../src/inventory/guest/sections.ts';
import { formatArgv } from '../../src/remote/quote.ts';
import { Pseudonyms } from './pseudonyms.ts';

const HELP = `scripts/record-host: a fixture for fixtures/hosts/ from a real host

Usage: scripts/record-host HOST [OPTIONS] > fixtures/hosts/NAME.yaml

Runs landfall's own collector on HOST over ssh, exactly as landfall does (it only reads), and prints what it answered
as a fixture. With --hypervisor, also what virsh says there of the domain. UUIDs, machine-id, hardware addresses, LVM
identifiers and host keys are replaced by others of the same form; what looks like a secret is withheld. Read the file
before you commit it: names and addresses stay as they are, unless you rename them.

Options:
  --comment TEXT       the first line of the file: what this host is (required)
  --ssh-config FILE    as ssh -F
  --sudo               run the collector by sudo -n, as landfall does where the plan says so
  --hypervisor HOST    ask virsh -r there, too
  --domain NAME        the domain's name (default: HOST)
  --rename A=B         replace a word, again and again where given several times
  -h, --help           this text
`;

/** Exit codes of a group of questions that its guard ended: its parts stand for themselves, that it was cut does not. */
const CUT_OFF: readonly number[] = [124, 137, 143];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    comment: { type: 'string' },
    'ssh-config': { type: 'string' },
    sudo: { type: 'boolean', default: false },
    hypervisor: { type: 'string' },
    domain: { type: 'string' },
    rename: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const [host] = positionals;
  if (host === undefined || host.startsWith('-') || values.comment === undefined)
    throw new Error('a host and --comment: see --help');
  const renamed = values.rename.map(pair => {
    const [from = '', to = ''] = pair.split('=');
    return [from, to] as const;
  });
  const names = new Pseudonyms([...renamed, ...ownName()]);
  const began = new Date();
  const { argv, stdin } = surveyByInput();
  const sections = decodeSections(
    await ask(host, values.sudo ? ['sudo', '-n', '--', ...argv] : argv, stdin),
    host,
  );
  const domain = values.hypervisor === undefined ? {} : await domainOf(values.hypervisor, host);
  const answers = Object.fromEntries(
    [...sections]
      .filter(([name, { rc }]) => !name.startsWith('group:') || CUT_OFF.includes(rc))
      .map(([name, { rc, text }]) => [
        names.of(name),
        { rc, text: name.startsWith('group:') ? '' : names.of(text) },
      ]),
  );
  const told = Object.fromEntries(Object.entries(domain).map(([name, text]) => [name, names.of(text)]));
  const day = began.toISOString().slice(0, 10);
  process.stdout.write(
    `# Recorded ${day} by scripts/record-host, identifiers replaced: ${values.comment}\n` +
      stringify({ ...told, sections: answers }, { lineWidth: 0, blockQuote: 'literal' }),
  );
}

/** Whoever records need not stand in every connection that the host had just then. */
function ownName(): readonly (readonly [string, string])[] {
  const { username } = userInfo();
  return username === 'root' ? [] : [[username, 'engineer']];
}

async function ask(host: string, argv: readonly string[], input = ''): Promise<string> {
  const config = values['ssh-config'] === undefined ? [] : ['-F', values['ssh-config']];
  const words = [...config, '-o', 'BatchMode=yes', host, formatArgv(argv)];
  const { stdout } = await execa('ssh', words, { input, maxBuffer: 48 * 1024 ** 2 });
  return stdout;
}

async function domainOf(hypervisor: string, host: string): Promise<Record<string, string>> {
  const virsh = ['virsh', '-r', '-c', 'qemu:///system'];
  const name = values.domain ?? host;
  return {
    domstate: await ask(hypervisor, [...virsh, 'domstate', name]),
    dumpxml: await ask(hypervisor, [...virsh, 'dumpxml', name]),
    domblkinfo: await ask(hypervisor, [...virsh, 'domblkinfo', name, '--all']),
  };
}

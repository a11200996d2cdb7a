import { userInfo } from 'node:os';
import { LandfallError } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import { type LocalEnv, runLocal } from './local.ts';
import { formatArgv } from './quote.ts';
import { parseSshConfig, type SshSettings } from './ssh-config-parse.ts';

/** Where to connect and as whom, after ssh_config has had its say. */
export interface SshTarget extends Omit<SshSettings, 'proxyJump' | 'proxyCommand'> {
  /** The name as the plan says it. */
  readonly address: string;
  /** Hosts to go through, outermost first; verified like every other host. */
  readonly jumps: readonly SshTarget[];
  /** The configuration file that was asked, where it is not ssh's own. */
  readonly configFile?: string;
}

/** The command line that does by hand, and aloud, what landfall did. */
export function tryByHand({ address, configFile, port, user }: SshTarget): string {
  const config = configFile === undefined ? [] : ['-F', configFile];
  return formatArgv(['ssh', '-v', ...config, '-p', String(port), '-l', user, address]);
}

export interface ResolveOptions {
  readonly address: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** Instead of ~/.ssh/config; the system-wide file is then not read either (as `ssh -F`). */
  readonly configFile?: string | undefined;
  readonly env?: LocalEnv | undefined;
}

/** More would be a loop. */
const MAX_JUMPS = 8;

/**
 * Asks OpenSSH itself (`ssh -G`) what its configuration says about an address. Rejects with `ssh.config` where the
 * configuration cannot be read or asks for what landfall cannot do, `local.command-missing` without the ssh client.
 */
export async function resolveSsh(options: ResolveOptions): Promise<SshTarget> {
  return resolve(options, 0);
}

async function resolve(options: ResolveOptions, depth: number): Promise<SshTarget> {
  const { proxyJump, proxyCommand, ...settings } = await ask(options);
  if (proxyCommand !== undefined) {
    throw configError(options, {
      what: `ssh_config gives ${options.address} a ProxyCommand, which landfall does not run`,
      why: 'landfall verifies every host on the way itself; it cannot look into a foreign command',
      evidence: [`ProxyCommand ${proxyCommand}`],
      next: [
        `replace it: "ProxyJump <bastion>" in the Host block of ${options.address}`,
        'or write a config file for landfall alone and name it in the plan: ssh: { config: FILE }',
      ],
    });
  }
  if (depth > MAX_JUMPS || proxyJump.length > MAX_JUMPS) {
    throw configError(options, {
      what: `ssh_config sends ${options.address} through more than ${MAX_JUMPS} jump hosts`,
      evidence: proxyJump.map(jump => `ProxyJump ${jump.address}`),
      next: ['look for a Host pattern that matches its own jump host, and exclude it with !name'],
    });
  }
  const jumps: SshTarget[] = [];
  for (const [at, jump] of proxyJump.entries()) {
    const hop = await resolve(
      { configFile: options.configFile, env: options.env, ...jump },
      // As OpenSSH does it: only the outermost hop may bring jump hosts of its own.
      at === 0 ? depth + 1 : depth,
    );
    if (at === 0) jumps.push(...hop.jumps);
    jumps.push({ ...hop, jumps: [] });
  }
  return {
    ...settings,
    address: options.address,
    jumps,
    ...(options.configFile === undefined ? {} : { configFile: options.configFile }),
  };
}

async function ask(options: ResolveOptions): Promise<SshSettings> {
  const argv: [string, ...string[]] = ['ssh', '-G'];
  if (options.configFile !== undefined) argv.push('-F', options.configFile);
  if (options.port !== undefined) argv.push('-p', String(options.port));
  if (options.user !== undefined) argv.push('-l', options.user);
  argv.push('--', options.address);
  // 255 is ssh's own "no"; what it says on stderr names file and line.
  const answer = await runLocal(argv, { codes: [0, 255], timeoutMs: 20_000, env: options.env });
  if (answer.code !== 0) {
    const said = answer.stderr
      .toString('utf8')
      .split('\n')
      .map(harmless)
      .filter(line => isNews(line));
    throw configError(options, {
      what: `ssh cannot read its configuration for ${options.address}`,
      evidence: said.slice(-8),
      next: [`run: ${formatArgv(argv)}`, 'correct the line that it names'],
    });
  }
  const { homedir, username } = userInfo();
  return parseSshConfig(answer.stdout.toString('utf8'), {
    address: options.address,
    home: homedir,
    localUser: username,
  });
}

const isNews = (line: string): boolean => line !== '' && !line.startsWith('Pseudo-terminal');

function configError(
  options: ResolveOptions,
  facts: { what: string; why?: string; evidence: string[]; next: string[] },
): LandfallError {
  return new LandfallError('ssh.config', {
    ...facts,
    where: { host: options.address, file: options.configFile },
  });
}

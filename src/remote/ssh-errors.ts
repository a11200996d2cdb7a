import { LandfallError } from '../foundation/errors.ts';
import { harmless, harmlessBytes } from '../foundation/text.ts';
import { formatDuration } from '../foundation/units.ts';
import type { Identities } from './identities.ts';
import type { LoginStory } from './login.ts';
import { type SshTarget, tryByHand } from './ssh-config.ts';

/** What was known when a connection could not be made; turns a thrown thing into an error with a next step. */
export interface ConnectFailure {
  readonly id: string;
  readonly target: SshTarget;
  /** The jump host in front, if any. */
  readonly via?: string | undefined;
  readonly error: Error;
  /** How far it came. */
  readonly stage: 'socket' | 'greeting' | 'handshake' | 'login';
  readonly firstBytes?: Buffer | undefined;
  readonly timeoutMs: number;
  readonly login: LoginStory;
}

export function connectError(failure: ConnectFailure): LandfallError {
  const { error, id, target } = failure;
  const at = `${target.hostname} port ${target.port}`;
  const through = failure.via === undefined ? '' : ` through ${failure.via}`;
  const code = codeOf(error);
  const make = (
    errorCode: 'ssh.unresolvable' | 'ssh.unreachable' | 'ssh.timeout' | 'ssh.protocol',
    what: string,
    next: string[],
    evidence: string[] = [harmless(error.message)],
  ): LandfallError =>
    new LandfallError(errorCode, { what, where: { host: id }, evidence, next, cause: error });

  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL' || code === 'EAI_NODATA') {
    return make('ssh.unresolvable', `the name ${target.hostname} of ${id} cannot be resolved`, [
      `check the name: getent hosts ${target.hostname}`,
      `give the address as an IP in the plan, or a HostName for ${target.address} in ssh_config`,
    ]);
  }
  if (isTimeout(error, code)) {
    return make(
      'ssh.timeout',
      `${id} (${at})${through} did not ${STAGE_TEXT[failure.stage]} within ${formatDuration(failure.timeoutMs)}`,
      [
        `try it: ${tryByHand(target)}`,
        'look for a firewall that drops packets, or a host that hangs',
        'a slow link needs a larger ConnectTimeout in ssh_config',
      ],
    );
  }
  if (isLoginRefusal(failure)) return authRefused(failure);
  if (failure.stage === 'socket') {
    const refused = code === 'ECONNREFUSED' || /refused/i.test(error.message);
    return make(
      'ssh.unreachable',
      refused ? `${id} refuses connections on ${at}${through}` : `${id} (${at})${through} cannot be reached`,
      refused
        ? [
            'check that sshd runs there and listens on this port',
            `check the port in the plan (${target.port})`,
          ]
        : [`check the route and the firewall to ${target.hostname}`, 'check that the host is up'],
    );
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || isEarlyClose(failure)) {
    return make('ssh.unreachable', `${id} (${at})${through} closed the connection before the login`, [
      `look into the log of sshd on ${id}: MaxStartups, AllowUsers, hosts.deny and fail2ban act like this`,
      'try again in a minute: sshd drops connections while too many are logging in',
    ]);
  }
  return make(
    'ssh.protocol',
    failure.stage === 'greeting'
      ? `what answers at ${at}${through} for ${id} does not speak SSH`
      : `${id} (${at})${through} and landfall could not agree on the SSH protocol`,
    failure.stage === 'greeting'
      ? [`check the port in the plan (${target.port})`, 'look for a proxy or a load balancer in between']
      : [
          `compare with: ${tryByHand(target)}`,
          'an old server may offer only algorithms that are unsafe today',
        ],
    [
      harmless(error.message),
      ...(failure.firstBytes === undefined || failure.stage !== 'greeting'
        ? []
        : [`it said: ${harmlessBytes(failure.firstBytes.subarray(0, 120))}`]),
    ],
  );
}

export const CLOSED_EARLY = 'the connection was closed';

const STAGE_TEXT: Readonly<Record<ConnectFailure['stage'], string>> = {
  socket: 'answer',
  greeting: 'greet as an SSH server',
  handshake: 'finish the key exchange',
  login: 'finish the login',
};

function isTimeout(error: Error, code: string | undefined): boolean {
  return code === 'ETIMEDOUT' || ('level' in error && error.level === 'client-timeout');
}

function isLoginRefusal({ error, stage }: ConnectFailure): boolean {
  if ('level' in error && error.level === 'client-authentication') return true;
  return stage === 'login' && /authentication/i.test(error.message);
}

/** Without a single byte from it there is nothing to say about its protocol. */
function isEarlyClose({ error, firstBytes, stage }: ConnectFailure): boolean {
  return error.message === CLOSED_EARLY || (stage === 'greeting' && firstBytes === undefined);
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function authRefused({ id, target, login, error }: ConnectFailure): LandfallError {
  const tooMany = /too many authentication failures/i.test(error.message);
  const next = login.partial
    ? [`let ${target.user} log in with a key alone on ${id}: landfall cannot answer further questions`]
    : [
        `let one of these keys in: add its public half to ~${target.user}/.ssh/authorized_keys on ${id}`,
        `or name the right key: IdentityFile in the Host block of ${target.address} in ssh_config`,
        `compare with: ${tryByHand(target)}`,
      ];
  return new LandfallError('ssh.auth-refused', {
    what: login.partial
      ? `${id} accepts a key of ${target.user}@${target.hostname} and then asks for more: ${login.methodsLeft.join(', ')}`
      : `${id} refused every key for ${target.user}@${target.hostname} port ${target.port}`,
    where: { host: id },
    evidence: [...storyOf(login), ...(tooMany ? [harmless(error.message)] : [])],
    next: tooMany
      ? ['the server stopped listening after too many keys: set IdentitiesOnly yes in ssh_config', ...next]
      : next,
    cause: error,
  });
}

/** There is nothing to try: said before the host is contacted. */
export function noIdentity(id: string, target: SshTarget, identities: Identities): LandfallError {
  const unusable = identities.skipped.length > 0;
  return new LandfallError(unusable ? 'ssh.key-unusable' : 'ssh.auth-refused', {
    what: unusable
      ? `no key can be used to log in as ${target.user}@${target.hostname} (${id})`
      : `there is no key to log in as ${target.user}@${target.hostname} (${id})`,
    where: { host: id },
    evidence: storyOf({ identities, refused: [], notes: [], methodsLeft: [], partial: false }),
    next: [
      'load the key into an agent and start landfall with it: eval "$(ssh-agent)" && ssh-add FILE',
      'chmod 600 a key file that others can read',
      `or name a key: IdentityFile in the Host block of ${target.address} in ssh_config`,
    ],
  });
}

function storyOf(login: LoginStory): string[] {
  return [
    ...login.refused.map(label => `refused: ${label}`),
    ...login.notes,
    ...login.identities.skipped.map(reason => `not tried: ${reason}`),
    ...(login.identities.absent.length === 0 ? [] : [`not there: ${login.identities.absent.join(', ')}`]),
    ...(login.methodsLeft.length === 0 ? [] : [`the server accepts: ${login.methodsLeft.join(', ')}`]),
  ];
}

import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import { hashPassword, isPasswordHash, passwordMatches } from '../server/password.ts';
import type { ServerPrincipal } from '../server/principals.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import { textOf } from '../values/index.ts';
import { cannot, noDatabase, principalExists } from './faults.ts';
import { LANGUAGES } from './languages.ts';
import { computed, optionBytes, optionSwitch, optionText } from './statement-values.ts';

type LoginStatement = Extract<AdministrativeStatement, { readonly password?: unknown }>;

/** CREATE LOGIN. */
export function createLogin(statement: LoginStatement, execution: Execution): void {
  const { instance } = execution;
  const { name, options } = statement;
  if (instance.principals.find(name) !== undefined) throw principalExists(name);
  const now = instance.clock.now();
  const shared = {
    name,
    disabled: false,
    created: now,
    modified: now,
    defaultDatabase: 'master',
    defaultLanguage: 'us_english',
    roles: [],
    fixed: false,
    ...defaults(statement, execution),
  };
  if (statement.fromWindows) {
    if (!name.includes('\\'))
      throw new SqlError(
        15407,
        `'${name}' is not a valid Windows NT name. Give the complete name: <domain\\username>.`,
      );
    if (instance.product.platform === 'Linux')
      throw new SqlError(15401, `Windows NT user or group '${name}' not found. Check the name again.`);
    const windows = { checkPolicy: false, checkExpiration: false, mustChange: false };
    instance.principals.add({
      ...shared,
      ...windows,
      type: 'U',
      sid: windowsSid(name),
      hash: undefined,
    });
    return;
  }
  const sid = optionBytes(execution, options, 'SID');
  if (sid !== undefined) {
    if (sid.length !== 16) throw new SqlError(15419, 'Supplied parameter sid should be binary(16).');
    if (instance.principals.bySid(sid) !== undefined)
      throw new SqlError(15433, 'Supplied parameter sid is in use.');
  }
  const policy = policies(statement, execution, { checkPolicy: true, checkExpiration: false });
  const hash = passwordHash(statement, execution, policy.checkPolicy);
  if (hash === undefined) throw new SqlError(102, "Incorrect syntax near 'WITH'.", { endsBatch: true });
  instance.principals.add({
    ...shared,
    ...policy,
    type: 'S',
    sid: sid ?? instance.random.bytes(16),
    hash,
    mustChange: statement.password?.mustChange ?? false,
  });
}

/** ALTER LOGIN. */
export function alterLogin(statement: LoginStatement, execution: Execution): void {
  const { instance } = execution;
  const { name, options } = statement;
  const login = instance.principals.find(name);
  if (login === undefined || login.type === 'R') throw cannot('alter', 'login', name);
  const renamed = optionText(execution, options, 'NAME');
  if (renamed !== undefined) {
    const other = instance.principals.find(renamed);
    if (other !== undefined && other.id !== login.id) throw principalExists(renamed);
  }
  const old = optionText(execution, options, 'OLD_PASSWORD');
  if (old !== undefined && (login.hash === undefined || !passwordMatches(old, login.hash)))
    throw cannot('alter', 'login', name);
  const policy: Partial<Policy> = login.type === 'S' ? policies(statement, execution, login) : {};
  const hash = passwordHash(statement, execution, policy.checkPolicy ?? login.checkPolicy);
  instance.principals.change(login.id, {
    ...defaults(statement, execution),
    ...policy,
    ...(statement.enable === undefined ? {} : { disabled: !statement.enable }),
    ...(renamed === undefined ? {} : { name: renamed }),
    ...(hash === undefined ? {} : { hash, mustChange: statement.password?.mustChange ?? false }),
    modified: instance.clock.now(),
  });
}

/** DROP LOGIN. */
export function dropLogin({ name }: { readonly name: string }, { instance }: Execution): void {
  const login = instance.principals.find(name);
  if (login === undefined || login.type === 'R' || login.fixed || login.id === 1)
    throw cannot('drop', 'login', name);
  for (const database of instance.databases.values())
    if (Buffer.compare(database.options.owner, login.sid) === 0)
      throw new SqlError(
        15174,
        `Login '${name}' owns one or more database(s). Change the owner of the database(s) before dropping the login.`,
      );
  for (const session of instance.sessions.values())
    if (session.login.toLowerCase() === name.toLowerCase())
      throw new SqlError(15434, `Could not drop login '${name}' as the user is currently logged in.`);
  instance.principals.drop(login.id);
}

/** DEFAULT_DATABASE and DEFAULT_LANGUAGE. */
function defaults(
  { options }: LoginStatement,
  execution: Execution,
): Partial<Pick<ServerPrincipal, 'defaultDatabase' | 'defaultLanguage'>> {
  const database = optionText(execution, options, 'DEFAULT_DATABASE');
  const language = optionText(execution, options, 'DEFAULT_LANGUAGE');
  const known = LANGUAGES.find(each =>
    [each.name, each.alias].some(name => name.toLowerCase() === language?.toLowerCase()),
  );
  if (database !== undefined && !execution.instance.databases.has(database.toLowerCase()))
    throw noDatabase(database);
  if (language !== undefined && known === undefined)
    throw new SqlError(15033, `'${language}' is not a valid official language name.`);
  return {
    ...(database === undefined
      ? {}
      : { defaultDatabase: execution.instance.databases.get(database.toLowerCase())?.name ?? database }),
    ...(known === undefined ? {} : { defaultLanguage: known.name }),
  };
}

interface Policy {
  readonly checkPolicy: boolean;
  readonly checkExpiration: boolean;
}

function policies({ options, password }: LoginStatement, execution: Execution, before: Policy): Policy {
  const checkPolicy = optionSwitch(execution, options, 'CHECK_POLICY') ?? before.checkPolicy;
  const asked = optionSwitch(execution, options, 'CHECK_EXPIRATION');
  const checkExpiration = asked ?? (before.checkExpiration && checkPolicy);
  if (checkExpiration && !checkPolicy)
    throw new SqlError(15122, 'The CHECK_EXPIRATION option cannot be used when CHECK_POLICY is OFF.');
  if (password?.mustChange && !checkExpiration)
    throw new SqlError(
      15128,
      'The CHECK_POLICY and CHECK_EXPIRATION options cannot be turned OFF when MUST_CHANGE is ON.',
    );
  return { checkPolicy, checkExpiration };
}

function passwordHash(
  { password, name }: LoginStatement,
  execution: Execution,
  checkPolicy: boolean,
): Uint8Array | undefined {
  if (password === undefined) return undefined;
  const { type, value } = computed(execution, password.value);
  if (password.hashed) {
    if (!(value instanceof Uint8Array) || !isPasswordHash(value))
      throw new SqlError(
        15021,
        'Invalid value given for parameter PASSWORD. Specify a valid parameter value.',
      );
    return value;
  }
  const clear = value === null ? '' : textOf(value, type);
  if (checkPolicy) requireStrong(name, clear);
  return hashPassword(clear, execution.instance.random.bytes(4));
}

/** What Windows asks of a password where its policy says no more. */
function requireStrong(login: string, password: string): void {
  if (password.length < 8)
    throw new SqlError(
      15116,
      'Password validation failed. The password does not meet the operating system policy requirements because it is too short.',
    );
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z0-9]/].filter(kind => kind.test(password)).length;
  if (kinds < 3 || (login.length >= 3 && password.toLowerCase().includes(login.toLowerCase())))
    throw new SqlError(
      15118,
      'Password validation failed. The password does not meet the operating system policy requirements because it is not complex enough.',
    );
}

/** A SID of a domain, a function of the name: the double has no domain to ask. */
function windowsSid(name: string): Uint8Array {
  const sid = new Uint8Array(28);
  sid.set([1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0]);
  let hash = 0x811c9dc5;
  const bytes = new DataView(sid.buffer);
  for (const [place, character] of [...name.toLowerCase()].entries()) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    bytes.setUint32(12 + (place % 4) * 4, hash >>> 0, true);
  }
  return sid;
}

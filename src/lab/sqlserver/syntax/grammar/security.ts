import type { AdministrativeStatement, Option } from '../administration.ts';
import type { Expression } from '../expressions.ts';
import type { Name as ObjectName } from '../names.ts';
import * as T from '../tokens.ts';
import { BackupGrammar } from './backups.ts';
import type { Rule } from './base.ts';

const { K } = T;

type Login = Extract<AdministrativeStatement, { statement: 'create-login' | 'alter-login' }>;
type Password = NonNullable<Login['password']>;
type LoginParts = Pick<Login, 'fromWindows' | 'options' | 'enable' | 'password'>;
type UserParts = Pick<
  Extract<AdministrativeStatement, { statement: 'create-user' | 'alter-user' }>,
  'login' | 'withoutLogin' | 'options'
>;
type On = NonNullable<Extract<AdministrativeStatement, { statement: 'grant' | 'deny' | 'revoke' }>['on']>;
type Administration = Rule<AdministrativeStatement, [number]>;

/** Logins, users, roles, permissions, owners. */
export abstract class SecurityGrammar extends BackupGrammar {
  protected readonly createLogin: Administration = this.rule('createLogin', (line: number) => {
    this.CONSUME(K.LOGIN);
    const name = this.SUBRULE(this.name);
    const parts = this.choose<LoginParts>([
      {
        ALT: () => {
          this.CONSUME(K.WITH);
          return this.SUBRULE(this.loginOptions);
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.FROM);
          if (!this.is(K.WINDOWS)) this.refuse('CREATE LOGIN … FROM a certificate or key');
          this.CONSUME(K.WINDOWS);
          const options = this.OPTION(() => {
            this.CONSUME1(K.WITH);
            return this.SUBRULE(this.options);
          });
          return { fromWindows: true, options: options ?? [] };
        },
      },
    ]);
    return { line, statement: 'create-login', name, ...parts };
  });

  protected readonly alterLogin: Administration = this.rule('alterLogin', (line: number) => {
    this.CONSUME(K.LOGIN);
    const name = this.SUBRULE(this.name);
    const parts = this.choose<LoginParts>([
      {
        ALT: () => {
          const word = this.choose1([
            { ALT: () => this.CONSUME(K.ENABLE) },
            { ALT: () => this.CONSUME(K.DISABLE) },
          ]);
          return { fromWindows: false, options: [], enable: word.tokenType === K.ENABLE };
        },
      },
      {
        ALT: () => {
          this.CONSUME(K.WITH);
          return this.SUBRULE(this.loginOptions);
        },
      },
      {
        ALT: () => {
          this.refuse('ALTER LOGIN … CREDENTIAL');
          this.choose2([{ ALT: () => this.CONSUME(K.ADD) }, { ALT: () => this.CONSUME(K.DROP) }]);
          return { fromWindows: false, options: [] };
        },
      },
    ]);
    return { line, statement: 'alter-login', name, ...parts };
  });

  private readonly loginOptions: Rule<LoginParts> = this.rule('loginOptions', () => {
    const options: Option[] = [];
    const passwords: Password[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        this.choose([
          {
            ALT: () => {
              passwords.push(this.SUBRULE(this.password));
              this.MANY(() => {
                options.push(this.SUBRULE(this.singleOption));
              });
            },
          },
          {
            IGNORE_AMBIGUITIES: true,
            ALT: () => {
              options.push(this.SUBRULE1(this.singleOption));
            },
          },
        ]);
      },
    });
    const password = passwords[0];
    return { fromWindows: false, options, ...(password === undefined ? {} : { password }) };
  });

  private readonly password: Rule<Password> = this.rule('password', () => {
    this.CONSUME(K.PASSWORD);
    this.CONSUME(T.Equals);
    const value: Expression = this.SUBRULE(this.literal);
    const hashed = this.OPTION(() => this.CONSUME(K.HASHED));
    const mustChange = this.OPTION1(() => this.CONSUME(K.MUST_CHANGE));
    return { value, hashed: hashed !== undefined, mustChange: mustChange !== undefined };
  });

  protected readonly createUser: Administration = this.rule('createUser', (line: number) => {
    this.CONSUME(K.USER);
    const name = this.SUBRULE(this.name);
    const login = this.OPTION(() => {
      this.choose([{ ALT: () => this.CONSUME(K.FOR) }, { ALT: () => this.CONSUME(K.FROM) }]);
      if (!this.is(K.LOGIN)) this.refuse('CREATE USER … FOR a certificate, a key or a provider');
      this.CONSUME(K.LOGIN);
      return this.SUBRULE1(this.name);
    });
    const withoutLogin = this.OPTION1(() => {
      this.CONSUME(K.WITHOUT);
      return this.CONSUME1(K.LOGIN);
    });
    const options = this.OPTION2(() => {
      this.CONSUME(K.WITH);
      return this.SUBRULE(this.options);
    });
    return {
      line,
      statement: 'create-user',
      name,
      ...(login === undefined ? {} : { login }),
      withoutLogin: withoutLogin !== undefined,
      options: options ?? [],
    };
  });

  protected readonly alterUser: Administration = this.rule('alterUser', (line: number) => {
    this.CONSUME(K.USER);
    const name = this.SUBRULE(this.name);
    this.CONSUME(K.WITH);
    const parts: UserParts = this.SUBRULE(this.userOptions);
    return { line, statement: 'alter-user', name, ...parts };
  });

  private readonly userOptions: Rule<UserParts> = this.rule('userOptions', () => {
    const options: Option[] = this.SUBRULE(this.options);
    if (this.RECORDING_PHASE) return { withoutLogin: false, options: [] };
    const login = options.find(option => option.name === 'LOGIN')?.value;
    return {
      ...(typeof login === 'string' ? { login } : {}),
      withoutLogin: false,
      options: options.filter(option => option.name !== 'LOGIN'),
    };
  });

  private readonly server: Rule<boolean> = this.rule(
    'server',
    () => this.OPTION(() => this.CONSUME(K.SERVER)) !== undefined,
  );

  protected readonly createRole: Administration = this.rule('createRole', (line: number) => {
    const server = this.SUBRULE(this.server);
    this.CONSUME(K.ROLE);
    const name = this.SUBRULE(this.name);
    if (this.is(K.AUTHORIZATION)) this.refuse('CREATE ROLE … AUTHORIZATION');
    return { line, statement: 'create-role', name, server, ifExists: false };
  });

  protected readonly dropPrincipal: Administration = this.rule('dropPrincipal', (line: number) => {
    const server = this.SUBRULE(this.server);
    const word = this.choose([
      { ALT: () => this.CONSUME(K.ROLE) },
      { ALT: () => this.CONSUME(K.USER) },
      { ALT: () => this.CONSUME(K.LOGIN) },
    ]);
    if (server && word.tokenType !== K.ROLE) this.stopAt(word);
    const ifExists = this.SUBRULE(this.ifExists);
    const statement =
      word.tokenType === K.ROLE ? 'drop-role' : word.tokenType === K.USER ? 'drop-user' : 'drop-login';
    return {
      line,
      statement,
      name: this.SUBRULE(this.name),
      server: server || word.tokenType === K.LOGIN,
      ifExists,
    };
  });

  protected readonly alterRole: Administration = this.rule('alterRole', (line: number) => {
    const server = this.SUBRULE(this.server);
    this.CONSUME(K.ROLE);
    const role = this.SUBRULE(this.name);
    if (this.is(K.WITH)) this.refuse('ALTER ROLE … WITH NAME');
    const word = this.choose([{ ALT: () => this.CONSUME(K.ADD) }, { ALT: () => this.CONSUME(K.DROP) }]);
    this.CONSUME(K.MEMBER);
    const action = word.tokenType === K.ADD ? 'add' : 'drop';
    return { line, statement: 'alter-role', role, server, action, member: this.SUBRULE1(this.name) };
  });

  protected readonly permission: Rule<AdministrativeStatement> = this.rule('permission', () => {
    const line = this.line();
    const permissions: string[] = [];
    const principals: string[] = [];
    const word = this.choose([
      { ALT: () => this.CONSUME(K.GRANT) },
      { ALT: () => this.CONSUME(K.DENY) },
      { ALT: () => this.CONSUME(K.REVOKE) },
    ]);
    if (this.is(K.OPTION, 2) && this.is(K.FOR, 3)) this.refuse('REVOKE GRANT OPTION FOR');
    this.AT_LEAST_ONE_SEP({
      SEP: T.Comma,
      DEF: () => {
        permissions.push(this.SUBRULE(this.permissionName));
      },
    });
    const on = this.OPTION(() => {
      this.CONSUME(K.ON);
      return this.SUBRULE(this.securable);
    });
    if (this.is(T.LeftParenthesis)) this.refuse('permissions on columns');
    this.choose1([{ ALT: () => this.CONSUME(K.TO) }, { ALT: () => this.CONSUME(K.FROM) }]);
    this.AT_LEAST_ONE_SEP1({
      SEP: T.Comma,
      DEF: () => {
        principals.push(this.SUBRULE(this.principal));
      },
    });
    const grantOption = this.OPTION1({
      GATE: () => this.is(K.GRANT, 2),
      DEF: () => {
        this.CONSUME(K.WITH);
        this.CONSUME1(K.GRANT);
        return this.CONSUME(K.OPTION);
      },
    });
    if (this.is(K.CASCADE)) this.refuse('CASCADE of permissions');
    if (this.is(K.AS)) this.refuse('AS of permissions');
    return {
      line,
      statement: word.tokenType === K.GRANT ? 'grant' : word.tokenType === K.DENY ? 'deny' : 'revoke',
      permissions,
      ...(on === undefined ? {} : { on }),
      principals,
      grantOption: grantOption !== undefined,
    };
  });

  /** The words of a permission go up to ON, TO, FROM or a comma. */
  private readonly permissionName: Rule<string> = this.rule('permissionName', () => {
    const words: string[] = [];
    this.AT_LEAST_ONE({
      GATE: () => !this.is(K.ON) && !this.is(K.TO) && !this.is(K.FROM),
      DEF: () => {
        const token = this.choose([
          { ALT: () => this.CONSUME(T.Name) },
          { ALT: () => this.CONSUME(T.ReservedWord) },
        ]);
        words.push(token.image.toUpperCase());
      },
    });
    if (this.is(T.LeftParenthesis)) this.refuse('permissions on columns');
    const name = words.join(' ');
    return name === 'EXEC' ? 'EXECUTE' : name === 'ALL PRIVILEGES' ? 'ALL' : name;
  });

  private readonly principal: Rule<string> = this.rule('principal', () =>
    this.choose<string>([
      { ALT: () => this.SUBRULE(this.name) },
      {
        ALT: () => {
          this.CONSUME(K.PUBLIC);
          return 'public';
        },
      },
    ]),
  );

  /** `[class::]name`; without a class it is an object. */
  private readonly securable: Rule<On> = this.rule('securable', () => {
    const words: string[] = [];
    this.OPTION({
      GATE: () => this.is(T.DoubleColon, 2) || this.is(T.DoubleColon, 3),
      DEF: () => {
        this.AT_LEAST_ONE(() => {
          const token = this.choose([
            { ALT: () => this.CONSUME(T.Name) },
            { ALT: () => this.CONSUME(T.ReservedWord) },
          ]);
          words.push(token.image.toUpperCase());
        });
        this.CONSUME(T.DoubleColon);
      },
    });
    const name: ObjectName = this.SUBRULE(this.path);
    return { class: words.length === 0 ? 'OBJECT' : words.join(' '), name };
  });

  protected readonly alterAuthorization: Administration = this.rule('alterAuthorization', (line: number) => {
    this.CONSUME(K.AUTHORIZATION);
    this.CONSUME(K.ON);
    const on = this.SUBRULE(this.securable);
    this.CONSUME(K.TO);
    if (this.is(K.SCHEMA) && this.is(K.OWNER, 2)) this.refuse('ALTER AUTHORIZATION … TO SCHEMA OWNER');
    const owner = this.SUBRULE(this.principal);
    return { line, statement: 'alter-authorization', class: on.class, name: on.name, owner };
  });
}

import type { Statement } from '../statements.ts';
import * as T from '../tokens.ts';
import type { GrammarOptions, Rule } from './base.ts';
import type { Mode } from './modules.ts';
import { SecurityGrammar } from './security.ts';

const { K } = T;

/** The whole grammar: what a statement begins with. */
export class Grammar extends SecurityGrammar {
  constructor(options: GrammarOptions = {}) {
    super(options);
    this.performSelfAnalysis();
  }

  readonly batch: Rule<Statement[]> = this.rule('batch', () =>
    this.SUBRULE(this.statements, { ARGS: [true] }),
  );

  protected readonly statement: Rule<Statement, [boolean]> = this.rule('statement', (first: boolean) =>
    this.choose<Statement>([
      { ALT: () => this.SUBRULE(this.withStatement) },
      { GATE: () => this.is(K.STATISTICS, 2), ALT: () => this.SUBRULE(this.updateStatistics) },
      { ALT: () => this.SUBRULE(this.dataStatement, { ARGS: [[]] }) },
      { ALT: () => this.SUBRULE(this.truncate) },
      { GATE: () => this.is(T.Variable, 2), ALT: () => this.SUBRULE(this.setVariable) },
      { ALT: () => this.SUBRULE(this.setOption) },
      { GATE: () => this.is(T.Variable, 2), ALT: () => this.SUBRULE(this.declare) },
      { ALT: () => this.SUBRULE(this.declareCursor) },
      { GATE: () => this.transactionAhead(), ALT: () => this.SUBRULE(this.transaction) },
      { GATE: () => this.is(K.TRY, 2), ALT: () => this.SUBRULE(this.tryCatch) },
      { ALT: () => this.SUBRULE(this.block) },
      { ALT: () => this.SUBRULE(this.ifStatement) },
      { ALT: () => this.SUBRULE(this.whileStatement) },
      { ALT: () => this.SUBRULE(this.jump) },
      { ALT: () => this.SUBRULE(this.print) },
      { ALT: () => this.SUBRULE(this.raiseError) },
      { ALT: () => this.SUBRULE(this.waitFor) },
      { ALT: () => this.SUBRULE(this.execute) },
      { ALT: () => this.SUBRULE(this.use) },
      { ALT: () => this.SUBRULE(this.cursor) },
      { ALT: () => this.SUBRULE(this.create, { ARGS: [first] }) },
      { ALT: () => this.SUBRULE(this.alter, { ARGS: [first] }) },
      { ALT: () => this.SUBRULE(this.drop) },
      { ALT: () => this.SUBRULE(this.backup) },
      { ALT: () => this.SUBRULE(this.restore) },
      { ALT: () => this.SUBRULE(this.dbcc) },
      { ALT: () => this.SUBRULE(this.permission) },
      { ALT: () => this.SUBRULE(this.serverStatement) },
      { ALT: () => this.SUBRULE(this.unknownStatement) },
      { GATE: () => this.is(T.Colon, 2), ALT: () => this.SUBRULE(this.labelStatement) },
      { GATE: () => this.is(K.TRIGGER, 2), ALT: () => this.SUBRULE(this.toggleTrigger) },
      { GATE: () => !this.is(T.Dot, 2), ALT: () => this.SUBRULE(this.throwStatement) },
      { GATE: () => first, ALT: () => this.SUBRULE(this.executeProcedure, { ARGS: [this.line()] }) },
    ]),
  );

  private transactionAhead(): boolean {
    return !this.is(K.BEGIN) || this.is(K.TRAN, 2) || this.is(K.TRANSACTION, 2);
  }

  /** Statements that T-SQL has and the tree has not. */
  private readonly unknownStatement: Rule<Statement> = this.rule('unknownStatement', () => {
    const line = this.line();
    const token = this.choose([
      { ALT: () => this.CONSUME(K.BULK) },
      { ALT: () => this.CONSUME(K.REVERT) },
      { ALT: () => this.CONSUME(K.SETUSER) },
      { ALT: () => this.CONSUME(K.READTEXT) },
      { ALT: () => this.CONSUME(K.WRITETEXT) },
      { ALT: () => this.CONSUME(K.UPDATETEXT) },
      { ALT: () => this.CONSUME(K.ADD) },
      { ALT: () => this.CONSUME(K.LOAD) },
      { ALT: () => this.CONSUME(K.DUMP) },
      { ALT: () => this.CONSUME(K.LINENO) },
    ]);
    this.refuse(token.image.toUpperCase());
    return { line, statement: 'break' };
  });

  private readonly create: Rule<Statement, [boolean]> = this.rule('create', (first: boolean) => {
    const line = this.line();
    this.CONSUME(K.CREATE);
    return this.choose<Statement>([
      { ALT: () => this.SUBRULE(this.createTable, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.createIndex, { ARGS: [line] }) },
      {
        ALT: () => {
          const mode = this.OPTION((): Mode => {
            this.CONSUME(K.OR);
            this.CONSUME(K.ALTER);
            return 'create-or-alter';
          });
          return this.SUBRULE(this.createModule, { ARGS: [line, mode ?? 'create', first] });
        },
      },
      { ALT: () => this.SUBRULE(this.createSchema, { ARGS: [line, first] }) },
      { ALT: () => this.SUBRULE(this.createSequence, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.createType, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.createSynonym, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.createDatabase, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.createLogin, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.createUser, { ARGS: [line] }) },
      {
        GATE: () => !this.is(K.SERVER) || this.is(K.ROLE, 2),
        ALT: () => this.SUBRULE(this.createRole, { ARGS: [line] }),
      },
      { IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.unknownObject, { ARGS: ['CREATE'] }) },
    ]);
  });

  private readonly alter: Rule<Statement, [boolean]> = this.rule('alter', (first: boolean) => {
    const line = this.line();
    this.CONSUME(K.ALTER);
    return this.choose<Statement>([
      { ALT: () => this.SUBRULE(this.alterTable, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.alterIndex, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.createModule, { ARGS: [line, 'alter', first] }) },
      { ALT: () => this.SUBRULE(this.alterSequence, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.alterDatabase, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.alterLogin, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.alterUser, { ARGS: [line] }) },
      {
        GATE: () => !this.is(K.SERVER) || this.is(K.ROLE, 2),
        ALT: () => this.SUBRULE(this.alterRole, { ARGS: [line] }),
      },
      { ALT: () => this.SUBRULE(this.alterAuthorization, { ARGS: [line] }) },
      { IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.unknownObject, { ARGS: ['ALTER'] }) },
    ]);
  });

  private readonly drop: Rule<Statement> = this.rule('drop', () => {
    const line = this.line();
    this.CONSUME(K.DROP);
    return this.choose<Statement>([
      { ALT: () => this.SUBRULE(this.dropObject, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.dropIndex, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.dropDatabase, { ARGS: [line] }) },
      {
        GATE: () => !this.is(K.SERVER) || this.is(K.ROLE, 2),
        ALT: () => this.SUBRULE(this.dropPrincipal, { ARGS: [line] }),
      },
      { IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.unknownObject, { ARGS: ['DROP'] }) },
    ]);
  });

  /** `CREATE ASSEMBLY` and its like, told by its words. */
  private readonly unknownObject: Rule<Statement, [string]> = this.rule('unknownObject', (verb: string) => {
    const line = this.line();
    const kind = this.choose([
      { ALT: () => this.CONSUME(T.Name) },
      { ALT: () => this.CONSUME(K.STATISTICS) },
      { ALT: () => this.CONSUME(K.DEFAULT) },
      { ALT: () => this.CONSUME(K.RULE) },
      { ALT: () => this.CONSUME(K.EXTERNAL) },
      { ALT: () => this.CONSUME(K.PRIMARY) },
      { ALT: () => this.CONSUME(K.FULL) },
    ]);
    this.refuse(`${verb} ${kind.image.toUpperCase()}`);
    return { line, statement: 'break' };
  });
}

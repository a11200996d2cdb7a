import type { DefinitionStatement } from '../definitions.ts';
import type { Statement } from '../statements.ts';
import * as T from '../tokens.ts';
import type { GrammarOptions, Rule } from './base.ts';
import { TableDefinitionGrammar } from './definitions.ts';

const { K } = T;

/** The whole grammar: what a statement begins with. */
export class Grammar extends TableDefinitionGrammar {
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
      { ALT: () => this.SUBRULE(this.dataStatement, { ARGS: [[]] }) },
      { ALT: () => this.SUBRULE(this.truncate) },
      { GATE: () => this.is(T.Variable, 2), ALT: () => this.SUBRULE(this.setVariable) },
      { ALT: () => this.SUBRULE(this.setOption) },
      { GATE: () => this.is(T.Variable, 2), ALT: () => this.SUBRULE(this.declare) },
      { ALT: () => this.SUBRULE(this.declareCursor) },
      {
        GATE: () => this.is(K.TRAN, 2) || this.is(K.TRANSACTION, 2) || !this.is(K.BEGIN),
        ALT: () => this.SUBRULE(this.transaction),
      },
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
      { GATE: () => this.is(T.Colon, 2), ALT: () => this.SUBRULE(this.labelStatement) },
      { GATE: () => !this.is(T.Dot, 2), ALT: () => this.SUBRULE(this.throwStatement) },
      { GATE: () => first, ALT: () => this.SUBRULE(this.executeProcedure, { ARGS: [this.line()] }) },
    ]),
  );

  private readonly create: Rule<Statement, [boolean]> = this.rule('create', (_first: boolean) => {
    const line = this.line();
    this.CONSUME(K.CREATE);
    return this.choose<DefinitionStatement>([
      { ALT: () => this.SUBRULE(this.createTable, { ARGS: [line] }) },
      { ALT: () => this.SUBRULE(this.createIndex, { ARGS: [line] }) },
    ]);
  });
}

import type { ConnectionPool, IResult, Transaction } from 'mssql';
import mssql from 'mssql';
import type { Dice } from '../rows/dice.ts';
import { CITIES, FIRST_NAMES, LAST_NAMES, NOTES, STATES, STATUSES } from '../rows/words.ts';

/** One thing that the application does, as it would: parameters, procedures, transactions of several statements. */
export interface Action {
  readonly name: string;
  /** How often, against the others. */
  readonly weight: number;
  readonly run: (pool: ConnectionPool, dice: Dice) => Promise<void>;
}

async function inTransaction(
  pool: ConnectionPool,
  work: (transaction: Transaction) => Promise<boolean>,
): Promise<void> {
  const transaction = pool.transaction();
  await transaction.begin();
  let commit = false;
  try {
    commit = await work(transaction);
  } finally {
    if (commit) await transaction.commit();
    else await transaction.rollback().catch(ignoreEnded);
  }
}

/** A transaction that the server has rolled back by itself (deadlock) cannot be rolled back again. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof mssql.TransactionError)) throw error;
}

const firstNumber = (result: IResult<Record<string, unknown>>, column: string): string =>
  String(result.recordset[0]?.[column] ?? '0');

/** A key between 1 and the highest there is, as text: bigint. */
async function someKey(pool: ConnectionPool, table: string, column: string, dice: Dice): Promise<string> {
  const highest = await pool
    .request()
    .query<Record<string, unknown>>(`SELECT MAX(${column}) AS highest FROM ${table}`);
  const count = Number(firstNumber(highest, 'highest'));
  return `${dice.between(1, Math.max(1, count))}`;
}

const newCustomer: Action = {
  name: 'new customer',
  weight: 10,
  run: (pool, dice) =>
    inTransaction(pool, async transaction => {
      const made = await transaction
        .request()
        .input('first', mssql.NVarChar(60), dice.pick(FIRST_NAMES))
        .input('last', mssql.NVarChar(80), dice.pick(LAST_NAMES))
        .input('tax', mssql.VarBinary(128), Buffer.from(dice.bytes(48)))
        .query<Record<string, unknown>>(
          `DECLARE @made TABLE (CustomerId bigint);
INSERT party.Customer (FirstName, LastName, TaxIdEncrypted) OUTPUT inserted.CustomerId INTO @made VALUES (@first, @last, @tax);
SELECT CustomerId FROM @made`,
        );
      const customer = firstNumber(made, 'CustomerId');
      await transaction
        .request()
        .input('customer', mssql.BigInt, customer)
        .input('city', mssql.NVarChar(60), dice.pick(CITIES))
        .input('state', mssql.Char(2), dice.pick(STATES))
        .query(
          `INSERT party.CustomerAddress (CustomerId, Line1, City, StateCode, PostalCode) VALUES (@customer, N'1 New St', @city, @state, '33101');
INSERT party.CustomerPhone (CustomerId, Kind, Number) VALUES (@customer, 'H', '+1 305 555 0100')`,
        );
      return true;
    }),
};

const newApplication: Action = {
  name: 'new application',
  weight: 15,
  run: async (pool, dice) => {
    const customer = await someKey(pool, 'party.Customer', 'CustomerId', dice);
    await inTransaction(pool, async transaction => {
      await transaction
        .request()
        .input('customer', mssql.BigInt, customer)
        .input('amount', mssql.VarChar(30), dice.decimal(25_000, 900_000, 4))
        .query(
          `DECLARE @application bigint;
INSERT los.Application (CustomerId, ProductTypeId, LoanPurposeId, Amount) VALUES (@customer, 1, 1, CONVERT(decimal(19,4), @amount));
SET @application = SCOPE_IDENTITY();
INSERT los.ApplicationParty (ApplicationId, CustomerId, Part) VALUES (@application, @customer, 'borrower');
INSERT los.IncomeItem (ApplicationId, Kind, Monthly) VALUES (@application, 'salary', 5400.25)`,
        );
      // Now and then somebody closes the form.
      return !dice.onceIn(10);
    });
  },
};

const submit: Action = {
  name: 'submit',
  weight: 8,
  run: async (pool, dice) => {
    const draft = await pool
      .request()
      .query<Record<string, unknown>>(
        "SELECT TOP (1) ApplicationId FROM los.Application WHERE Status = 'draft' ORDER BY ApplicationId DESC",
      );
    if (draft.recordset.length === 0) return;
    await pool
      .request()
      .input('application', mssql.BigInt, firstNumber(draft, 'ApplicationId'))
      .input('officer', mssql.Int, dice.between(1, 90))
      .output('status', mssql.VarChar(16))
      .execute('los.usp_SubmitApplication');
  },
};

const advance: Action = {
  name: 'advance',
  weight: 15,
  run: async (pool, dice) => {
    await pool
      .request()
      .input('application', mssql.BigInt, await someKey(pool, 'los.Application', 'ApplicationId', dice))
      .input('status', mssql.VarChar(16), dice.pick(STATUSES))
      .input(
        'comment',
        mssql.NVarChar(mssql.MAX),
        dice.onceIn(3) ? dice.pick(NOTES).repeat(dice.between(1, 50)) : null,
      )
      .query(
        'UPDATE los.Application SET Status = @status, Comment = COALESCE(@comment, Comment) WHERE ApplicationId = @application',
      );
  },
};

const pay: Action = {
  name: 'pay',
  weight: 20,
  run: async (pool, dice) => {
    await pool
      .request()
      .input('loan', mssql.BigInt, await someKey(pool, 'fin.Loan', 'LoanId', dice))
      .input('principal', mssql.Decimal(19, 4), dice.between(50, 900) + 0.25)
      .input('interest', mssql.Decimal(19, 4), dice.between(1, 300) + 0.75)
      .output('payment', mssql.BigInt)
      .execute('fin.usp_PostPayment');
  },
};

const editCustomer: Action = {
  name: 'edit customer',
  weight: 10,
  run: async (pool, dice) => {
    await pool
      .request()
      .input('customer', mssql.BigInt, await someKey(pool, 'party.Customer', 'CustomerId', dice))
      .input('email', mssql.NVarChar(254), `changed${dice.between(1, 99_999)}@example.test`)
      .query('UPDATE party.Customer SET Email = @email WHERE CustomerId = @customer');
  },
};

const moveKey: Action = {
  name: 'move key',
  weight: 4,
  run: async (pool, dice) => {
    await pool
      .request()
      .input('customer', mssql.BigInt, await someKey(pool, 'party.Customer', 'CustomerId', dice))
      .query(
        `UPDATE p SET Kind = 'W' FROM party.CustomerPhone AS p WHERE p.CustomerId = @customer AND p.Kind = 'H'
  AND NOT EXISTS (SELECT 1 FROM party.CustomerPhone AS w WHERE w.CustomerId = @customer AND w.Kind = 'W')`,
      );
  },
};

const upload: Action = {
  name: 'upload',
  weight: 5,
  run: async (pool, dice) => {
    await pool
      .request()
      .input('document', mssql.UniqueIdentifier, dice.guid())
      .input('application', mssql.BigInt, await someKey(pool, 'los.Application', 'ApplicationId', dice))
      .input('content', mssql.VarBinary(mssql.MAX), Buffer.from(dice.bytes(dice.onceIn(10) ? 70_000 : 400)))
      .query(
        `INSERT doc.Document (DocumentId, ApplicationId, DocumentTypeId, FileName, Bytes, UploadedAt)
VALUES (@document, @application, 10, N'new.pdf', DATALENGTH(@content), SYSUTCDATETIME());
INSERT doc.DocumentContent (DocumentId, Content) VALUES (@document, @content)`,
      );
  },
};

const discard: Action = {
  name: 'discard',
  weight: 3,
  run: async pool => {
    await pool
      .request()
      .query(
        'DELETE doc.Document WHERE DocumentId = (SELECT TOP (1) DocumentId FROM doc.Document ORDER BY UploadedAt)',
      );
  },
};

const message: Action = {
  name: 'message',
  weight: 6,
  run: async (pool, dice) => {
    await pool
      .request()
      .input('payload', mssql.NVarChar(mssql.MAX), dice.pick(NOTES))
      .query(
        "INSERT ops.IntegrationMessage (Direction, Payload, ReceivedAt) VALUES ('i', @payload, SYSUTCDATETIME())",
      );
  },
};

/** A clerk who leaves a form open: a transaction that lasts. */
const ponder: Action = {
  name: 'ponder',
  weight: 2,
  run: (pool, dice) =>
    inTransaction(pool, async transaction => {
      await transaction
        .request()
        .input('loan', mssql.BigInt, `${dice.between(1, 5)}`)
        .query(
          "UPDATE fin.Loan SET Rate = Rate + 0.000010 WHERE LoanId = @loan; WAITFOR DELAY '00:00:00.400'",
        );
      return !dice.onceIn(3);
    }),
};

export const ACTIONS: readonly Action[] = [
  ...[newCustomer, newApplication, submit, advance, pay, editCustomer],
  ...[moveKey, upload, discard, message, ponder],
];

const SLICE = 50_000;

/** As who masks a large table does it: by ranges of its key, each a transaction of its own. */
function inSlices(table: string, key: string, change: string): string {
  return `DECLARE @from bigint, @last bigint;
SELECT @from = MIN(${key}), @last = MAX(${key}) FROM ${table};
WHILE @from <= @last
BEGIN
${change} AND ${key} BETWEEN @from AND @from + ${SLICE - 1};
SET @from = @from + ${SLICE};
END`;
}

/**
 * What time and developers have done to a clone of production: T-SQL batches to be run, in this order, on a database that was
 * filled with the rows of an earlier day. Each kind of drift that a reconciliation meets is there once, with its reason beside it.
 */
export const CLONE_DRIFT: readonly string[] = [
  // Masked, as the rules ask of every clone: other values in rows that production has too.
  inSlices(
    'party.Customer',
    'CustomerId',
    `UPDATE party.Customer
SET Email = N'masked' + CONVERT(nvarchar(20), CustomerId) + N'@dev.test', TaxIdEncrypted = NULL, BirthDate = '1900-01-01'
WHERE CustomerId % 3 <> 0`,
  ),
  inSlices(
    'party.CustomerPhone',
    'CustomerId',
    "UPDATE party.CustomerPhone SET Number = '+1 305 555 0000' WHERE Kind = 'M'",
  ),
  // Missing rows: whatever was written since.
  'DELETE fin.LedgerEntry WHERE LedgerEntryId > (SELECT MAX(LedgerEntryId) * 97 / 100 FROM fin.LedgerEntry)',
  'DELETE fin.Payment WHERE PaymentId > (SELECT MAX(PaymentId) * 98 / 100 FROM fin.Payment)',
  inSlices(
    'los.ApplicationStatusHistory',
    'StatusHistoryId',
    'DELETE los.ApplicationStatusHistory WHERE StatusHistoryId % 41 = 0',
  ),
  "DELETE doc.DocumentTag WHERE Tag = N'Urgent' COLLATE Latin1_General_CS_AS",
  // Extra rows, some with keys that production will hand out too.
  `INSERT ref.Holiday (HolidayDate, Name) VALUES ('2027-04-01', N'Test day')`,
  `INSERT los.ConditionNote (ConditionId, NoteNumber, Note)
SELECT TOP (5) ConditionId, 900, N'developer was here' FROM los.Condition ORDER BY ConditionId DESC`,
  `DECLARE @next bigint = (SELECT MAX(CustomerId) + 1 FROM party.Customer);
SET IDENTITY_INSERT party.Customer ON;
INSERT party.Customer (CustomerId, FirstName, LastName) VALUES (@next, N'Test', N'Customer'), (@next + 1, N'Test', N'Kunde');
SET IDENTITY_INSERT party.Customer OFF;`,
  // Small differences that only an exact comparison sees.
  inSlices(
    'los.Condition',
    'ConditionId',
    "UPDATE los.Condition SET Title = Title + N' ' WHERE ConditionId % 17 = 0",
  ),
  inSlices('fin.Loan', 'LoanId', 'UPDATE fin.Loan SET Rate = Rate + 0.000001 WHERE LoanId % 19 = 0'),
  'UPDATE los.CreditReport SET Scan = NULL WHERE CreditReportId % 23 = 0 AND Scan = 0x',
  'UPDATE los.RateLock SET LockedBy = NULL WHERE ApplicationId % 11 = 0',
  // Drift of the schema: what is missing, what is too narrow, what is more, what has another name.
  'ALTER TABLE los.Property DROP CONSTRAINT DF_Property_FloodZone',
  'ALTER TABLE los.Property DROP COLUMN FloodZone',
  'ALTER TABLE party.CustomerAddress ALTER COLUMN Line1 nvarchar(200) NOT NULL',
  'ALTER TABLE los.AssetItem ALTER COLUMN Holder nvarchar(20) NULL',
  'ALTER TABLE org.Employee ADD DevNote nvarchar(200) NULL',
  'ALTER TABLE ref.Fee DROP CONSTRAINT CK_Fee_One',
  'DROP INDEX IX_CustomerAddress_Customer ON party.CustomerAddress',
  'CREATE UNIQUE INDEX UX_Condition_Dev ON los.Condition (ApplicationId, ConditionId)',
  'ALTER TABLE ref.DocumentType DROP CONSTRAINT DF_DocumentType_Retention',
  'ALTER TABLE ref.DocumentType ADD DEFAULT (5) FOR RetentionYears',
  'ALTER TABLE fin.EscrowItem NOCHECK CONSTRAINT FK_EscrowItem_Loan',
  'DISABLE TRIGGER party.tr_Customer_Audit ON party.Customer',
  'DROP TABLE ops.NumberRange',
  'CREATE TABLE dbo.Scratch (Id int IDENTITY(1,1) PRIMARY KEY, Note nvarchar(max) NULL)',
  `ALTER VIEW los.vw_Pipeline AS
SELECT a.ApplicationId, a.ApplicationNumber, a.Status, a.Amount FROM los.Application AS a`,
];

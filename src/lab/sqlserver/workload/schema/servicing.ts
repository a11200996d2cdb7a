/** Documents, loans and their money, and what the application keeps for its own operation. */
export const SERVICING_SCHEMA: readonly string[] = [
  'CREATE SCHEMA doc',
  'CREATE SCHEMA fin',
  'CREATE SCHEMA ops',
  `CREATE TABLE doc.Document (
  DocumentId uniqueidentifier NOT NULL CONSTRAINT PK_Document PRIMARY KEY,
  ApplicationId bigint NOT NULL CONSTRAINT FK_Document_Application REFERENCES los.Application (ApplicationId),
  DocumentTypeId int NOT NULL CONSTRAINT FK_Document_Type REFERENCES ref.DocumentType (DocumentTypeId),
  FileName nvarchar(260) NOT NULL,
  Bytes bigint NOT NULL,
  Sha256 binary(32) NULL,
  UploadedAt datetime2(3) NOT NULL
)`,
  `CREATE TABLE doc.DocumentContent (
  DocumentId uniqueidentifier NOT NULL CONSTRAINT PK_DocumentContent PRIMARY KEY
    CONSTRAINT FK_DocumentContent_Document REFERENCES doc.Document (DocumentId) ON DELETE CASCADE,
  Content varbinary(max) NOT NULL,
  Preview image NULL,
  FullText text NULL
)`,
  `CREATE TABLE doc.DocumentTag (
  Tag nvarchar(60) COLLATE Latin1_General_CS_AS NOT NULL,
  DocumentId uniqueidentifier NOT NULL CONSTRAINT FK_DocumentTag_Document REFERENCES doc.Document (DocumentId) ON DELETE CASCADE,
  CONSTRAINT PK_DocumentTag PRIMARY KEY (Tag, DocumentId)
)`,
  'CREATE SEQUENCE fin.LoanNumber AS bigint START WITH 700000001 INCREMENT BY 1 CACHE 50',
  `CREATE TABLE fin.Loan (
  LoanId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_Loan PRIMARY KEY,
  LoanNumber bigint NOT NULL CONSTRAINT DF_Loan_Number DEFAULT (NEXT VALUE FOR fin.LoanNumber),
  ApplicationId bigint NOT NULL CONSTRAINT FK_Loan_Application REFERENCES los.Application (ApplicationId),
  Principal decimal(19,4) NOT NULL,
  Rate decimal(9,6) NOT NULL,
  FundedOn date NOT NULL,
  CurrentScheduleId bigint NULL,
  Closed bit NOT NULL CONSTRAINT DF_Loan_Closed DEFAULT (0),
  CONSTRAINT UQ_Loan_Number UNIQUE (LoanNumber)
)`,
  `CREATE TABLE fin.LoanSchedule (
  ScheduleId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_LoanSchedule PRIMARY KEY,
  LoanId bigint NOT NULL CONSTRAINT FK_LoanSchedule_Loan REFERENCES fin.Loan (LoanId),
  Installments smallint NOT NULL,
  FirstDue date NOT NULL,
  Installment money NOT NULL
)`,
  // A loan names its schedule, and the schedule its loan.
  `ALTER TABLE fin.Loan WITH CHECK ADD CONSTRAINT FK_Loan_CurrentSchedule
  FOREIGN KEY (CurrentScheduleId) REFERENCES fin.LoanSchedule (ScheduleId)`,
  `CREATE TABLE fin.Payment (
  PaymentId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_Payment PRIMARY KEY,
  LoanId bigint NOT NULL CONSTRAINT FK_Payment_Loan REFERENCES fin.Loan (LoanId),
  PaidAt datetime NOT NULL,
  Principal decimal(19,4) NOT NULL,
  Interest decimal(19,4) NOT NULL,
  Total AS (Principal + Interest) PERSISTED,
  Method varchar(12) NOT NULL
)`,
  'CREATE INDEX IX_Payment_Loan ON fin.Payment (LoanId, PaidAt)',
  `CREATE TABLE fin.LedgerEntry (
  LedgerEntryId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_LedgerEntry PRIMARY KEY,
  LoanId bigint NOT NULL,
  Account varchar(20) NOT NULL,
  Amount decimal(38,10) NOT NULL,
  Currency char(3) NOT NULL CONSTRAINT DF_Ledger_Currency DEFAULT ('USD'),
  PostedAt datetime2(7) NOT NULL,
  Text nvarchar(200) NULL
)`,
  `CREATE TABLE fin.EscrowItem (
  LoanId bigint NOT NULL CONSTRAINT FK_EscrowItem_Loan REFERENCES fin.Loan (LoanId),
  Kind varchar(16) NOT NULL,
  Monthly smallmoney NOT NULL,
  CONSTRAINT PK_EscrowItem PRIMARY KEY (LoanId, Kind)
)`,
  // No key: whatever the triggers write.
  `CREATE TABLE ops.AuditEntry (
  At datetime2(7) NOT NULL CONSTRAINT DF_Audit_At DEFAULT (SYSUTCDATETIME()),
  Who nvarchar(128) NOT NULL,
  TableName nvarchar(128) NOT NULL,
  KeyText nvarchar(200) NULL,
  Action char(1) NOT NULL
)`,
  // A unique index that is no key, and a payload of any length.
  `CREATE TABLE ops.IntegrationMessage (
  MessageNumber bigint IDENTITY(1,1) NOT NULL,
  ExternalId nvarchar(64) NULL,
  Direction char(1) NOT NULL,
  Payload nvarchar(max) NULL,
  ReceivedAt datetime2(7) NOT NULL
)`,
  'CREATE UNIQUE INDEX UX_IntegrationMessage_External ON ops.IntegrationMessage (ExternalId) WHERE ExternalId IS NOT NULL',
  `CREATE TABLE ops.Setting (
  Name nvarchar(100) NOT NULL CONSTRAINT PK_Setting PRIMARY KEY,
  Value sql_variant NULL,
  ChangedAt smalldatetime NOT NULL
)`,
  `CREATE TABLE ops.NumberRange (
  RangeName varchar(30) NOT NULL CONSTRAINT PK_NumberRange PRIMARY KEY,
  NextNumber bigint NOT NULL
)`,
];

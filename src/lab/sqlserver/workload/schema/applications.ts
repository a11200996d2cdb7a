/** The applications for a loan, from the first form to the decision. */
export const APPLICATION_SCHEMA: readonly string[] = [
  'CREATE SCHEMA los',
  `CREATE TABLE los.Application (
  ApplicationId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_Application PRIMARY KEY,
  ApplicationNumber AS ('LA-' + RIGHT('000000000' + CONVERT(varchar(12), ApplicationId), 9)),
  CustomerId bigint NOT NULL CONSTRAINT FK_Application_Customer REFERENCES party.Customer (CustomerId),
  ProductTypeId smallint NOT NULL CONSTRAINT FK_Application_ProductType REFERENCES ref.ProductType (ProductTypeId),
  LoanPurposeId tinyint NOT NULL CONSTRAINT FK_Application_LoanPurpose REFERENCES ref.LoanPurpose (LoanPurposeId),
  OfficerId int NULL CONSTRAINT FK_Application_Officer REFERENCES org.Employee (EmployeeId),
  Amount decimal(19,4) NOT NULL CONSTRAINT CK_Application_Amount CHECK (Amount > 0),
  Status varchar(16) NOT NULL CONSTRAINT DF_Application_Status DEFAULT ('draft'),
  SubmittedAt datetime NULL,
  Comment nvarchar(max) NULL,
  RowVer rowversion NOT NULL
)`,
  'CREATE INDEX IX_Application_Customer ON los.Application (CustomerId)',
  "CREATE INDEX IX_Application_Open ON los.Application (Status, SubmittedAt) WHERE Status <> 'closed'",
  `CREATE TABLE los.ApplicationParty (
  ApplicationId bigint NOT NULL CONSTRAINT FK_ApplicationParty_Application REFERENCES los.Application (ApplicationId) ON DELETE CASCADE,
  CustomerId bigint NOT NULL CONSTRAINT FK_ApplicationParty_Customer REFERENCES party.Customer (CustomerId),
  Part varchar(12) NOT NULL,
  Share decimal(5,4) NULL,
  CONSTRAINT PK_ApplicationParty PRIMARY KEY (ApplicationId, CustomerId)
)`,
  `CREATE TABLE los.ApplicationStatusHistory (
  StatusHistoryId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_ApplicationStatusHistory PRIMARY KEY,
  ApplicationId bigint NOT NULL,
  OldStatus varchar(16) NULL,
  NewStatus varchar(16) NOT NULL,
  ChangedAt datetime2(7) NOT NULL CONSTRAINT DF_StatusHistory_ChangedAt DEFAULT (SYSUTCDATETIME()),
  ChangedBy nvarchar(128) NOT NULL CONSTRAINT DF_StatusHistory_ChangedBy DEFAULT (SUSER_SNAME())
)`,
  `CREATE TABLE los.Property (
  PropertyId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_Property PRIMARY KEY,
  ApplicationId bigint NOT NULL CONSTRAINT FK_Property_Application REFERENCES los.Application (ApplicationId),
  Line1 nvarchar(120) NOT NULL,
  StateCode char(2) NOT NULL CONSTRAINT FK_Property_State REFERENCES ref.State (StateCode),
  YearBuilt smallint NULL,
  LivingArea real NULL,
  Latitude float NULL,
  Longitude float NULL,
  FloodZone bit NOT NULL CONSTRAINT DF_Property_FloodZone DEFAULT (0)
)`,
  `CREATE TABLE los.LoanQuote (
  QuoteId uniqueidentifier NOT NULL CONSTRAINT PK_LoanQuote PRIMARY KEY,
  ApplicationId bigint NOT NULL CONSTRAINT FK_LoanQuote_Application REFERENCES los.Application (ApplicationId),
  Rate decimal(9,6) NOT NULL,
  MonthlyPayment money NOT NULL,
  QuotedAt datetimeoffset(3) NOT NULL
)`,
  `CREATE TABLE los.RateLock (
  ApplicationId bigint NOT NULL CONSTRAINT PK_RateLock PRIMARY KEY
    CONSTRAINT FK_RateLock_Application REFERENCES los.Application (ApplicationId),
  Rate decimal(9,6) NOT NULL,
  LockedUntil date NOT NULL,
  LockedBy int NULL CONSTRAINT FK_RateLock_Employee REFERENCES org.Employee (EmployeeId)
)`,
  `CREATE TABLE los.Condition (
  ConditionId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_Condition PRIMARY KEY,
  ApplicationId bigint NOT NULL CONSTRAINT FK_Condition_Application REFERENCES los.Application (ApplicationId),
  Title nvarchar(200) NOT NULL,
  DueOn date NULL,
  ClearedAt datetime2(3) NULL
)`,
  `CREATE TABLE los.ConditionNote (
  ConditionId bigint NOT NULL CONSTRAINT FK_ConditionNote_Condition REFERENCES los.Condition (ConditionId) ON DELETE CASCADE,
  NoteNumber smallint NOT NULL,
  Note nvarchar(max) NOT NULL,
  CONSTRAINT PK_ConditionNote PRIMARY KEY (ConditionId, NoteNumber)
)`,
  `CREATE TABLE los.CreditReport (
  CreditReportId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_CreditReport PRIMARY KEY,
  CustomerId bigint NOT NULL CONSTRAINT FK_CreditReport_Customer REFERENCES party.Customer (CustomerId),
  PulledAt datetime2(7) NOT NULL,
  Bureau char(3) NOT NULL,
  Answer xml NULL,
  Scan varbinary(max) NULL
)`,
  `CREATE TABLE los.CreditLiability (
  CreditReportId bigint NOT NULL CONSTRAINT FK_CreditLiability_Report REFERENCES los.CreditReport (CreditReportId) ON DELETE CASCADE,
  LineNumber smallint NOT NULL,
  Creditor nvarchar(80) NOT NULL,
  Balance decimal(19,4) NOT NULL,
  Monthly smallmoney NULL,
  CONSTRAINT PK_CreditLiability PRIMARY KEY (CreditReportId, LineNumber)
)`,
  `CREATE TABLE los.IncomeItem (
  IncomeItemId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_IncomeItem PRIMARY KEY,
  ApplicationId bigint NOT NULL CONSTRAINT FK_IncomeItem_Application REFERENCES los.Application (ApplicationId),
  Kind varchar(20) NOT NULL,
  Monthly money NOT NULL
)`,
  `CREATE TABLE los.AssetItem (
  AssetItemId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_AssetItem PRIMARY KEY,
  ApplicationId bigint NOT NULL CONSTRAINT FK_AssetItem_Application REFERENCES los.Application (ApplicationId),
  Kind varchar(20) NOT NULL,
  Holder nvarchar(80) NULL,
  Value money NOT NULL
)`,
  `CREATE TABLE los.UnderwritingDecision (
  DecisionId int IDENTITY(1,1) NOT NULL CONSTRAINT PK_UnderwritingDecision PRIMARY KEY,
  ApplicationId bigint NOT NULL CONSTRAINT FK_Decision_Application REFERENCES los.Application (ApplicationId),
  Outcome varchar(12) NOT NULL,
  DebtToIncome decimal(7,4) NULL,
  LoanToValue decimal(7,4) NULL,
  DecidedAt datetime NOT NULL CONSTRAINT DF_Decision_DecidedAt DEFAULT (GETDATE()),
  Reasons nvarchar(1000) NULL
)`,
  `CREATE TABLE los.Disclosure (
  ApplicationId bigint NOT NULL CONSTRAINT FK_Disclosure_Application REFERENCES los.Application (ApplicationId),
  FormCode nchar(8) NOT NULL,
  SentAt datetimeoffset(7) NOT NULL,
  AcceptedAt datetimeoffset(7) NULL,
  CONSTRAINT PK_Disclosure PRIMARY KEY (ApplicationId, FormCode, SentAt)
)`,
  `CREATE TABLE los.Appraisal (
  AppraisalId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_Appraisal PRIMARY KEY,
  PropertyId bigint NOT NULL CONSTRAINT FK_Appraisal_Property REFERENCES los.Property (PropertyId),
  Value money NOT NULL,
  Effective date NOT NULL,
  Remarks ntext NULL
)`,
];

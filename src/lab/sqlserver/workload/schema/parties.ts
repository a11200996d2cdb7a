/** Customers and what is known of them. */
export const PARTY_SCHEMA: readonly string[] = [
  'CREATE SCHEMA party',
  `CREATE TABLE party.Customer (
  CustomerId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_Customer PRIMARY KEY,
  CustomerGuid uniqueidentifier ROWGUIDCOL NOT NULL CONSTRAINT DF_Customer_Guid DEFAULT (NEWID()),
  FirstName nvarchar(60) NOT NULL,
  LastName nvarchar(80) NOT NULL,
  TaxIdEncrypted varbinary(128) NULL,
  BirthDate date NULL,
  Email nvarchar(254) NULL,
  CreditScore smallint NULL,
  PreferredLanguage char(2) NOT NULL CONSTRAINT DF_Customer_Language DEFAULT ('en'),
  CreatedAt datetime2(7) NOT NULL CONSTRAINT DF_Customer_CreatedAt DEFAULT (SYSUTCDATETIME()),
  RowVer rowversion NOT NULL,
  CONSTRAINT UQ_Customer_Guid UNIQUE (CustomerGuid)
)`,
  'CREATE INDEX IX_Customer_Name ON party.Customer (LastName, FirstName) INCLUDE (Email)',
  `CREATE TABLE party.CustomerAddress (
  AddressId bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_CustomerAddress PRIMARY KEY,
  CustomerId bigint NOT NULL CONSTRAINT FK_CustomerAddress_Customer REFERENCES party.Customer (CustomerId) ON DELETE CASCADE,
  Line1 nvarchar(120) NOT NULL,
  City nvarchar(60) NOT NULL,
  StateCode char(2) NOT NULL CONSTRAINT FK_CustomerAddress_State REFERENCES ref.State (StateCode),
  PostalCode varchar(10) NOT NULL,
  MovedIn date NULL
)`,
  'CREATE INDEX IX_CustomerAddress_Customer ON party.CustomerAddress (CustomerId)',
  `CREATE TABLE party.CustomerPhone (
  CustomerId bigint NOT NULL CONSTRAINT FK_CustomerPhone_Customer REFERENCES party.Customer (CustomerId) ON DELETE CASCADE,
  Kind char(1) NOT NULL CONSTRAINT CK_CustomerPhone_Kind CHECK (Kind IN ('H', 'M', 'W')),
  Number varchar(24) NOT NULL,
  CONSTRAINT PK_CustomerPhone PRIMARY KEY (CustomerId, Kind)
)`,
  `CREATE TABLE party.Consent (
  ConsentId uniqueidentifier NOT NULL CONSTRAINT PK_Consent PRIMARY KEY NONCLUSTERED,
  CustomerId bigint NOT NULL CONSTRAINT FK_Consent_Customer REFERENCES party.Customer (CustomerId),
  Given datetimeoffset(7) NOT NULL,
  Withdrawn datetimeoffset(3) NULL,
  Channel varchar(12) NOT NULL
)`,
  // Looks like a temporal table, and is kept by the application.
  `CREATE TABLE party.CustomerHistory (
  CustomerId bigint NOT NULL,
  ValidFrom datetime2(7) NOT NULL,
  ValidTo datetime2(7) NOT NULL CONSTRAINT DF_CustomerHistory_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
  LastName nvarchar(80) NOT NULL,
  Email nvarchar(254) NULL,
  CONSTRAINT PK_CustomerHistory PRIMARY KEY (CustomerId, ValidFrom)
)`,
];

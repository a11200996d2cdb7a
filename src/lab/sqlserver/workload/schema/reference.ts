/** Reference data, branches and people of the loan-origination application; T-SQL batches in the order of their creation. */
export const REFERENCE_SCHEMA: readonly string[] = [
  'CREATE SCHEMA ref',
  'CREATE SCHEMA org',
  `CREATE TABLE ref.State (
  StateCode char(2) NOT NULL CONSTRAINT PK_State PRIMARY KEY,
  Name nvarchar(60) NOT NULL CONSTRAINT UQ_State_Name UNIQUE
)`,
  `CREATE TABLE ref.ProductType (
  ProductTypeId smallint NOT NULL CONSTRAINT PK_ProductType PRIMARY KEY,
  Code varchar(12) NOT NULL CONSTRAINT UQ_ProductType_Code UNIQUE,
  Name nvarchar(80) NOT NULL,
  TermMonths smallint NOT NULL CONSTRAINT CK_ProductType_Term CHECK (TermMonths BETWEEN 12 AND 480),
  IsActive bit NOT NULL CONSTRAINT DF_ProductType_IsActive DEFAULT (1)
)`,
  `CREATE TABLE ref.LoanPurpose (
  LoanPurposeId tinyint NOT NULL CONSTRAINT PK_LoanPurpose PRIMARY KEY,
  Name nvarchar(40) NOT NULL
)`,
  `CREATE TABLE ref.DocumentType (
  DocumentTypeId int NOT NULL CONSTRAINT PK_DocumentType PRIMARY KEY,
  Code varchar(20) NOT NULL,
  RetentionYears tinyint NOT NULL CONSTRAINT DF_DocumentType_Retention DEFAULT (7)
)`,
  `CREATE TABLE ref.Fee (
  FeeId int IDENTITY(1,1) NOT NULL CONSTRAINT PK_Fee PRIMARY KEY,
  Code varchar(16) NOT NULL,
  Amount money NULL,
  Percentage decimal(9,6) NULL,
  CONSTRAINT CK_Fee_One CHECK (Amount IS NOT NULL OR Percentage IS NOT NULL)
)`,
  `CREATE TABLE ref.RateSheet (
  RateSheetId int IDENTITY(100,1) NOT NULL CONSTRAINT PK_RateSheet PRIMARY KEY,
  EffectiveFrom datetime2(7) NOT NULL,
  EffectiveTo datetime2(7) NULL,
  PublishedBy nvarchar(128) NOT NULL CONSTRAINT DF_RateSheet_PublishedBy DEFAULT (SUSER_SNAME())
)`,
  `CREATE TABLE ref.RateSheetRow (
  RateSheetId int NOT NULL CONSTRAINT FK_RateSheetRow_RateSheet REFERENCES ref.RateSheet (RateSheetId) ON DELETE CASCADE,
  ProductTypeId smallint NOT NULL CONSTRAINT FK_RateSheetRow_ProductType REFERENCES ref.ProductType (ProductTypeId),
  LockDays tinyint NOT NULL,
  Rate decimal(9,6) NOT NULL,
  Points decimal(6,3) NOT NULL,
  CONSTRAINT PK_RateSheetRow PRIMARY KEY (RateSheetId, ProductTypeId, LockDays)
)`,
  // A heap without any key, as every application of the period has one.
  'CREATE TABLE ref.Holiday (HolidayDate date NOT NULL, Name nvarchar(60) NOT NULL)',
  `CREATE TABLE org.Branch (
  BranchId int IDENTITY(1,1) NOT NULL CONSTRAINT PK_Branch PRIMARY KEY,
  Code varchar(10) NOT NULL CONSTRAINT UQ_Branch_Code UNIQUE,
  Name nvarchar(80) NOT NULL,
  StateCode char(2) NOT NULL CONSTRAINT FK_Branch_State REFERENCES ref.State (StateCode),
  ManagerId int NULL
)`,
  `CREATE TABLE org.Employee (
  EmployeeId int IDENTITY(1,1) NOT NULL CONSTRAINT PK_Employee PRIMARY KEY,
  BranchId int NOT NULL CONSTRAINT FK_Employee_Branch REFERENCES org.Branch (BranchId),
  LoginName nvarchar(128) NOT NULL CONSTRAINT UQ_Employee_Login UNIQUE,
  FullName nvarchar(120) NOT NULL,
  HiredOn date NOT NULL,
  ShiftStart time(0) NULL,
  Salary money NULL
)`,
  // Branch and employee point at each other.
  `ALTER TABLE org.Branch WITH CHECK ADD CONSTRAINT FK_Branch_Manager
  FOREIGN KEY (ManagerId) REFERENCES org.Employee (EmployeeId)`,
  `CREATE TABLE org.Role (
  RoleId smallint NOT NULL CONSTRAINT PK_Role PRIMARY KEY,
  Name varchar(40) COLLATE Latin1_General_CS_AS NOT NULL
)`,
  `CREATE TABLE org.EmployeeRole (
  EmployeeId int NOT NULL CONSTRAINT FK_EmployeeRole_Employee REFERENCES org.Employee (EmployeeId),
  RoleId smallint NOT NULL CONSTRAINT FK_EmployeeRole_Role REFERENCES org.Role (RoleId),
  GrantedAt smalldatetime NOT NULL,
  CONSTRAINT PK_EmployeeRole PRIMARY KEY (EmployeeId, RoleId)
)`,
];

/** Triggers, views, functions and procedures of the application. */
export const MODULES: readonly string[] = [
  `CREATE TRIGGER los.tr_Application_Status ON los.Application AFTER INSERT, UPDATE AS
BEGIN
  SET NOCOUNT ON;
  IF NOT UPDATE(Status) RETURN;
  INSERT los.ApplicationStatusHistory (ApplicationId, OldStatus, NewStatus)
  SELECT i.ApplicationId, d.Status, i.Status
  FROM inserted AS i LEFT JOIN deleted AS d ON d.ApplicationId = i.ApplicationId
  WHERE d.Status IS NULL OR d.Status <> i.Status;
END`,
  `CREATE TRIGGER party.tr_Customer_Audit ON party.Customer AFTER INSERT, UPDATE, DELETE AS
BEGIN
  SET NOCOUNT ON;
  INSERT ops.AuditEntry (Who, TableName, KeyText, Action)
  SELECT SUSER_SNAME(), N'party.Customer', CONVERT(nvarchar(200), COALESCE(i.CustomerId, d.CustomerId)),
         CASE WHEN d.CustomerId IS NULL THEN 'I' WHEN i.CustomerId IS NULL THEN 'D' ELSE 'U' END
  FROM inserted AS i FULL JOIN deleted AS d ON d.CustomerId = i.CustomerId;
END`,
  `CREATE TRIGGER fin.tr_Payment_Ledger ON fin.Payment AFTER INSERT NOT FOR REPLICATION AS
BEGIN
  SET NOCOUNT ON;
  INSERT fin.LedgerEntry (LoanId, Account, Amount, PostedAt, Text)
  SELECT LoanId, 'principal', Principal, PaidAt, N'payment ' + CONVERT(nvarchar(20), PaymentId) FROM inserted;
END`,
  `CREATE VIEW los.vw_Pipeline AS
SELECT a.ApplicationId, a.ApplicationNumber, a.Status, a.Amount, c.LastName, p.Name AS Product
FROM los.Application AS a
JOIN party.Customer AS c ON c.CustomerId = a.CustomerId
JOIN ref.ProductType AS p ON p.ProductTypeId = a.ProductTypeId
WHERE a.Status <> 'closed'`,
  `CREATE FUNCTION fin.fn_Outstanding (@loan bigint) RETURNS decimal(19,4) AS
BEGIN
  DECLARE @paid decimal(19,4), @principal decimal(19,4);
  SELECT @principal = Principal FROM fin.Loan WHERE LoanId = @loan;
  SELECT @paid = SUM(Principal) FROM fin.Payment WHERE LoanId = @loan;
  RETURN @principal - ISNULL(@paid, 0);
END`,
  `CREATE PROCEDURE los.usp_SubmitApplication @application bigint, @officer int = NULL, @status varchar(16) OUTPUT AS
BEGIN
  SET NOCOUNT ON;
  UPDATE los.Application
  SET Status = 'submitted', SubmittedAt = GETDATE(), OfficerId = COALESCE(@officer, OfficerId)
  WHERE ApplicationId = @application AND Status = 'draft';
  IF @@ROWCOUNT = 0
  BEGIN
    RAISERROR (N'Application %I64d is no draft.', 16, 1, @application);
    RETURN 1;
  END;
  SELECT @status = Status FROM los.Application WHERE ApplicationId = @application;
  RETURN 0;
END`,
  `CREATE PROCEDURE fin.usp_PostPayment @loan bigint, @principal decimal(19,4), @interest decimal(19,4), @payment bigint OUTPUT AS
BEGIN
  SET NOCOUNT ON;
  SET XACT_ABORT ON;
  BEGIN TRY
    BEGIN TRANSACTION;
    INSERT fin.Payment (LoanId, PaidAt, Principal, Interest, Method) VALUES (@loan, GETDATE(), @principal, @interest, 'ach');
    SET @payment = SCOPE_IDENTITY();
    INSERT fin.LedgerEntry (LoanId, Account, Amount, PostedAt) VALUES (@loan, 'interest', @interest, SYSUTCDATETIME());
    IF fin.fn_Outstanding(@loan) <= 0 UPDATE fin.Loan SET Closed = 1 WHERE LoanId = @loan;
    COMMIT TRANSACTION;
  END TRY
  BEGIN CATCH
    IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;
    THROW;
  END CATCH;
END`,
];

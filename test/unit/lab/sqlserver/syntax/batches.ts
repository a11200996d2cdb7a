/** Batches that landfall, its drivers and an application of the period send. */
export const BATCHES: Readonly<Record<string, string>> = {
  'the options of a login': [
    'set ansi_nulls on',
    'set ansi_null_dflt_on on',
    'set ansi_padding on',
    'set ansi_warnings on',
    'set arithabort on',
    'set concat_null_yields_null on',
    'set datefirst 7',
    'set dateformat mdy',
    'set implicit_transactions off',
    'set language us_english',
    'set numeric_roundabort off',
    'set quoted_identifier on',
    'set textsize 2147483647',
    'set transaction isolation level read committed',
    'set xact_abort off',
  ].join('\n'),
  'a bulk load':
    'insert bulk [dbo].[t]([id] int, [n] nvarchar(50) collate Latin1_General_CI_AS, [d] decimal(18,2)) WITH (CHECK_CONSTRAINTS,FIRE_TRIGGERS,KEEP_NULLS,TABLOCK,ORDER (id ASC),ROWS_PER_BATCH=5)',
  'a bulk load without options': 'insert bulk tempdb..[#t]([id] int)',
  'parameters of a driver as text':
    "declare @p int, @o nvarchar(max);select @p = N'..';EXEC dbo.x @p, @o output;select 1 as [___return___], @o as [o]",
  'a table made by a driver':
    "if object_id('dbo.[t 1]') is null create table [dbo].[t 1] ([id] int not null, [n] nvarchar (50) null, constraint [PK_1] primary key ([id]))",
  'a distributor and a publication': `
-- P/master
EXEC sys.sp_adddistributor @distributor = N'MIA-SQL1', @password = N'<secret>';
EXEC sys.sp_adddistributiondb @database = N'distribution', @data_file_size = 4096, @log_file_size = 2048,
     @min_distretention = 0, @max_distretention = 168, @history_retention = 168, @security_mode = 1;
EXEC distribution.sys.sp_adddistpublisher @publisher = N'MIA-SQL1', @distribution_db = N'distribution',
     @security_mode = 1, @working_directory = N'\\\\MIA-SQL1\\repldata';
EXEC sys.sp_configure N'max text repl size', -1; RECONFIGURE;
EXEC sys.sp_replicationdboption @dbname = N'PubDB', @optname = N'publish', @value = N'true';
EXEC [PubDB].sys.sp_addarticle @publication = N'landfall', @article = N'dbo.Orders', @pre_creation_cmd = N'none',
     @schema_option = 0x0000000008037FDF, @status = 24, @ins_cmd = N'CALL [sp_MSins_dboOrders]';`,
  'facts about an instance': `
SELECT @@SERVERNAME AS srv, CONVERT(sysname,SERVERPROPERTY('ServerName')) AS prop_srv,
 CONVERT(int,SERVERPROPERTY('EngineEdition')) AS eng, IS_SRVROLEMEMBER('sysadmin') AS sa, @@VERSION AS v;  -- Linux or Windows
SELECT servicename,status_desc FROM sys.dm_server_services;
SELECT name,value_in_use FROM sys.configurations WHERE name IN (N'max text repl size (B)',N'Agent XPs');
SELECT name,compatibility_level,SUSER_SNAME(owner_sid) AS owner_name FROM sys.databases WHERE name=N'PubDB';`,
  'tables without a primary key': `
SELECT s.name sch,t.name tbl,SUM(p.rows) n FROM sys.tables t JOIN sys.schemas s ON s.schema_id=t.schema_id
JOIN sys.partitions p ON p.object_id=t.object_id AND p.index_id IN (0,1)
WHERE t.is_ms_shipped=0 AND OBJECTPROPERTY(t.object_id,'TableHasPrimaryKey')=0 GROUP BY s.name,t.name;
SELECT OBJECT_SCHEMA_NAME(c.object_id) sch,c.name,c.precision,c.is_computed FROM sys.columns c
LEFT JOIN sys.computed_columns cc ON cc.object_id=c.object_id AND cc.column_id=c.column_id
WHERE c.column_id>255 OR c.encryption_type IS NOT NULL OR c.max_length=-1;
SELECT OBJECT_NAME(parent_object_id),name,'DF' FROM sys.default_constraints WHERE is_system_named=1 UNION ALL
SELECT OBJECT_NAME(parent_object_id),name,'CK' FROM sys.check_constraints WHERE is_system_named=1;
SELECT * FROM sys.change_tracking_databases WHERE database_id=DB_ID();
DBCC OPENTRAN WITH TABLERESULTS;`,
  'the history of the agents': `
SELECT a.name,h.runstatus,h.[time],e.error_text FROM distribution.dbo.MSdistribution_agents a
OUTER APPLY (SELECT TOP(1) * FROM distribution.dbo.MSdistribution_history h WHERE h.agent_id=a.id ORDER BY h.[timestamp] DESC) h
OUTER APPLY (SELECT TOP(1) error_code,error_text FROM distribution.dbo.MSrepl_errors e WHERE e.id=h.error_id AND h.error_id<>0 ORDER BY e.[time] DESC) e
WHERE a.subscriber_db<>N'virtual';
SELECT j.name FROM msdb.dbo.sysjobs j LEFT JOIN msdb.dbo.sysjobactivity a ON a.job_id=j.job_id
 AND a.session_id=(SELECT MAX(session_id) FROM msdb.dbo.syssessions) WHERE j.name LIKE N'REPL[_]%' ESCAPE N'!';`,
  'the repair of differences': `
SET XACT_ABORT ON; BEGIN TRAN;
DELETE t FROM dbo.Orders t JOIN stg.Orders_del d ON d.Id=t.Id;
UPDATE t SET t.A=s.A,t.B=s.B FROM dbo.Orders t JOIN stg.Orders s ON s.Id=t.Id;
SET IDENTITY_INSERT dbo.Orders ON;
INSERT dbo.Orders(Id,A,B) SELECT s.Id,s.A,s.B FROM stg.Orders s WHERE NOT EXISTS (SELECT 1 FROM dbo.Orders t WHERE t.Id=s.Id);
SET IDENTITY_INSERT dbo.Orders OFF; COMMIT;`,
  'a marker behind a snapshot': `
CREATE DATABASE PubDB_snap ON (NAME=PubDB, FILENAME=N'/data/PubDB.ss') AS SNAPSHOT OF PubDB;
SELECT MAX(id) FROM PubDB_snap.dbo.landfall_marker;
DROP DATABASE IF EXISTS PubDB_snap;`,
  'change tracking': `
ALTER DATABASE PubDB SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 7 DAYS, AUTO_CLEANUP = ON);
ALTER DATABASE PubDB SET ALLOW_SNAPSHOT_ISOLATION ON;
ALTER TABLE dbo.T ENABLE CHANGE_TRACKING WITH (TRACK_COLUMNS_UPDATED = OFF);
SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN;
DECLARE @newV bigint = CHANGE_TRACKING_CURRENT_VERSION();
SELECT ct.SYS_CHANGE_OPERATION op, ct.id, t.* FROM CHANGETABLE(CHANGES dbo.T, @lastV) ct LEFT JOIN dbo.T t ON t.id=ct.id;
SELECT * FROM CHANGETABLE(VERSION dbo.T, (id), (5)) AS v;
COMMIT;`,
  'backup and restore': `
BACKUP DATABASE PubDB TO DISK=N'X:\\b\\landfall_1.bak', DISK=N'X:\\b\\landfall_2.bak' /* up to 64 stripes */
 WITH COPY_ONLY, COMPRESSION, CHECKSUM, INIT, FORMAT, STATS=1, MAXTRANSFERSIZE=4194304, BUFFERCOUNT=64;
BACKUP LOG PubDB TO DISK=N'X:\\b\\landfall_last.trn' WITH COMPRESSION, CHECKSUM, INIT, STATS=5;   -- hand this file over
BACKUP LOG PubDB TO DISK = @tail WITH NORECOVERY
RESTORE HEADERONLY FROM DISK=N'/b/x.bak' RESTORE FILELISTONLY FROM DISK=N'/b/x.bak' WITH FILE = 1
RESTORE DATABASE SubDB FROM DISK=N'/b/landfall_1.bak',DISK=N'/b/landfall_2.bak'
 WITH MOVE N'PubDB' TO N'/data/SubDB.mdf', MOVE N'PubDB_log' TO N'/log/SubDB.ldf', NORECOVERY, REPLACE, CHECKSUM, STATS=1;
RESTORE LOG SubDB FROM DISK=N'/b/landfall_last.trn' WITH STANDBY=N'/b/undo', STATS=5;
RESTORE DATABASE SubDB WITH RECOVERY;
DBCC CHECKDB(SubDB) WITH PHYSICAL_ONLY, NO_INFOMSGS`,
  cutover: `
DECLARE @sql nvarchar(max)=N''; SELECT @sql+=N'DBCC CHECKIDENT('''+REPLACE(QUOTENAME(OBJECT_SCHEMA_NAME(object_id))+N'.'+QUOTENAME(OBJECT_NAME(object_id)),'''','''''')+N''',RESEED) WITH NO_INFOMSGS;'
FROM sys.identity_columns WHERE OBJECTPROPERTY(object_id,'IsMSShipped')=0; EXEC sys.sp_executesql @sql;
EXEC sys.sp_identitycolumnforreplication @object_id=5, @value=0;
ALTER SEQUENCE s.q RESTART WITH 900;
ALTER TABLE s.t WITH CHECK CHECK CONSTRAINT ALL;
ENABLE TRIGGER ALL ON s.t;
ALTER AUTHORIZATION ON DATABASE::SubDB TO [sa]; ALTER DATABASE SubDB SET COMPATIBILITY_LEVEL = 150;
ALTER DATABASE SubDB SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE;
ALTER DATABASE PubDB SET RESTRICTED_USER WITH ROLLBACK AFTER 30 SECONDS;
EXEC SubDB.sys.sp_updatestats;
UPDATE STATISTICS s.t WITH FULLSCAN, NORECOMPUTE;
DISABLE TRIGGER tr1, dbo.tr2 ON dbo.Orders;`,
  'logins and users': `
CREATE LOGIN [app] WITH PASSWORD = 0x0200AB HASHED, SID = 0x01, DEFAULT_DATABASE=[My Db], CHECK_POLICY=OFF, CHECK_EXPIRATION=OFF;
CREATE LOGIN [D\\u] FROM WINDOWS WITH DEFAULT_DATABASE = master
ALTER LOGIN app DISABLE ALTER LOGIN app WITH NAME = app2, PASSWORD = N'x' OLD_PASSWORD = N'y'
CREATE USER u FOR LOGIN app WITH DEFAULT_SCHEMA = dbo CREATE USER w WITHOUT LOGIN
ALTER USER [u] WITH LOGIN=[app] ALTER SERVER ROLE sysadmin ADD MEMBER app
CREATE ROLE r ALTER ROLE r DROP MEMBER u DROP ROLE IF EXISTS r DROP USER u DROP LOGIN app
GRANT SELECT, EXECUTE ON SCHEMA::dbo TO u, public WITH GRANT OPTION DENY CONNECT SQL TO app
REVOKE VIEW SERVER STATE FROM app KILL 53`,
  'tables of the period': `
CREATE TABLE dbo.Loan (
  Id int IDENTITY(1,1) NOT FOR REPLICATION NOT NULL CONSTRAINT PK_Loan PRIMARY KEY CLUSTERED WITH (PAD_INDEX = OFF, FILLFACTOR = 90) ON [PRIMARY],
  Number nvarchar(20) COLLATE Latin1_General_CI_AS NOT NULL UNIQUE NONCLUSTERED,
  Amount decimal(18, 2) NOT NULL CONSTRAINT DF_Amount DEFAULT ((0)) CHECK (Amount >= 0),
  Rate AS (Amount / 100) PERSISTED,
  Officer int NULL REFERENCES dbo.Officer (Id) ON DELETE SET NULL ON UPDATE CASCADE NOT FOR REPLICATION,
  Opened datetime2(3) DEFAULT getdate() NOT NULL,
  Guid uniqueidentifier ROWGUIDCOL NOT NULL DEFAULT newid(),
  Version rowversion, Notes varchar(max) SPARSE NULL,
  CONSTRAINT FK_Self FOREIGN KEY (Id) REFERENCES Loan, CHECK NOT FOR REPLICATION (Amount < 5 OR Rate IS NULL),
  INDEX IX_Opened NONCLUSTERED (Opened DESC) INCLUDE (Amount) WHERE Opened > '20200101',
) ON [PRIMARY] TEXTIMAGE_ON [PRIMARY]
CREATE UNIQUE NONCLUSTERED INDEX IX ON dbo.Loan (Number ASC, Opened DESC) INCLUDE (Amount) WHERE (Amount > 0) WITH (ONLINE = ON) ON [PRIMARY]
ALTER INDEX ALL ON dbo.Loan REBUILD ALTER INDEX IX ON dbo.Loan DISABLE DROP INDEX IX ON dbo.Loan, Loan.IX2
ALTER TABLE dbo.Loan ADD Extra int NULL, CONSTRAINT DF_Extra DEFAULT (5) FOR Extra
ALTER TABLE dbo.Loan ALTER COLUMN Extra bigint NOT NULL ALTER TABLE dbo.Loan DROP CONSTRAINT IF EXISTS DF_Extra, COLUMN Extra
ALTER TABLE dbo.Loan SET (LOCK_ESCALATION = DISABLE) TRUNCATE TABLE dbo.Loan DROP TABLE IF EXISTS dbo.Loan, #tmp`,
  flow: `
DECLARE @i int = 0, @t TABLE (a int PRIMARY KEY, INDEX ix (a)), @d date
WHILE @i < 10 BEGIN SET @i += 1; IF @i = 3 CONTINUE IF @i = 5 BREAK ELSE PRINT 'x' + CAST(@i AS varchar(10)) END
again: IF EXISTS (SELECT 1 FROM @t) GOTO again; ELSE IF NOT @i > 4 RETURN
BEGIN TRY
  BEGIN TRANSACTION one; SAVE TRAN two; ROLLBACK TRAN two; COMMIT TRANSACTION one
  RAISERROR (N'%s %d', 16, 1, @a, 5) WITH NOWAIT, LOG
END TRY
BEGIN CATCH
  IF XACT_STATE() <> 0 ROLLBACK;
  THROW
END CATCH;
THROW 50001, N'message', 1;
WAITFOR DELAY '00:00:01' WAITFOR TIME @d
USE [other db]
EXEC @rc = [a b]..proc_x DEFAULT, -5, 0x01, $1.5, NULL, word, @@spid, @x = @i OUT
EXECUTE (N'select ' + @sql) AT [linked] EXEC @name @p = 1
DECLARE c CURSOR LOCAL FAST_FORWARD FOR WITH x AS (SELECT 1 a) SELECT a FROM x FOR READ ONLY
OPEN c FETCH NEXT FROM c INTO @a, @b WHILE @@FETCH_STATUS = 0 BEGIN FETCH c INTO @a, @b END CLOSE c DEALLOCATE c
SET STATISTICS IO, TIME ON SET ROWCOUNT 5 SET LOCK_TIMEOUT -1 SET NOCOUNT, XACT_ABORT ON SET DEADLOCK_PRIORITY LOW`,
  'changes of data': `
;WITH old (id) AS (SELECT Id FROM t), tree AS (SELECT 1 n UNION ALL SELECT n + 1 FROM tree WHERE n < 5)
DELETE TOP (10) FROM t WITH (ROWLOCK) OUTPUT deleted.*, deleted.Id AS old_id INTO @gone (a, b) FROM t JOIN old ON old.id = t.Id WHERE 1 = 1 OPTION (MAXRECURSION 0)
UPDATE TOP (5) PERCENT t SET a += 1, @v = b = c * 2, @w = 5, d = DEFAULT OUTPUT inserted.a, deleted.a FROM t WITH (NOLOCK), u WHERE t.x = u.x
INSERT INTO t (a, [b c]) OUTPUT inserted.Id VALUES (1, DEFAULT), (N'x', (SELECT MAX(q) FROM r)) INSERT t DEFAULT VALUES
INSERT #t EXEC sp_who INSERT @t (a) SELECT a FROM b INSERT t WITH (TABLOCK) (a) (SELECT 1)
SELECT a.*, b INTO #copy FROM a CROSS JOIN b
MERGE INTO dbo.T WITH (HOLDLOCK) AS t USING (VALUES (1, N'x')) AS s (id, n) ON t.id = s.id AND s.n IS NOT NULL
WHEN MATCHED AND t.n <> s.n THEN UPDATE SET n = s.n
WHEN NOT MATCHED THEN INSERT (id, n) VALUES (s.id, s.n)
WHEN NOT MATCHED BY SOURCE THEN DELETE
OUTPUT $action, inserted.id, deleted.id;`,
  queries: `
SELECT DISTINCT TOP (5) WITH TIES a, b = c, d AS 'e', f 'g', (SELECT 1) h, t.*, dbo.u.* FROM dbo.t AS t (NOLOCK)
 INNER JOIN u WITH (NOLOCK, INDEX(ix)) ON t.a = u.a LEFT OUTER JOIN v JOIN w ON w.a = v.a ON v.b = u.b
 FULL JOIN x ON 1 = 1 CROSS APPLY STRING_SPLIT(t.s, ',') AS s OUTER APPLY dbo.f(t.a, DEFAULT) f (c1, c2)
 CROSS JOIN (SELECT 1 a UNION SELECT 2) AS q, @tv z
 WHERE a BETWEEN 1 AND 2 AND b NOT IN (SELECT b FROM y) OR c LIKE N'%x' AND d IS DISTINCT FROM e AND f >= ALL (SELECT 1)
 GROUP BY a, b HAVING COUNT(DISTINCT a) > 1 ORDER BY a DESC, 2 OFFSET 10 ROWS FETCH NEXT @n ROWS ONLY OPTION (RECOMPILE, MAXDOP 1);
SELECT CASE a WHEN 1 THEN 'x' ELSE 'y' END, IIF(a > 1, 1, 0), NULLIF(a, b), COALESCE(a, b, 0), CHOOSE(1, 'a'), LEFT(a, 2),
 CURRENT_TIMESTAMP, TRY_CAST(a AS decimal(9, 2)), TRY_CONVERT(date, a, 112), DATEADD(day, 1, a) AT TIME ZONE 'UTC', a COLLATE Latin1_General_BIN2,
 ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC), SUM(a) OVER (ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING),
 STRING_AGG(CONVERT(nvarchar(max), a), N',') WITHIN GROUP (ORDER BY a), COUNT(*), NEXT VALUE FOR dbo.s, @@ROWCOUNT, -a + ~b * +2 % 3 | 4
SELECT HASHBYTES('SHA2_256', (SELECT t.c1 FOR JSON PATH, ROOT('x'), INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER)) FROM t FOR XML RAW('r'), ELEMENTS, BINARY BASE64
SELECT j.a FROM OPENJSON(@json, '$.x') WITH (a int '$.a', b nvarchar(max) AS JSON) AS j;
(SELECT 1) EXCEPT (SELECT 2 INTERSECT SELECT 3) ORDER BY 1`,
  'sequences, types, synonyms, schemas': `
CREATE SEQUENCE dbo.q AS bigint START WITH -5 INCREMENT BY 2 MINVALUE -10 NO MAXVALUE CYCLE CACHE 20
CREATE TYPE dbo.Phone FROM varchar(20) NOT NULL CREATE TYPE dbo.Ids AS TABLE (id int PRIMARY KEY)
CREATE SYNONYM dbo.o FOR [server].db.dbo.Orders DROP SYNONYM IF EXISTS dbo.o DROP TYPE dbo.Ids DROP SEQUENCE dbo.q
ALTER SEQUENCE dbo.q RESTART NO CYCLE NO CACHE`,
  'a schema': 'CREATE SCHEMA [stg] AUTHORIZATION dbo',
  'a procedure': `-- before
CREATE PROCEDURE [dbo].[sp_MSins_dboOrders] @c1 int, @c2 nvarchar(20) = N'x', @c3 decimal(9,2) = -1.5 OUTPUT, @ids dbo.Ids READONLY
WITH EXECUTE AS OWNER, RECOMPILE AS
BEGIN
  INSERT INTO [dbo].[Orders] ([a], [b]) VALUES (@c1, @c2)
END
RETURN 0 -- behind`,
  'a trigger':
    'CREATE TRIGGER dbo.tr ON dbo.Orders AFTER INSERT, UPDATE NOT FOR REPLICATION AS IF UPDATE(a) AND NOT UPDATE([b]) BEGIN SET NOCOUNT ON; UPDATE o SET x = 1 FROM dbo.Orders o JOIN inserted i ON i.Id = o.Id END',
  'a view':
    'CREATE OR ALTER VIEW dbo.v (a, b) WITH SCHEMABINDING AS WITH x AS (SELECT 1 a) SELECT a, 2 FROM x WITH CHECK OPTION;',
  functions:
    'ALTER FUNCTION dbo.f (@a int = 5, @b date) RETURNS decimal(9, 2) WITH SCHEMABINDING AS BEGIN DECLARE @r int; RETURN @a + 1.5 END',
  'a function that is a query':
    'CREATE FUNCTION f () RETURNS TABLE AS RETURN (WITH x AS (SELECT 1 a) SELECT a FROM x)',
  'a function that fills a table':
    'CREATE FUNCTION f (@a int) RETURNS @t TABLE (a int NOT NULL) AS BEGIN INSERT @t VALUES (@a) RETURN END',
};

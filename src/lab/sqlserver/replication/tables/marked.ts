/** T-SQL that marks the tables of a batch as SQL Server's own (`is_ms_shipped`), as replication does with what it makes. */
export const marked = (batch: string): string =>
  [...batch.matchAll(/CREATE TABLE (dbo\.\w+)/g)]
    .map(([, name = '']) => `EXEC sys.sp_MS_marksystemobject N'${name}';`)
    .join(' ');

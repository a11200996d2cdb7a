/** `server.database.schema.object`, as many parts as were written; an empty middle part (`db..t`) is ''. */
export type Name = readonly string[];

/** A type as written: `decimal(9,2)`, `nvarchar(max)`, `dbo.MyType`. */
export interface TypeName {
  /** Lower case for the built-in ones, as written for others. */
  readonly name: Name;
  readonly arguments: readonly (number | 'max')[];
}

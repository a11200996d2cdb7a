/** The only places where a name or a text from outside becomes T-SQL. */

/** `[a]]b]`: a name as an identifier. */
export const identifier = (name: string): string => `[${name.replaceAll(']', ']]')}]`;

/** `[dbo].[Orders]`. */
export const qualified = (...parts: readonly string[]): string => parts.map(identifier).join('.');

/** `N'O''Brien'`: a text as a literal. */
export const literal = (text: string): string => `N'${text.replaceAll("'", "''")}'`;

/** `0x00FF`. */
export const binaryLiteral = (bytes: Uint8Array): string =>
  `0x${Buffer.from(bytes).toString('hex').toUpperCase()}`;

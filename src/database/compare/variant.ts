/**
 * sql_variant as text and back: base type, a blank, the value's own canonical text. Lengths, precisions and whether a
 * base type is of fixed length are no part of the value: `char` is carried as `varchar`, `numeric` as `decimal`.
 */

interface Base {
  /** Names of base types that are carried as one. */
  readonly names: readonly string[];
  readonly text: (value: string) => string;
  readonly back: (text: string) => string;
}

const same = (name: string, style = ''): Base => ({
  names: [name],
  text: value => `CONVERT(nvarchar(50), CONVERT(${name}, ${value})${style})`,
  back: text => `CONVERT(${name}, ${text}${style})`,
});

const SCALES = Array.from({ length: 39 }, (_, scale) => scale);

const BASES: readonly Base[] = [
  ...['bit', 'tinyint', 'smallint', 'int', 'bigint', 'uniqueidentifier'].map(name => same(name)),
  ...['money', 'smallmoney'].map(name => same(name, ', 2')),
  ...['float', 'real'].map(name => same(name, ', 3')),
  ...['date', 'time', 'smalldatetime', 'datetime', 'datetime2', 'datetimeoffset'].map(name =>
    same(name, ', 121'),
  ),
  {
    names: ['decimal', 'numeric'],
    text: value => `CONVERT(nvarchar(41), ${value})`,
    // A type's scale is no expression: one branch each.
    back: text =>
      `CASE LEN(${text}) - CHARINDEX(N'.', ${text} + N'.') ${SCALES.map(
        scale =>
          `WHEN ${scale === 0 ? '-1' : scale} THEN CONVERT(sql_variant, CONVERT(decimal(38, ${scale}), ${text}))`,
      ).join(' ')} END`,
  },
  {
    names: ['varchar', 'char'],
    text: value => `CONVERT(nvarchar(4000), ${value})`,
    back: text => `CONVERT(varchar(8000), ${text})`,
  },
  {
    names: ['nvarchar', 'nchar'],
    text: value => `CONVERT(nvarchar(4000), ${value})`,
    back: text => `CONVERT(nvarchar(4000), ${text})`,
  },
  {
    names: ['varbinary', 'binary'],
    text: value => `CONVERT(nvarchar(max), CONVERT(varbinary(8000), ${value}), 1)`,
    back: text => `CONVERT(varbinary(8000), ${text}, 1)`,
  },
];

export const variantText = (value: string): string => {
  const branches = BASES.flatMap(({ names, text }) =>
    names.map(
      name => `WHEN N'${name}' THEN CONVERT(nvarchar(max), N'${names[0] ?? name} ') + ${text(value)}`,
    ),
  );
  return `CASE CONVERT(nvarchar(128), SQL_VARIANT_PROPERTY(${value}, 'BaseType'))
    ${branches.join('\n    ')}
  END`;
};

export const variantBack = (text: string): string => {
  // Trailing blanks are part of the value: the rest is taken by what stands before it.
  const rest = (name: string): string => `SUBSTRING(${text}, ${name.length + 2}, 8000)`;
  const branches = BASES.map(({ names, back }) => {
    const name = names[0] ?? '';
    return `WHEN N'${name}' THEN CONVERT(sql_variant, ${back(rest(name))})`;
  });
  return `CASE LEFT(${text}, CHARINDEX(N' ', ${text}) - 1)
    ${branches.join('\n    ')}
  END`;
};

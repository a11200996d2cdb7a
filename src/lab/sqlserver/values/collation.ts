/** How text of a collation compares, and which code page its varchar has. */
export interface Collation {
  readonly name: string;
  /** 1252, or 65001 for the UTF-8 collations. */
  readonly codePage: 1252 | 65001;
  /** LCID, flags, version and sort id as TDS sends them. */
  readonly wire: Uint8Array;
  readonly lcid: number;
  readonly caseSensitive: boolean;
  readonly accentSensitive: boolean;
  /** BIN or BIN2: by code units. */
  readonly binary: boolean;
  /** Trailing blanks do not count. */
  compare(left: string, right: string): number;
  /** Equal keys are equal values; compared by UTF-8 bytes (or by code units) they sort as `compare` does. */
  key(text: string): string;
  /** Text of the same length in which equal characters are the same unit: for LIKE, CHARINDEX, REPLACE. */
  fold(text: string): string;
  /** What varchar keeps of the text: characters without a place in the code page become '?' or their best fit. */
  encodable(text: string): string;
  /** Bytes of the text in the code page. */
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
  byteLength(text: string): number;
}

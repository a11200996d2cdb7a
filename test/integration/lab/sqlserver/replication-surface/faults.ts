import mssql from 'mssql';

/** Numbers of the errors that the driver was given, the first one first; none where it went well. */
export async function numbersOf(work: Promise<unknown>): Promise<readonly number[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (!(error instanceof mssql.RequestError)) throw error;
    const preceding: unknown = 'precedingErrors' in error ? error.precedingErrors : [];
    const before = Array.isArray(preceding) ? preceding : [];
    const all = [...before, error].flatMap((each: unknown) =>
      each instanceof mssql.RequestError && each.number !== undefined ? [each.number] : [],
    );
    return all;
  }
}

import { SqlError } from '../errors.ts';

/**
 * What an error ends, besides the statement that it undoes, where no CATCH takes it:
 *
 * - `statement`: nothing else; the batch goes on unless XACT_ABORT is on.
 * - `scope`: the batch or module it stands in, as a name that means nothing does; the caller of a module goes on.
 * - `batch`: everything up to the client.
 * - `transaction`: the batch, and the transaction is rolled back (in a TRY block it can only be rolled back from then on).
 * - `refusal`: the batch, and no CATCH ever sees it: the double does not know the construct.
 * - `connection`: the session.
 */
export type Fault = 'statement' | 'scope' | 'batch' | 'transaction' | 'refusal' | 'connection';

/** Names and types that do not fit: found when a statement is compiled, which here happens when it is reached. */
const COMPILATION: ReadonlySet<number> = new Set([
  102, 103, 104, 105, 107, 108, 109, 110, 111, 113, 119, 120, 121, 128, 131, 132, 133, 134, 135, 137, 139,
  140, 141, 142, 144, 145, 147, 148, 153, 156, 157, 158, 159, 164, 166, 168, 169, 172, 173, 174, 178, 179,
  180, 189, 191, 192, 195, 199, 205, 206, 207, 208, 209, 213, 243, 252, 254, 257, 264, 265, 271, 272, 273,
  306, 319, 321, 402, 403, 404, 408, 411, 412, 421, 443, 444, 448, 451, 455, 456, 457, 468, 487, 529, 1001,
  1002, 1007, 1011, 1012, 1013, 1018, 1023, 1031, 1033, 1035, 1038, 1046, 1047, 1048, 1053, 1060, 1062, 1065,
  1074, 1086, 1087, 1095, 2705, 2715, 2716, 2717, 2747, 2749, 4101, 4104, 4106, 4107, 4108, 4109, 4112, 4113,
  4115, 4121, 4122, 4145, 4413, 4502, 4511, 4514, 5305, 5308, 5309, 8101, 8102, 8116, 8117, 8118, 8119, 8120,
  8121, 8124, 8126, 8127, 8133, 8155, 8156, 8157, 8158, 8159, 8160, 8161, 8163, 8501, 8623, 8672, 10105,
  10700, 10709, 10724, 10725, 10727, 10729, 10735, 10738, 10739, 10741, 10742, 10743, 10744, 10745, 10753,
  10754, 11555, 11701, 11702, 11717, 11718, 11719, 11720, 11721,
]);

/** Text that is no value of the type wanted: these end the batch and its transaction, unlike overflow and truncation. */
const CONVERSION: ReadonlySet<number> = new Set([235, 241, 244, 245, 248, 293, 295, 8114, 8169, 9803]);

const REFUSED = 40517;

/** A value that does not fit its parameter: the call fails, and nothing else. */
export class ArgumentError extends SqlError {}

/** What THROW raises: it ends the batch whatever its number means elsewhere. */
export class ThrownError extends SqlError {}

const isCompilation = (error: SqlError): boolean => COMPILATION.has(error.number);

export function faultOf(error: SqlError): Fault {
  if (error.number === REFUSED) return 'refusal';
  if (error.severity >= 20) return 'connection';
  if (error instanceof ThrownError) return 'batch';
  if (error instanceof ArgumentError) return 'statement';
  if (error.endsTransaction || CONVERSION.has(error.number)) return 'transaction';
  if (isCompilation(error)) return 'scope';
  return error.endsBatch ? 'batch' : 'statement';
}

/** Errors behind which "The statement has been terminated." (3621) comes where the statement changes data. */
const TERMINATING: ReadonlySet<number> = new Set([
  220, 242, 512, 515, 517, 547, 550, 1222, 2601, 2627, 2628, 3621, 8115, 8134, 8152,
]);

export const terminates = (error: SqlError): boolean => TERMINATING.has(error.number);

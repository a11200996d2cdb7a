import { SqlError } from '../errors.ts';

/** What a client sent is not TDS: the connection gets an error, where it is one that can read it, and ends. */
export const protocolFault = (what: string): SqlError =>
  new SqlError(
    4014,
    `A fatal error occurred while reading the input stream from the network. The session will be terminated (${what}).`,
    { severity: 20, endsBatch: true },
  );

/** The message ends before its content does (4002). */
export const streamEnded = (): SqlError =>
  new SqlError(
    4002,
    'The incoming tabular data stream (TDS) protocol stream is incorrect. The stream ended unexpectedly.',
    { endsBatch: true, endsTransaction: false },
  );

/** A value or a TYPE_INFO that no SQL Server takes; RPC and bulk load each have their own numbers for it. */
export class BadValue extends Error {
  override readonly name = 'BadValue';
  readonly fault: 'type' | 'length' | 'chunks' | 'value';
  readonly typeId: number;
  /** Name of the type, of a value that is none of it. */
  readonly typeName: string;

  constructor(fault: BadValue['fault'], typeId: number, typeName = '') {
    super(`data type 0x${typeId.toString(16)}: ${fault}`);
    this.fault = fault;
    this.typeId = typeId;
    this.typeName = typeName;
  }
}

const hex = (typeId: number): string => typeId.toString(16).toUpperCase().padStart(2, '0');

/** 8009, 8016, 8007, 8023: an RPC's parameter; `ordinal` from 1. */
export function badParameter(bad: BadValue, ordinal: number, name: string): SqlError {
  const start =
    'The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. ' +
    `Parameter ${ordinal} ("${name}"): `;
  const type = `Data type 0x${hex(bad.typeId)}`;
  switch (bad.fault) {
    case 'type':
      return new SqlError(8009, `${start}${type} is unknown.`, { endsBatch: true });
    case 'length':
      return new SqlError(8016, `${start}${type} has an invalid data length or metadata length.`, {
        endsBatch: true,
      });
    case 'chunks':
      return new SqlError(
        8007,
        `${start}The chunking format is incorrect for a large object parameter of type 0x${hex(bad.typeId)}.`,
        { endsBatch: true },
      );
    case 'value':
      return new SqlError(
        8023,
        `${start}The supplied value is not a valid instance of data type ${bad.typeName}. Check the source data ` +
          'for invalid values. An example of an invalid value is data of numeric type with scale greater than precision.',
        { endsBatch: true },
      );
  }
}

/** 4815, 4816, 9803: a bulk load's column; `ordinal` from 1. */
export function badColumn(bad: BadValue, ordinal: number): SqlError {
  if (bad.fault === 'type') {
    return new SqlError(4816, `Invalid column type from bcp client for colid ${ordinal}.`, {
      endsBatch: true,
    });
  }
  if (bad.fault === 'value') {
    return new SqlError(9803, `Invalid data for type "${bad.typeName}".`, { endsBatch: true });
  }
  return new SqlError(4815, `Received an invalid column length from the bcp client for colid ${ordinal}.`, {
    endsBatch: true,
  });
}

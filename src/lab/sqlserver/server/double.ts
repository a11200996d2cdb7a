import type { config } from 'mssql';
import type { Clock, Random } from '../../../foundation/clock.ts';
import { unsupported } from '../errors.ts';
import type { Instance } from './instance.ts';
import type { ProductFacts } from './product.ts';
import type { ProductName } from './products.ts';

export interface DoubleOptions {
  /** Everything it keeps is below: `data/`, `backup/`, `repldata/`; made where it is not there. */
  readonly directory: string;
  /** `@@SERVERNAME`. */
  readonly name: string;
  readonly product: ProductFacts | ProductName;
  readonly host?: string;
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** User databases to make where they are not there. */
  readonly databases?: readonly string[];
  readonly encryption?: 'off' | 'on' | 'required';
  readonly saPassword: string;
  readonly clock?: Clock;
  readonly random?: Random;
  /** undefined starts SQL Server Agent where the edition has one. */
  readonly agent?: boolean;
}

/** A running SQL Server double. */
export interface Double {
  readonly instance: Instance;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Configuration for `mssql`; `sa` where no user is given. */
  connection(user?: string, password?: string, database?: string): config;
  /** Runs a batch as `sa` without the wire; rows of its last result. */
  run(database: string, text: string): Promise<readonly (readonly unknown[])[]>;
  close(): Promise<void>;
}

/** Starts a server: opens or makes its databases, listens, starts its agent. */
export function createDouble(_options: DoubleOptions): Promise<Double> {
  return Promise.reject(unsupported('createDouble'));
}

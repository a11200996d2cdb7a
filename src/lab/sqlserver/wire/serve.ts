import { unsupported } from '../errors.ts';
import type { Listener } from '../server/requests.ts';

/** PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * - `off`: nothing is encrypted; a client that wants encryption gives up.
 * - `on`: as the client likes; TDS 8 (`encrypt: 'strict'`) as well.
 * - `required`: a client without encryption is turned away.
 * - `strict-only`: TDS 8 and nothing else.
 */
export type Encryption = 'off' | 'on' | 'required' | 'strict-only';

export interface WireOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly encryption: Encryption;
  /** Needed unless `encryption` is `off`; made for `host` and localhost where none is given. */
  readonly certificate?: Certificate;
  /** Bytes of a packet where the client names none; 4096. */
  readonly packetSize?: number;
  /** Milliseconds a connection may take to log in; 60 000. */
  readonly loginTimeout?: number;
  readonly log?: (line: string) => void;
}

export interface WireServer {
  readonly port: number;
  readonly host: string;
  /** Open connections. */
  connections(): number;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

/** Listens as a SQL Server does: every connection drives one session of the listener. */
export async function serve(_listener: Listener, _options: WireOptions): Promise<WireServer> {
  throw unsupported('the wire yet');
}

import type { SqlError } from '../errors.ts';
import { programName } from '../server/products.ts';
import type { Listener, Session } from '../server/requests.ts';
import { collation } from '../values/index.ts';
import type { BytesOut } from './bytes-out.ts';
import { TDS_80 } from './login7.ts';
import {
  DONE,
  ENVIRONMENT,
  TOKEN,
  writeBytesChange,
  writeDone,
  writeMessage,
  writeTextChange,
} from './tokens.ts';

const information = (number: number, state: number, text: string) =>
  ({ number, state, severity: 0, text, procedure: '', line: 1, now: false }) as const;

/** The reply to a login that succeeded, in the order SQL Server sends it. */
export function writeWelcome(
  out: BytesOut,
  listener: Listener,
  session: Session,
  login: { readonly tdsVersion: number; readonly utf8: boolean },
  packetSize: { readonly now: number; readonly before: number },
): void {
  const { database, collation: name } = session.opened;
  writeTextChange(out, ENVIRONMENT.database, database, 'master');
  writeMessage(out, information(5701, 2, `Changed database context to '${database}'.`), listener.name);
  writeBytesChange(out, ENVIRONMENT.collation, collation(name).wire, new Uint8Array(0));
  writeTextChange(out, ENVIRONMENT.language, 'us_english', '');
  writeMessage(out, information(5703, 1, 'Changed language setting to us_english.'), listener.name);
  writeLoginAck(out, listener, login.tdsVersion);
  if (login.utf8) {
    out.u8(TOKEN.featureAck);
    out.raw(Buffer.from([0x0a, 1, 0, 0, 0, 1, 0xff]));
  }
  writeTextChange(out, ENVIRONMENT.packetSize, String(packetSize.now), String(packetSize.before));
  writeDone(out, TOKEN.done, 0, 0, 0);
}

function writeLoginAck(out: BytesOut, listener: Listener, tdsVersion: number): void {
  out.u8(TOKEN.loginAck);
  const length = out.openU16();
  out.u8(1);
  out.u32be(tdsVersion === TDS_80 ? TDS_80 : tdsVersion);
  out.bVarchar(programName);
  out.u8(listener.version.major);
  out.u8(listener.version.minor);
  out.u16be(listener.version.build);
  out.closeU16(length);
}

/** A login that failed: the error, and a DONE that says so; the connection ends after it. */
export function writeRefusal(out: BytesOut, error: SqlError, server: string): void {
  for (const each of [error, ...error.preceding])
    writeMessage(
      out,
      {
        number: each.number,
        // Why it was refused is told to the server's own log alone.
        state: each.number === 18456 ? 1 : each.state,
        severity: Math.max(each.severity, 11),
        text: each.message,
        procedure: '',
        line: each.line ?? 1,
        now: false,
      },
      server,
    );
  writeDone(out, TOKEN.done, DONE.error, 0, 0);
}

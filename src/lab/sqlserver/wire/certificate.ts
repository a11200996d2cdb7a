import { unsupported } from '../errors.ts';
import type { Certificate } from './serve.ts';

/** A key and a certificate signed with itself, for these host names and addresses; clients trust the certificate itself. */
export async function makeCertificate(_hostNames: readonly string[]): Promise<Certificate> {
  throw unsupported('certificates yet');
}

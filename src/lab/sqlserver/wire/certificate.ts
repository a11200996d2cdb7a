// The certificate library resolves its parts by decorators.
import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const DAY = 86_400_000;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const pem = (label: string, der: ArrayBuffer): string => {
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g);
  return `-----BEGIN ${label}-----\n${(lines ?? []).join('\n')}\n-----END ${label}-----\n`;
};

/**
 * A key and a certificate signed with itself, for these host names and addresses. A client that is to trust it is given
 * the certificate itself as its CA.
 */
export async function makeCertificate(hostNames: readonly string[]): Promise<Certificate> {
  const keys = await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${hostNames[0] ?? 'localhost'}, O=SQL Server double`,
      serialNumber: createHash('sha256')
        .update(`${now} ${hostNames.join(' ')}`)
        .digest('hex')
        .slice(0, 16)
        .replace(/^./, '4'),
      // Clocks of a lab's machines may differ by a day.
      notBefore: new Date(now - DAY),
      notAfter: new Date(now + 365 * DAY),
      keys,
      signingAlgorithm: CURVE,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(
          hostNames.map(name => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name }) as const),
        ),
      ],
    },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: pem('PRIVATE KEY', key), cert: pem('CERTIFICATE', certificate.rawData) };
}

import ssh2 from 'ssh2';

export interface KeyPair {
  /** OpenSSH private key file. */
  readonly private: string;
  /** One line: type, base64, comment. */
  readonly public: string;
}

export function makeHostKey(comment: string): KeyPair {
  const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
  return { private: pair.private, public: pair.public };
}

/** The public half of a private key, as in a .pub file. */
export function publicHalf(privateKey: string): string {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined) throw new Error('no key in the file');
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}

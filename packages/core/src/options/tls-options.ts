import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { MillraceError } from '../errors/millrace-error';

/** Certificates of a connection, as configuration writes them. */
export const tlsOptions = z.strictObject({
  ca: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('Certificates to trust, as PEM text or paths of files. Default: those Node.js trusts.'),
  cert: z.string().optional().describe("The client's own certificate, as PEM text or path. Default: none."),
  key: z.string().optional().describe('Private key of `cert`, as PEM text or path. Default: none.'),
  passphrase: z.string().optional().describe('Opens `key` where it is encrypted. Default: none.'),
  servername: z.string().optional().describe("Name the broker's certificate must bear. Default: the host's name."),
  rejectUnauthorized: z
    .boolean()
    .default(true)
    .describe('Whether an untrusted certificate ends the connection. Default true; false is for trials only.'),
});

export type TlsOptions = z.output<typeof tlsOptions>;

/** The same as Node.js takes them, with files read. @throws MillraceError CONFIGURATION_INVALID naming what cannot be read */
export function tlsSettings({ ca, cert, key, passphrase, servername, rejectUnauthorized }: TlsOptions) {
  return {
    rejectUnauthorized,
    ...(ca !== undefined && { ca: [ca].flat().map((each) => pem('ca', each)) }),
    ...(cert !== undefined && { cert: pem('cert', cert) }),
    ...(key !== undefined && { key: pem('key', key) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
  };
}

function pem(name: keyof TlsOptions, value: string): string {
  if (value.includes('-----BEGIN')) return value;
  try {
    return readFileSync(value, 'utf8');
  } catch (cause) {
    // The value may be a key that lacks its first line: it is not repeated here.
    const code = (cause as NodeJS.ErrnoException).code;
    throw new MillraceError(
      'CONFIGURATION_INVALID',
      `ssl.${name} is neither PEM text nor a file that can be read (${code})`,
    );
  }
}

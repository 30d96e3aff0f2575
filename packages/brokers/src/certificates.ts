import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './run-program';

/** A certificate and its key, as PEM files. */
export interface Identity {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Both in one file. */
  readonly bothFile: string;
}

/** Certificates of an authority that nobody knows, for a broker on this machine and for one client of it. */
export interface Certificates {
  readonly authorityFile: string;
  /** The authority's certificate as text: what a client has to trust. */
  readonly authority: string;
  readonly server: Identity;
  readonly client: Identity;
}

export interface CertificateOptions {
  /** The client's common name. */
  readonly clientName?: string;
  /** What the server's certificate is valid for. */
  readonly serverNames?: readonly string[];
}

const DAYS = '7';
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export async function createCertificates(folder: string, options: CertificateOptions = {}): Promise<Certificates> {
  const { clientName = 'millrace-client', serverNames = ['DNS:localhost', 'IP:127.0.0.1'] } = options;
  mkdirSync(folder, { recursive: true });
  const authorityFile = join(folder, 'authority.pem');
  await openssl(folder, [
    ...['req', '-x509', ...NEW_KEY, '-keyout', 'authority.key', '-out', 'authority.pem', '-days', DAYS],
    ...['-subj', '/CN=Millrace development authority', '-addext', 'basicConstraints=critical,CA:TRUE'],
  ]);
  const server = await issue(folder, 'server', 'localhost', serverNames);
  const client = await issue(folder, 'client', clientName, [`DNS:${clientName}`]);
  return { authorityFile, authority: readFileSync(authorityFile, 'utf8'), server, client };
}

async function issue(
  folder: string,
  name: string,
  commonName: string,
  alternatives: readonly string[],
): Promise<Identity> {
  const request = ['req', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${commonName}`];
  await openssl(folder, request);
  writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${alternatives.join()}\n`);
  await openssl(folder, [
    ...['x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, '-days', DAYS, '-extfile', `${name}.ext`],
    ...['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial'],
  ]);
  const certificateFile = join(folder, `${name}.pem`);
  const keyFile = join(folder, `${name}.key`);
  const bothFile = join(folder, `${name}-both.pem`);
  writeFileSync(bothFile, readFileSync(keyFile, 'utf8') + readFileSync(certificateFile, 'utf8'));
  return { certificateFile, keyFile, bothFile };
}

async function openssl(cwd: string, args: readonly string[]): Promise<void> {
  await runProgram('openssl', args, { cwd });
}

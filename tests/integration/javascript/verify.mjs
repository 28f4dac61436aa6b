// Verifies credentials with Digital Bazaar's libraries, from files only.
//
// node verify.mjs FOLDER BASE_URL CONTEXTS.json < LINES > VERDICTS
// LINES: {"name", "credential"}; VERDICTS: {"name", "verified", "revoked", "error"}, in the same order.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';

import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as rdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {createVerifyCryptosuite as jcs} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {verifyCredential} from '@digitalbazaar/vc';

const [folder, baseUrl, contextsFile] = process.argv.slice(2);
const contexts = JSON.parse(readFileSync(contextsFile));
const multikey = 'https://w3id.org/security/multikey/v1';

const published = name => JSON.parse(readFileSync(join(folder, name)));

function find(url) {
  if(url in contexts) {
    return contexts[url];
  }
  if(url.startsWith('did:web:')) {
    const issuer = published('did.json');
    if(url === issuer.id) {
      return issuer;
    }
    const method = issuer.verificationMethod.find(({id}) => id === url);
    if(method) {
      return {'@context': multikey, ...method};
    }
  }
  if(url.startsWith(`${baseUrl}/`)) {
    return published(url.slice(baseUrl.length + 1));
  }
  throw new Error(`${url} is not published here, and nothing is fetched`);
}

const documentLoader = async url => ({contextUrl: null, documentUrl: url, document: find(url)});
const suite = [rdfc, jcs()].map(cryptosuite => new DataIntegrityProof({cryptosuite}));

for await (const line of createInterface({input: process.stdin})) {
  const {name, credential} = JSON.parse(line);
  const result = await verifyCredential({credential, suite, documentLoader, checkStatus});
  // The library answers true for a revoked credential: whether its bit is set stands apart.
  const statuses = result.statusResult?.results ?? [];
  const errors = [result.error, result.statusResult?.error, ...(result.results ?? []).map(({error}) => error)];
  console.log(JSON.stringify({
    name,
    verified: result.verified && (result.results ?? []).every(({verified}) => verified),
    revoked: statuses.some(({status}) => status),
    error: errors.filter(Boolean).map(error => [error.message, ...(error.errors ?? [])].join(': ')).join('; ') || null
  }));
}

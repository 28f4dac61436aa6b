// Verifies credentials with the libraries of Digital Bazaar and of the Digital Credentials Consortium, and checks
// their form with LearnCard's types; from files only.
//
// node verify.mjs FOLDER BASE_URL CONTEXTS.json < LINES > VERDICTS
// LINES: {"name", "credential"}; VERDICTS, in the same order: {"name", "bazaar", "consortium", "form"}, the first two
// with {"verified", "revoked", "error"}, "form" null or what is wrong.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';

import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as rdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {createVerifyCryptosuite as jcs} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {verifyCredential as verifyWithBazaar} from '@digitalbazaar/vc';
import {verifyCredential as verifyWithConsortium} from '@digitalcredentials/verifier-core';
import {AchievementCredentialValidator} from '@learncard/types';

const [folder, baseUrl, contextsFile] = process.argv.slice(2);
const contexts = JSON.parse(readFileSync(contextsFile));
const multikey = 'https://w3id.org/security/multikey/v1';
const schemas = 'https://purl.imsglobal.org/spec/ob/v3p0/schema/';

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

// The Consortium's library has its own document loader, which fetches.
globalThis.fetch = async request => {
  const url = String(request.url ?? request);
  try {
    // 1EdTech's schema is in no registry; LearnCard's types stand in for it.
    const document = url.startsWith(schemas) ? {} : find(url);
    return new Response(JSON.stringify(document), {headers: {'content-type': 'application/json'}});
  } catch(error) {
    return new Response(error.message, {status: 404});
  }
};

async function askBazaar(credential) {
  const suite = [rdfc, jcs()].map(cryptosuite => new DataIntegrityProof({cryptosuite}));
  const result = await verifyWithBazaar({credential, suite, documentLoader, checkStatus});
  // The library answers true for a revoked credential: whether its bit is set stands apart.
  const statuses = result.statusResult?.results ?? [];
  const errors = [result.error, result.statusResult?.error, ...(result.results ?? []).map(({error}) => error)];
  return {
    verified: result.verified && (result.results ?? []).every(({verified}) => verified),
    revoked: statuses.some(({status}) => status),
    error: errors.filter(Boolean).map(error => [error.message, ...(error.errors ?? [])].join(': ')).join('; ') || null
  };
}

async function askConsortium(credential) {
  const {log = [], errors = []} = await verifyWithConsortium({credential, knownDIDRegistries: []});
  const steps = Object.fromEntries(log.map(({id, valid, error}) => [id, error ? error.name : valid]));
  return {
    verified: errors.length === 0 && steps.valid_signature === true && steps.expiration !== false &&
      typeof (steps.revocation_status ?? true) === 'boolean',
    revoked: steps.revocation_status === false,
    error: errors.map(({message}) => message).join('; ') || null
  };
}

for await (const line of createInterface({input: process.stdin})) {
  const {name, credential} = JSON.parse(line);
  // Each gets a copy: the libraries change what they are given.
  const bazaar = await askBazaar(structuredClone(credential));
  const consortium = await askConsortium(structuredClone(credential));
  const form = AchievementCredentialValidator.safeParse(credential).error?.message ?? null;
  console.log(JSON.stringify({name, bazaar, consortium, form}));
}

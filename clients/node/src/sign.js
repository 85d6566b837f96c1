// Signs requests for API Gateway's AWS_IAM authorization.

import { createHash, createHmac } from "node:crypto";

import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { SignatureV4 } from "@smithy/signature-v4";

/** SHA-256 as the signer wants it: with a key it is an HMAC. */
class Sha256 {
  constructor(key) {
    this.hash = key ? createHmac("sha256", key) : createHash("sha256");
  }
  update(data) {
    this.hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.hash.digest());
  }
}

export class Signer {
  #signer;

  constructor(region, credentials = defaultProvider()) {
    this.#signer = new SignatureV4({ service: "execute-api", region, credentials, sha256: Sha256 });
  }

  /** Returns what fetch takes: url, method, headers, body. */
  async sign({ method, url, query, headers, body }) {
    const { hostname, protocol, pathname: path } = url;
    const port = url.port ? Number(url.port) : undefined;
    const named = { ...headers, host: url.host };
    const signed = await this.#signer.sign({ method, protocol, hostname, port, path, query, body, headers: named });
    const { host, ...sent } = signed.headers; // fetch sets it, to the same
    const target = new URL(url);
    target.search = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
    return { method, url: target, headers: sent, body };
  }
}

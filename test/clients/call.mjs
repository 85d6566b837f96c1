// Makes calls of the admin API with the Node client: a call a line comes in, what
// came of it goes out.

import { createInterface } from "node:readline";

import { Admin, AdminError } from "@latchkey-auth/backend";

const admin = new Admin();

async function made({ node, args = [], kwargs }) {
  try {
    return { result: (await admin[node](...args, ...(kwargs ? [kwargs] : []))) ?? null };
  } catch (error) {
    const { status, code, detail } = error;
    return { error: error instanceof AdminError ? { status, code, detail } : { detail: error.message } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await made(JSON.parse(line))));
}

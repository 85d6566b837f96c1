// Serves the function on this machine as Lambda's Invoke API does: an event
// comes in by POST, the answer goes out. For the local run's flag -invoke.
//
//   node serve.mjs PORT

import { createServer } from "node:http";

import { handler } from "./index.mjs";

async function invoke(request, response) {
  try {
    const chunks = await request.toArray();
    const answer = await handler(JSON.parse(Buffer.concat(chunks).toString()));
    response.end(JSON.stringify(answer ?? null));
  } catch (error) {
    console.error(error);
    response.setHeader("X-Amz-Function-Error", "Unhandled");
    response.end(JSON.stringify({ errorMessage: error.message, errorType: error.name }));
  }
}

const server = createServer(invoke).listen(Number(process.argv[2]), "127.0.0.1", () => {
  console.log(`Serving on http://127.0.0.1:${server.address().port}`);
});

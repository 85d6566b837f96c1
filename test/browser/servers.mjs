// What stands around the browser: the API as a process, a proxy in front of it
// that can lose an answer, and the server of the page.
import { spawn, execFileSync } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import fs from "node:fs";
import * as esbuild from "esbuild";

const root = path.resolve(import.meta.dirname, "../..");

// listen starts a server on a free loopback port and returns the port.
async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

// close ends a server and every connection it still has.
function close(server) {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
}

// startPage bundles a script and serves a page with it, under every path.
export async function startPage(file = "app.mjs", host = "app.latchkey.test") {
  const bundle = await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, file)],
    bundle: true, write: false, format: "esm", platform: "browser", jsx: "automatic", logLevel: "error",
  });
  const script = bundle.outputFiles[0].text;
  const server = http.createServer((request, response) => {
    if (request.url === "/app.js") {
      response.setHeader("content-type", "text/javascript");
      return response.end(script);
    }
    response.setHeader("content-type", "text/html");
    response.end('<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/app.js"></script>');
  });
  const port = await listen(server);
  return { origin: `http://${host}:${port}`, stop: () => close(server) };
}

const binaries = fs.mkdtempSync(path.join(os.tmpdir(), "latchkey-"));
process.on("exit", () => fs.rmSync(binaries, { recursive: true, force: true }));

// build builds a command in Go, once, and returns the binary.
export function build(folder) {
  const binary = path.join(binaries, path.basename(folder));
  if (!fs.existsSync(binary)) execFileSync("go", ["build", "-o", binary, folder], { cwd: root, stdio: "inherit" });
  return binary;
}

// startAPI builds and starts the local run with the given template parameters
// and returns its address and the key of its administrator. All share the
// DynamoDB there is, but one that is to stand alone. more are flags.
export async function startAPI(parameters, { alone = false, more = [] } = {}) {
  const args = ["-addr", "127.0.0.1:0", ...more];
  if (process.env.DYNAMODB_ENDPOINT && !alone) args.push("-dynamodb", process.env.DYNAMODB_ENDPOINT);
  for (const [name, value] of Object.entries(parameters)) args.push("-set", `${name}=${value}`);
  const child = spawn(build("./cmd/local"), args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });

  let printed = "", log = "";
  const ready = new Promise((resolve, reject) => {
    const read = (chunk) => {
      printed += chunk;
      const url = printed.match(/Latchkey on (http:\/\/\S+)/);
      const key = printed.match(/--user '?([A-Za-z0-9]+:[A-Za-z0-9]+)/);
      if (url && key) resolve({ url: url[1], admin: key[1] });
    };
    child.stdout.on("data", read);
    child.stderr.on("data", (chunk) => {
      log += chunk;
      read(chunk);
    });
    child.on("exit", (code) => reject(new Error(`the local run ended with ${code}:\n${printed}`)));
  });
  const { url, admin } = await ready;
  return {
    url,
    key: admin.split(":"),
    admin: (method, target, body) => adminCall(url, admin, method, target, body),
    invoke: (name, event) => invoke(url, name, event),
    log: () => log,
    async stop() {
      child.kill("SIGINT");
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

// adminCall makes one SigV4-signed request, as an operator would with curl.
function adminCall(url, key, method, target, body) {
  const args = ["-sS", "-X", method, "-w", "\n%{http_code}", "--aws-sigv4", "aws:amz:us-east-1:execute-api", "--user", key];
  if (body !== undefined) args.push("-H", "content-type: application/json", "--data", JSON.stringify(body));
  const lines = execFileSync("curl", [...args, url + target], { encoding: "utf8" }).split("\n");
  const status = Number(lines.pop());
  return { status, body: lines.join("\n") };
}

// invoke calls a function by Lambda's Invoke API, as an operator would.
async function invoke(url, name, event) {
  const answer = await fetch(`${url}/2015-03-31/functions/${name}/invocations`, { method: "POST", body: JSON.stringify(event) });
  if (answer.headers.has("x-amz-function-error")) throw new Error(`${name}: ${await answer.text()}`);
  return answer.json();
}

// startProxy forwards to the API, keeps a list of what passed, and loses
// answers on demand: the API has done its work, the browser never hears of it.
// It can also hold answers back until there are several to the same URL.
// attached names an API beside Latchkey's own, which has every path but
// Latchkey's, as by the mappings of a custom domain. secrets gets all the
// tokens that pass.
export async function startProxy(target, { host = "api.latchkey.test", attached, secrets = new Set() } = {}) {
  const passed = [];
  const lost = [];
  const gathering = { url: "", count: 0, held: [] };
  // gathered ends once as many answers are here as are to leave together.
  const gathered = ({ url, method }) => new Promise((leave) => {
    if (url !== gathering.url || method === "OPTIONS") return leave();
    if (gathering.held.push(leave) < gathering.count) return;
    gathering.url = "";
    gathering.held.splice(0).forEach((leave) => leave());
  });
  const server = http.createServer((request, response) => {
    const { hostname, port } = new URL(target);
    const name = attached && !request.url.startsWith("/auth/") ? attached : hostname;
    const upstream = http.request(
      {
        hostname, port, method: request.method, path: request.url,
        headers: { ...request.headers, host: `${name}:${port}` },
      },
      async (answer) => {
        const chunks = [];
        for await (const chunk of answer) chunks.push(chunk);
        await gathered(request);
        const entry = { method: request.method, path: request.url, status: answer.statusCode };
        const index = lost.indexOf(request.url);
        if (index >= 0 && request.method !== "OPTIONS") {
          lost.splice(index, 1);
          passed.push({ ...entry, lost: true });
          return request.socket.destroy();
        }
        passed.push(entry);
        tokens(answer).forEach((token) => secrets.add(token));
        response.writeHead(answer.statusCode, rawHeaders(answer));
        response.end(Buffer.concat(chunks));
      },
    );
    upstream.on("error", () => request.socket.destroy());
    request.pipe(upstream);
  });
  const port = await listen(server);
  return {
    origin: `http://${host}:${port}`,
    loseNext: (url) => lost.push(url),
    gather: (url, count) => Object.assign(gathering, { url, count }),
    refreshes: (since = 0) => passed.slice(since).filter((r) => r.path === "/auth/session/refresh" && r.method === "POST"),
    mark: () => passed.length,
    seen: (mark) => passed.slice(mark).filter((r) => r.method !== "OPTIONS").map((r) => `${r.method} ${r.path} ${r.status}`),
    stop: () => close(server),
  };
}

// rawHeaders keeps each Set-Cookie on its own, as it came.
function rawHeaders(answer) {
  const headers = {};
  for (const [name, values] of Object.entries(answer.headersDistinct)) {
    if (name !== "connection" && name !== "transfer-encoding") headers[name] = values;
  }
  return headers;
}

// tokens are those in an answer's headers and cookies.
function tokens({ headers }) {
  const cookies = (headers["set-cookie"] ?? []).map((line) => decodeURIComponent(line.slice(line.indexOf("=") + 1, line.indexOf(";"))));
  return [headers["st-access-token"], headers["st-refresh-token"], ...cookies].filter((token) => token?.length > 12);
}

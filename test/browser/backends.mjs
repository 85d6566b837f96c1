// Backends with sessions in their hands: the notes of examples/ in Node.js and
// Python, and the same in Go. Each is a process that takes Lambda's Invoke API,
// as the function of an API that attaches Latchkey's authorizer.
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import readline from "node:readline";
import { build } from "./servers.mjs";

const root = path.resolve(import.meta.dirname, "../..");

// commands start the backends; the last argument is a port.
const commands = {
  Go: () => [build("./test/browser/notes")],
  "Node.js": () => [process.execPath, "examples/notes-node/serve.mjs"],
  Python: () => [process.env.PYTHON ?? "python3", "examples/notes-python/serve.py"],
};

export const languages = Object.keys(commands);

// notesAPI returns what the local run needs to attach the API, for pages of an
// origin: the template of one example, which is that of all but for the runtime.
export async function notesAPI(origin) {
  const port = await freePort();
  return {
    port,
    host: "notesapi.localhost",
    parameters: { AllowedOrigin: origin },
    more: ["-template", "examples/notes-node/template.yaml", "-invoke", `NotesNodeFunction=http://127.0.0.1:${port}`],
  };
}

// startBackend starts one that calls the admin API, and returns what ends it.
export async function startBackend(language, port, { url, key: [id, secret] }) {
  const [command, ...args] = commands[language]();
  const env = {
    ...process.env, LATCHKEY_URL: url, AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: "",
  };
  const child = spawn(command, [...args, port], { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [line] = await Promise.race([once(readline.createInterface(child.stdout), "line"), ended]);
  if (!String(line).startsWith("Serving on ")) throw new Error(`the backend in ${language} ended with ${line}`);
  return async () => {
    child.kill();
    await ended;
  };
}

// freePort returns a loopback port on which nobody listens.
async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

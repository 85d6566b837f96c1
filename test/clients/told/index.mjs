// A backend that does with its caller's session what the body tells it.

import { Latchkey } from "@latchkey-auth/backend";

const latchkey = new Latchkey();

async function told(session, { body }) {
  const { calls, answer } = JSON.parse(body);
  for (const [name, ...args] of calls) await session[name](...args);
  return answer;
}

const start = async (event) => {
  const session = await latchkey.start(event, { userId: "u1", epoch: "0.0" });
  return session.answer(await told(session, event));
};

const signedIn = latchkey.withSession(told);

export const handler = (event) => (JSON.parse(event.body).start ? start(event) : signedIn(event));

// The page under test: the unmodified SuperTokens clients, and a window.app
// through which the tests drive them.
import SuperTokens from "supertokens-web-js";
import Session from "supertokens-web-js/recipe/session";
import EmailPassword from "supertokens-web-js/recipe/emailpassword";
import Website from "supertokens-website";
import { call } from "./call.mjs";

const { api, mode, client } = Object.fromEntries(new URLSearchParams(location.search));
const events = [];
const onHandleEvent = (event) => events.push(event.action);

if (client === "website") {
  Website.init({ apiDomain: api, tokenTransferMethod: mode, onHandleEvent });
} else {
  SuperTokens.init({
    appInfo: { appName: "Latchkey test", apiDomain: api, apiBasePath: "/auth" },
    recipeList: [Session.init({ tokenTransferMethod: mode, onHandleEvent }), EmailPassword.init()],
  });
}
const session = client === "website" ? Website : Session;

const fields = (email, password) => [
  { id: "email", value: email },
  { id: "password", value: password },
];

// post calls a sign-in route as an app without the web-js recipes does.
async function post(path, email, password) {
  const answer = await fetch(`${api}/auth${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ formFields: fields(email, password) }),
  });
  return answer.json();
}

window.app = {
  events,
  call: (...request) => call(api, ...request),
  calls: (times, ...request) => Promise.all(Array.from({ length: times }, () => call(api, ...request))),
  signUp: (email, password) =>
    client === "website" ? post("/signup", email, password) : EmailPassword.signUp({ formFields: fields(email, password) }),
  signIn: (email, password) =>
    client === "website" ? post("/signin", email, password) : EmailPassword.signIn({ formFields: fields(email, password) }),
  emailExists: (email) => EmailPassword.doesEmailExist({ email }),
  signOut: () => session.signOut(),
  exists: () => session.doesSessionExist(),
  user: () => session.getUserId(),
  payload: () => session.getAccessTokenPayloadSecurely(),
  refresh: () => session.attemptRefreshingSession(),
};
document.title = "ready";

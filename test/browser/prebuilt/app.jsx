// An application of which only the front page is its own: signing in and up is
// left to SuperTokens' prebuilt pages, unmodified, below /auth. The test says in
// window.config where the API is, how tokens travel and which recipes there are.
import { createRoot } from "react-dom/client";
import SuperTokens, { SuperTokensWrapper } from "supertokens-auth-react";
import EmailPassword from "supertokens-auth-react/recipe/emailpassword";
import { EmailPasswordPreBuiltUI } from "supertokens-auth-react/recipe/emailpassword/prebuiltui";
import EmailVerification from "supertokens-auth-react/recipe/emailverification";
import { EmailVerificationPreBuiltUI } from "supertokens-auth-react/recipe/emailverification/prebuiltui";
import Session, { SessionAuth, useSessionContext } from "supertokens-auth-react/recipe/session";
import ThirdParty from "supertokens-auth-react/recipe/thirdparty";
import { ThirdPartyPreBuiltUI } from "supertokens-auth-react/recipe/thirdparty/prebuiltui";
import { canHandleRoute, getRoutingComponent } from "supertokens-auth-react/ui";
import { call } from "../call.mjs";

const { api, mode, verification, provider } = window.config;
const pages = [EmailPasswordPreBuiltUI];
const recipes = [EmailPassword.init(), Session.init({ tokenTransferMethod: mode })];
if (verification) {
  pages.push(EmailVerificationPreBuiltUI);
  recipes.push(EmailVerification.init({ mode: verification }));
}
if (provider) {
  pages.push(ThirdPartyPreBuiltUI);
  recipes.push(ThirdParty.init({ signInAndUpFeature: { providers: [provider] } }));
}

SuperTokens.init({
  appInfo: { appName: "Notes", apiDomain: api, apiBasePath: "/auth", websiteDomain: location.origin },
  recipeList: recipes,
});

function Front() {
  const { userId } = useSessionContext();
  const signOut = async () => {
    await Session.signOut();
    SuperTokens.redirectToAuth();
  };
  return (
    <main>
      <h1>Hello, {userId}</h1>
      <button onClick={signOut}>Sign out</button>
    </main>
  );
}

window.app = { call: (...request) => call(api, ...request) };
createRoot(document.body.appendChild(document.createElement("div"))).render(
  <SuperTokensWrapper>
    {canHandleRoute(pages) ? getRoutingComponent(pages) : <SessionAuth><Front /></SessionAuth>}
  </SuperTokensWrapper>,
);

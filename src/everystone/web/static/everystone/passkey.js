// The one script of the site: asks the browser for a passkey, and sends what it answers with the form. Only on the pages of
// passkeys; everything else works without. Bytes go between as base64url, as WebAuthn's own JSON has them.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function meant(options) {
  const said = { ...options, challenge: bytes(options.challenge) };
  if (said.user) said.user = { ...said.user, id: bytes(said.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (said[list]) said[list] = said[list].map((each) => ({ ...each, id: bytes(each.id) }));
  }
  return said;
}

function answered(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    authenticatorAttachment: credential.authenticatorAttachment, clientExtensionResults: credential.getClientExtensionResults(),
  };
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("[data-ask]");
  const fault = form.querySelector("[data-fault]");
  form.querySelector("[data-with]").hidden = false;
  form.querySelector("[data-without]").hidden = true;
  button.addEventListener("click", async () => {
    fault.hidden = true;
    try {
      const publicKey = meant(JSON.parse(form.dataset.options).publicKey);
      const made = form.dataset.passkey === "make";
      const credential = await (made ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
      form.elements.credential.value = JSON.stringify(answered(credential));
      form.submit();
    } catch {
      fault.hidden = false;
    }
  });
}

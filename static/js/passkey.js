// Passkeys: adds a button beside the app's code, and makes a new key on the own page. Without script the code remains.

const offered = window.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined;
if (offered) {
  for (const node of document.querySelectorAll("[data-passkey]")) show(node, shown);
  for (const node of document.querySelectorAll("[data-new-passkey]")) show(node, made);
}

/** Show the passkey's part of a form; its button does ``act`` and then sends the form. */
function show(node, act) {
  const part = node.querySelector(".factor-passkey");
  const [button, failed] = [part.querySelector("button"), part.querySelector("[role=status]")];
  part.hidden = false;
  button.addEventListener("click", async () => {
    failed.textContent = "";
    try {
      const credential = await act(node);
      const form = node.closest("form");
      form.elements[node.dataset.field].value = JSON.stringify(credential.toJSON());
      form.noValidate = true;
      form.requestSubmit();
    } catch {
      failed.textContent = failed.dataset.failed; // refused, cancelled, or too late: the person may try again
    }
  });
}

async function shown(node) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await ask(node, node.dataset.passkey));
  return navigator.credentials.get({ publicKey });
}

async function made(node) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await ask(node, node.dataset.newPasskey));
  return navigator.credentials.create({ publicKey });
}

/** Ask the portal for a question to put to the key; it belongs to this session and is good once. */
async function ask(node, address) {
  const headers = { "X-CSRFToken": node.closest("form").elements.csrf_token.value };
  const answer = await fetch(address, { method: "POST", headers });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
